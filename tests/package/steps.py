"""The steps of the installed service's life, in their order."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from bed import kernel
from bed.kernel import associations
from bed.scenario import Bed
from bed.shell import expect, run, wait_for
from bed.spec import ends
from bed.strongswan import StrongSwan
from bed.topology import EAST, WEST, member
from bed.traffic import expect_ping

from .service import CONFIGURATION, FILE, SETTLE_SECONDS, Service

EXPOSURE_MAX = 15  # tenths, as systemd-analyze takes them
WATCHDOG_SECONDS_MAX = 75
APT_SECONDS_MAX = 300
# While this is there, each package makes the index of all manual pages anew.
PAGE_INDEX = Path("/var/lib/man-db/auto-update")
ADDRESSES = [member(site.net4, 2) for site in (WEST, EAST)]
LIMIT_KILOBYTES = 5120
# Somebody else's: neither an upgrade nor a removal may touch them.
FOREIGN_SPI = "0x00001234"
FOREIGN_STATE = ("src", "198.51.100.1", "dst", "198.51.100.2", "proto", "esp", "spi", FOREIGN_SPI)
FOREIGN_POLICY = ("src", "198.51.100.0/24", "dst", "203.0.113.0/24", "dir", "out")
# A tunnel whose interface the administrator routes to.
KEPT, KEPT_NETWORK = "kept", "198.18.0.0/15"
# What a purge leaves: the user, as Debian's packages do, and what the administrator has made.
STAYS = re.compile(r"^/etc/xfrmd(/conf\.d)?$|to-east|credentials\.conf$|xfrmd\.service\.d$|/etc/credentials|"
                   r"journal|^/var/(log|cache/apt|lib/dpkg|backups)|passwd|group|shadow")


def apt(*words: str) -> None:
    """apt-get, which takes longer than any other command under emulation."""
    done = subprocess.run(["apt-get", "--yes", *words], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=APT_SECONDS_MAX,
                          env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    expect(done.returncode == 0, f"apt-get {' '.join(words)}: {done.stdout[-300:]}")


class Course:
    """The machine, its peer, and the steps."""

    def __init__(self, bed: Bed, packages: Path):
        self.bed = bed
        self.packages = packages
        west, east = ends()
        self.xfrmd = bed.daemon(Service, west)
        self.peer = bed.daemon(StrongSwan, east)
        self.space = bed.topology.gateway(WEST)
        self.before: kernel.Snapshot | None = None

    def steps(self, chosen: list[str]) -> list[tuple[str, Callable[[], str | None]]]:
        """Names and actions; an action may return what it has measured. All, or the chosen and what they stand on."""
        actions = (self.install, self.sandbox, self.package_tests, self.first_tunnel, self.journal, self.rekey_by_volume,
                   self.rekey_by_peer, self.on_demand, self.restart, self.crash, self.wrong_configuration, self.hang,
                   self.credential, self.upgrade, self.stop, self.remove, self.purge, self.manual)
        needed = (self.install, self.first_tunnel)
        return [(action.__name__, action) for action in actions
                if not chosen or action in needed or action.__name__ in chosen]

    def deb(self, revision: int) -> str:
        """The package of that revision."""
        return str(next(self.packages.glob(f"xfrmd_*-{revision}_*.deb")))

    def keep_evidence(self) -> None:
        """The whole journal and the kernel's tables, beside the peer's log."""
        self.bed.keep_evidence()
        (self.bed.folder / "journal").write_text(run("journalctl", "--output=short-monotonic"))
        (self.bed.folder / "status").write_text(run("systemctl", "status", "xfrmd.service", "xfrmd.socket", check=False))

    def expect_tunnel(self) -> None:
        """Both kernels have it, and it carries."""
        wait_for(lambda: len(self.spis()) >= 2, SETTLE_SECONDS, lambda: f"no tunnel: {self.xfrmd.log()[-300:]}")
        self.peer.wait_up()
        expect_ping(self.bed.topology.host(WEST), *ADDRESSES)
        expect_ping(self.bed.topology.host(EAST), *reversed(ADDRESSES))

    def expect_own_state_gone(self, moment: str) -> None:
        """The kernel is as it was before the package came."""
        difference = self.before.difference(self.bed.snapshot(WEST))
        expect(not difference, f"{moment}: {difference}")

    def install(self) -> str:
        """The package installs without a network, and its service runs with no tunnel and changes nothing."""
        self.space.ip("xfrm", "state", "add", *FOREIGN_STATE, "mode", "tunnel", "aead", "rfc4106(gcm(aes))",
                      "0x" + 20 * "5a", "128")
        self.space.ip("xfrm", "policy", "add", *FOREIGN_POLICY, "action", "block")
        self.before = self.bed.snapshot(WEST)
        PAGE_INDEX.unlink(missing_ok=True)
        apt("install", self.deb(1))
        expect(self.xfrmd.property("ActiveState") == "active", "the service does not run: " + self.xfrmd.log())
        expect(self.xfrmd.property("UnitFileState") == "enabled", "the service is not enabled")
        expect(len(self.xfrmd.sockets()) == 4, f"sockets: {self.xfrmd.sockets()}")
        self.expect_own_state_gone("without a tunnel")
        return run("xfrmd", "--version").strip() + ", systemd " + run("systemctl", "--version").split()[1]

    def sandbox(self) -> str:
        """What the process may do, and what systemd thinks of it."""
        self.xfrmd.expect_privileges()
        shown = run("systemd-analyze", "security", f"--threshold={EXPOSURE_MAX}", "--no-pager", "xfrmd.service")
        folder = run("stat", "--format=%a %U:%G", CONFIGURATION).strip()
        expect(folder == "2750 root:xfrmd", f"/etc/xfrmd is {folder}")
        return re.search(r"exposure level.*?: ([\d.]+)", shown).group(1)

    def package_tests(self) -> str:
        """Those that the package brings along."""
        tests = sorted(path for path in Path("/checkout/packaging/debian/tests").iterdir() if path.name != "control")
        for test in tests:
            run(test)
        return ", ".join(test.name for test in tests)

    def first_tunnel(self) -> None:
        """A file is dropped in, the service is reloaded, and the tunnel carries."""
        self.peer.start()
        self.xfrmd.configure()
        self.xfrmd.reload()
        self.expect_tunnel()

    def journal(self) -> str:
        """The journal tells what happened, with the fields by which it is found."""
        said = run("journalctl", "--quiet", "XFRMD_PHASE1=to-east", "--output=cat")
        expect("established" in said, f"the journal of the tunnel: {said[-200:]}")
        explained = run("journalctl", "--quiet", "--unit=xfrmd", "--catalog", "--output=short")
        expect("xfrmd" in explained, "nothing in the unit's journal")
        lines = len(re.findall(r"^(?:--|\u2591\u2591) ", explained, re.MULTILINE))
        expect(lines > 0, "the catalogue explains nothing")
        return f"{len(said.splitlines())} entries, {lines} lines of explanation"

    def spis(self) -> set[str]:
        """The SPIs of this machine's tunnel."""
        return {one.spi for one in associations(self.space)} - {FOREIGN_SPI}

    def expect_new_keys(self, old: set[str], reason: str) -> None:
        """All SPIs are other ones, and the tunnel carries."""
        wait_for(lambda: len(self.spis() - old) >= 2 and not self.spis() & old, SETTLE_SECONDS, reason)
        self.expect_tunnel()

    def rekey_by_volume(self) -> None:
        """xfrmd asks for new keys before its kilobytes are over."""
        self.xfrmd.configure(phase2={"keylife-type": "kbs", "keylifekbs": LIMIT_KILOBYTES})
        self.xfrmd.reload()
        self.expect_tunnel()
        old = self.spis()
        self.bed.topology.host(WEST).run("ping", "-q", "-f", "-c", "4000", "-s", "1300", ADDRESSES[1], check=False)
        self.expect_new_keys(old, "no new keys after the kilobytes were over")

    def rekey_by_peer(self) -> None:
        """The peer asks for new keys of both SAs."""
        old = self.spis()
        self.peer.rekey_child()
        self.expect_new_keys(old, "no new keys when the peer asks")
        mark = self.xfrmd.cursor()
        self.peer.rekey_ike()
        self.xfrmd.wait_said(r"IKE SA \S+ rekeyed as", mark)
        self.expect_tunnel()

    def on_demand(self) -> None:
        """A reload leaves it up; once the peer has ended it, the first packet starts it."""
        self.xfrmd.configure(phase2={"auto-negotiate": False})
        self.xfrmd.reload()
        self.expect_tunnel()
        self.peer.delete()
        # What the reload's rekey has replaced stays for packets on their way.
        wait_for(lambda: not self.spis(), SETTLE_SECONDS, "associations after the peer's DELETE")
        time.sleep(2)
        expect(not self.spis(), "associations without a packet")
        self.bed.topology.host(WEST).run("ping", "-q", "-c", "1", "-W", "1", ADDRESSES[1], check=False)
        self.expect_tunnel()

    def restart(self) -> None:
        """The sockets stay open all the while, so that no peer is told that the port is closed."""
        self.xfrmd.configure()
        before = self.xfrmd.sockets()
        self.xfrmd.restart()
        expect(self.xfrmd.sockets() == before, f"other sockets: {before}, {self.xfrmd.sockets()}")
        self.expect_tunnel()

    def crash(self) -> None:
        """It comes back by itself, with the same sockets, and clears up what it has left."""
        before, process, old = self.xfrmd.sockets(), self.xfrmd.process_id(), self.spis()
        os.kill(process, signal.SIGKILL)
        wait_for(lambda: self.xfrmd.process_id() not in (0, process), SETTLE_SECONDS, "it does not come back")
        self.expect_new_keys(old, "no new tunnel after a crash")
        expect(self.xfrmd.sockets() == before, "other sockets after a crash")

    def wrong_configuration(self) -> None:
        """A reload refuses it; a start with it fails for good, and its sockets are closed."""
        right = FILE.read_text()
        spis = self.spis()
        FILE.write_text(right.replace('"proposal"', '"proposals"'))
        self.xfrmd.expect_reload_refused("proposal")
        expect(self.spis() == spis, "a refused configuration has changed something")
        FILE.write_text(right)
        FILE.chmod(0o600)
        said = run("xfrmd", "--check")
        expect("service's user" in said and FILE.name in said, f"no word of a file that only root reads: {said}")
        FILE.chmod(0o640)
        self.xfrmd.reload()
        expect("refused" not in self.xfrmd.property("StatusText"), "the status still says that it is refused")
        FILE.write_text(right.replace('"proposal"', '"proposals"'))
        run("systemctl", "restart", "xfrmd", check=False)
        wait_for(lambda: self.xfrmd.property("ActiveState") == "failed", SETTLE_SECONDS, "it starts with a wrong file")
        expect(self.xfrmd.property("ExecMainStatus") == "3", "another status than that for a wrong configuration")
        wait_for(lambda: not self.xfrmd.sockets(), SETTLE_SECONDS, "its sockets wait although it cannot start")
        FILE.write_text(right)
        self.xfrmd.start()
        self.expect_tunnel()

    def hang(self) -> str:
        """A loop that no longer turns is noticed, ended, and begun anew."""
        start, process, old = time.monotonic(), self.xfrmd.process_id(), self.spis()
        os.kill(process, signal.SIGSTOP)
        wait_for(lambda: self.xfrmd.process_id() not in (0, process), WATCHDOG_SECONDS_MAX, "nobody notices a hang")
        seconds = time.monotonic() - start
        self.expect_new_keys(old, "no new tunnel after a hang")
        return f"back after {seconds:.0f} s"

    def credential(self) -> None:
        """A secret that only root can read reaches the daemon as a credential of the service."""
        secret = Path("/etc/credentials-to-east")
        secret.write_text(self.peer.end.secret + "\n")
        secret.chmod(0o600)
        drop_in = Path("/etc/systemd/system/xfrmd.service.d/credentials.conf")
        drop_in.parent.mkdir()
        drop_in.write_text(f"[Service]\nLoadCredential=to-east:{secret}\n")
        self.xfrmd.configure(secret={"credential": "to-east"})
        run("systemctl", "daemon-reload")
        self.xfrmd.restart()
        self.expect_tunnel()

    def upgrade(self) -> str:
        """A higher version takes over: the service runs it, its tunnel is up, others' state is untouched."""
        self.make_kept()
        process, mark = self.xfrmd.process_id(), self.xfrmd.cursor()
        apt("install", self.deb(2))
        expect(self.xfrmd.process_id() not in (0, process), "the service was not restarted")
        self.xfrmd.wait_said("has started", mark)
        self.expect_tunnel()
        self.expect_foreign()
        expect(KEPT_NETWORK in self.space.ip("route"), "the upgrade has taken a route from a tunnel's interface")
        return run("dpkg-query", "--show", "--showformat=${Version}", "xfrmd")

    def make_kept(self) -> None:
        """A tunnel with an interface of its own, and an administrator's route on that."""
        tunnel = {"interface": "lo", "local-gw": "127.0.0.1", "remote-gw": "127.0.0.99", "psksecret": "nobody's secret",
                  "proposal": "aes128gcm-prfsha256"}
        phase2 = {"phase1name": KEPT, "proposal": "aes128gcm", "dst-subnet": KEPT_NETWORK}
        file = CONFIGURATION / f"conf.d/{KEPT}.json"
        file.write_text(json.dumps({"phase1-interface": {KEPT: tunnel}, "phase2-interface": {KEPT: phase2}}))
        file.chmod(0o640)
        self.xfrmd.reload()
        wait_for(lambda: KEPT in kernel.devices(self.space), SETTLE_SECONDS, "no interface after a reload")
        self.space.ip("route", "add", KEPT_NETWORK, "dev", KEPT)

    def expect_foreign(self) -> None:
        """Somebody else's association and policy are there."""
        expect(FOREIGN_SPI in kernel.state_text(self.space), "somebody else's association is gone")
        expect("203.0.113.0/24" in kernel.policy_text(self.space), "somebody else's policy is gone")

    def stop(self) -> None:
        """It takes away its associations and policies, leaves its interface, and no packet of a peer wakes it."""
        self.xfrmd.stop()
        self.peer.wait_down()
        expect(KEPT_NETWORK in self.space.ip("route"), "a stop has taken a route from a tunnel's interface")
        run("xfrmd", "--sweep")
        self.expect_own_state_gone("after a stop")
        self.expect_foreign()
        with self.peer.space.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
            for port in (500, 4500):
                caller.sendto(bytes(28), (WEST.outer4, port))
        time.sleep(2)
        expect(self.xfrmd.property("ActiveState") == "inactive", "a packet has started it")
        expect(not self.xfrmd.sockets(), "its sockets are still open")

    def remove(self) -> None:
        """The running service is stopped before its program goes."""
        self.xfrmd.start()
        self.expect_tunnel()
        apt("remove", "xfrmd")
        self.peer.wait_down()
        self.expect_own_state_gone("after the removal")
        self.expect_foreign()
        expect(not self.xfrmd.sockets(), "its sockets are still open")
        expect(FILE.exists() and (CONFIGURATION / "xfrmd.json").exists(), "the configuration is gone")

    def purge(self) -> str:
        """Nothing of the package is left but its user; what the administrator has written stays."""
        apt("purge", "xfrmd")
        found = run("find", "/etc", "/usr", "/var", "/run", "-name", "*xfrmd*", check=False).splitlines()
        left = [path for path in found if not STAYS.search(path)]
        expect(not left, f"left behind: {left}")
        expect("xfrmd" not in run("systemctl", "list-units", "--all", "--no-legend", "xfrmd*"), "systemd still has a unit")
        return "stays: " + " ".join(found)

    def manual(self) -> None:
        """strongSwan takes what the manual page shows for it."""
        page = Path("/checkout/man/xfrmd.json.5").read_text().replace("\\-", "-")
        example = re.search(r"^\.EX\n(connections \{.*?)^\.EE", page, re.MULTILINE | re.DOTALL).group(1)
        file = self.bed.folder / "manual.conf"
        file.write_text(example)
        said = self.peer.swanctl("--load-all", "--file", file)
        expect("successfully loaded 1 connections" in said, said)
