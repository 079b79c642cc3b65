"""OpenIKED, which speaks PF_KEY with the kernel; one instance, because its socket and key have fixed places."""

import time
from pathlib import Path

from .daemon import Daemon
from .shell import run
from .spec import End

USER = "_iked"
KEY = Path("/etc/iked/private/local.key")
HOME = Path("/run/openiked")
SETTLE_SECONDS = 15


class OpenIked(Daemon):
    """iked in the foreground, as its own unprivileged user with an empty root folder."""

    kind = "openiked"
    tidy = False  # it leaves its bypass policies for IKE
    says_goodbye = False

    def start(self) -> None:
        prepare_guest()
        config = self.folder / "iked.conf"
        config.write_text(configuration(self.end))
        config.chmod(0o600)
        self.process = self.space.spawn("iked", "-d", "-v", "-f", config, log=self.folder / "log")
        self.wait_listening(lambda: ":500 " in self.space.run("ss", "-H", "-u", "-l", "-n"))
        # It listens before it has read its configuration, and then forgets the SAs it has.
        time.sleep(SETTLE_SECONDS)


def prepare_guest() -> None:
    """What its package's scripts would do: the user, its folder, a host key (which a shared key does not use)."""
    run("modprobe", "af_key")
    HOME.mkdir(mode=0o755, exist_ok=True)
    accounts = Path("/etc/passwd")
    if USER not in accounts.read_text():
        with accounts.open("a") as file:
            file.write(f"{USER}:x:64999:65534::{HOME}:/usr/sbin/nologin\n")
    if not KEY.exists():
        run("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", KEY)
        run("openssl", "pkey", "-in", KEY, "-pubout", "-out", "/etc/iked/local.pub")
        KEY.chmod(0o600)


def configuration(end: End) -> str:
    """The one policy, in OpenIKED's language. Debian's build finds no SHA-2 and no AEAD in PF_KEY: ESP with SHA-1."""
    role = "active" if end.initiate else "passive"
    return (f'ikev2 "net" {role} esp from {end.local[0]} to {end.remote[0]} '
            f"local {end.site.outer(end.family)} peer {end.peer.outer(end.family)} "
            "ikesa enc aes-256 auth hmac-sha2-256 prf hmac-sha2-256 group modp2048 "
            "childsa enc aes-256 auth hmac-sha1 "
            f"srcid {end.site.outer(end.family)} dstid {end.peer.outer(end.family)} psk \"{end.secret}\"\n")
