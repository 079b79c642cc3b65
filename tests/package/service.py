"""xfrmd as the package installs it: one service, configured by files and moved by systemctl."""

import json
import re
import subprocess
from pathlib import Path

from bed.daemon import Daemon
from bed.shell import Failure, expect, run, wait_for
from bed.xfrmd import configuration

CONFIGURATION = Path("/etc/xfrmd")
SECRET = CONFIGURATION / "to-east.psk"
FILE = CONFIGURATION / "conf.d/to-east.json"
PORTS = (500, 4500)
SETTLE_SECONDS = 30


class Service(Daemon):
    """The service; its tunnel is a file in conf.d, its secret one that only xfrmd's group reads."""

    kind = "xfrmd"

    def property(self, name: str, unit: str = "xfrmd.service") -> str:
        """What systemd says of it."""
        return run("systemctl", "show", "--property", name, "--value", unit).strip()

    def process_id(self) -> int:
        """Its main process; 0 if there is none."""
        return int(self.property("MainPID"))

    def configure(self, secret: dict | None = None, phase1: dict | None = None, phase2: dict | None = None) -> None:
        """Writes the tunnel's file: the end's configuration with some options changed."""
        SECRET.write_text(self.end.secret + "\n")
        SECRET.chmod(0o640)
        whole = configuration(self.end)
        whole["phase1"][self.end.name] |= {"psksecret": secret or {"file": str(SECRET)}, **(phase1 or {})}
        whole["phase2"][self.end.name] |= phase2 or {}
        FILE.write_text(json.dumps(whole, indent=2) + "\n")
        FILE.chmod(0o640)
        run("xfrmd", "--check")

    def start(self) -> None:
        run("systemctl", "start", "xfrmd")

    def reload(self) -> None:
        """As an administrator does it; returns when the daemon has done it."""
        mark = self.cursor()
        run("systemctl", "reload", "xfrmd")
        self.wait_said("configuration applied", mark)
        expect(self.property("ActiveState") == "active", "not active after a reload")

    def expect_reload_refused(self, word: str) -> None:
        """systemctl fails, and systemd tells why until the configuration is right."""
        done = subprocess.run(["systemctl", "reload", "xfrmd"], capture_output=True, text=True, check=False)
        expect(done.returncode != 0, "a reload of a wrong configuration succeeds")
        expect(self.property("ActiveState") == "active", "the service goes down with a wrong configuration")
        text = self.property("StatusText")
        expect("configuration refused" in text and word in text, f"the status says: {text}")

    def restart(self) -> None:
        run("systemctl", "restart", "xfrmd")

    def stop(self) -> None:
        run("systemctl", "stop", "xfrmd")

    def kill(self) -> None:
        """Nothing to clear up: the machine goes with it."""

    def expect_running(self) -> None:
        if self.property("ActiveState") not in ("active", "activating", "reloading"):
            raise Failure(f"xfrmd.service is {self.property('ActiveState')}: {self.log()[-300:]}")

    def log(self) -> str:
        return run("journalctl", "--quiet", "--unit=xfrmd", "--output=cat", "--lines=40")

    def cursor(self) -> str:
        """A mark in the journal: what comes behind it is new."""
        shown = run("journalctl", "--quiet", "--show-cursor", "--lines=1")
        return re.search(r"-- cursor: (\S+)", shown).group(1)

    def said(self, mark: str, *options: str) -> str:
        """What the unit's journal has behind a mark."""
        return run("journalctl", "--quiet", "--unit=xfrmd", f"--after-cursor={mark}", *(options or ("--output=cat",)))

    def wait_said(self, expression: str, mark: str, seconds: float = SETTLE_SECONDS) -> None:
        """Waits for a line in the journal."""
        wait_for(lambda: re.search(expression, self.said(mark), re.IGNORECASE), seconds,
                 lambda: f"the journal does not say /{expression}/ but: {self.said(mark)[-300:]}")

    def sockets(self) -> dict[str, str]:
        """The sockets of IKE on this machine: {address and port: inode}."""
        found = {}
        for line in run("ss", "--no-header", "--listening", "--udp", "--numeric", "--extended").splitlines():
            local, inode = line.split()[3], re.search(r"ino:(\d+)", line).group(1)
            if local.rsplit(":", 1)[1] in map(str, PORTS):
                found[local] = inode
        return found

    def expect_privileges(self) -> None:
        """Its own user, one capability, no way to more, system calls filtered."""
        status = dict(line.split(":", 1) for line in Path(f"/proc/{self.process_id()}/status").read_text().splitlines())
        user = run("id", "--user", "xfrmd").strip()
        net_admin = f"{1 << 12:016x}"
        wanted = {"CapEff": net_admin, "CapBnd": net_admin, "CapPrm": net_admin, "NoNewPrivs": "1", "Seccomp": "2",
                  "Uid": "\t".join([user] * 4)}
        for name, value in wanted.items():
            expect(status[name].strip() == value, f"{name} is {status[name].strip()}, not {value}")
