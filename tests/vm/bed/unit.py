"""xfrmd as the installed service runs it: the same unit with its whole sandbox, one for each gateway.

For guests in which systemd is the first program and the package is installed. Each gateway has a copy of
xfrmd.service and xfrmd.socket in its own network namespace; what is changed in it is in a drop-in.
"""

import shutil
from pathlib import Path

from .shell import Namespace, Process, run

UNITS = Path("/run/systemd/system")
INSTALLED = (Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))

# The key log is for the dissector, the file of events for the scenarios' polling.
SERVICE = """[Service]
ExecStart=
ExecStart={command}
NetworkNamespacePath=/run/netns/{space}
ReadWritePaths={folder}
StandardError=append:{log}
RuntimeDirectory=
RuntimeDirectory={name}
Restart=no
"""
SOCKET = """[Socket]
NetworkNamespacePath=/run/netns/{space}
"""


class Unit(Process):
    """A service that behaves as a process in the background."""

    def __init__(self, name: str, log: Path):
        self.name = name
        self.log_file = log
        run("systemctl", "start", "--no-block", name)

    def property(self, name: str) -> str:
        """What systemd says of it."""
        return run("systemctl", "show", "--property", name, "--value", self.name).strip()

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def running(self) -> bool:
        return self.property("ActiveState") in ("active", "activating", "deactivating", "reloading")

    def send_signal(self, signal_number: int) -> None:
        run("systemctl", "kill", "--kill-whom=main", f"--signal={signal_number}", self.name)

    def stop(self, signal_number: int = 0) -> int:
        run("systemctl", "stop", self.name)
        return int(self.property("ExecMainStatus"))

    def kill(self) -> None:
        run("systemctl", "kill", "--signal=KILL", self.name, check=False)
        run("systemctl", "stop", self.name, check=False)
        run("systemctl", "reset-failed", self.name, check=False)


def spawn(space: Namespace, *command, log: Path) -> Unit:
    """Starts the service of this namespace's gateway with another command line."""
    name = f"xfrmd-{space.name}"
    shutil.chown(log.parent, "xfrmd", "xfrmd")
    words = {"command": " ".join(map(str, command)), "space": space.name, "folder": log.parent, "log": log, "name": name}
    for kind, settings in (("socket", SOCKET), ("service", SERVICE)):
        installed = next(folder / f"xfrmd.{kind}" for folder in INSTALLED if (folder / f"xfrmd.{kind}").exists())
        own = UNITS / f"{name}.{kind}"
        drop_in = own.with_name(own.name + ".d") / "gateway.conf"
        drop_in.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(installed.read_text().replace("xfrmd.socket", f"{name}.socket"))
        drop_in.write_text(settings.format(**words))
    run("systemctl", "daemon-reload")
    return Unit(f"{name}.service", log)
