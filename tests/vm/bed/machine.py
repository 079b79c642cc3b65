"""One virtual machine: Debian's kernel under plain emulation, which works wherever the tests run."""

import shlex
import subprocess
import sys
import threading
from pathlib import Path

from . import cache, kernels
from .paths import CHECKOUT, xfrmd

MEMORY_MIB = 1536
CONSOLE_TAIL_LINES = 30

# Skipping the kernel's self-tests of its ciphers saves most of a minute under emulation.
KERNEL_COMMAND_LINE = ("console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off audit=0 "
                       "random.trust_cpu=on cryptomgr.notests vminit=/out/{name}.start")

START = """#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb PYTHONPATH={bed} PYTHONDONTWRITEBYTECODE=1
{preparation}
stty -F /dev/ttyS1 raw -echo
cd / && {environment} {command} </dev/null >/dev/ttyS1 2>/out/{name}.stderr
echo $? >/out/{name}.rc; sync
printf '\\0' | dd of=/dev/port bs=1 seek=$((0xf4)) conv=notrunc 2>/dev/null
echo o >/proc/sysrq-trigger; sleep 10
"""


class MachineDied(Exception):
    """The guest ended without leaving a status: an infrastructure failure, worth a second try."""


class Machine:
    """Boots a guest that runs one command; `out` is a folder shared with it, /out in there.

    Several machines may share the folder; each has files of its own in it, which bear its name.
    """

    memory_mib = MEMORY_MIB
    kernel_command_line = KERNEL_COMMAND_LINE
    preparation = "mount -t tmpfs memory /run; mkdir -p /run/netns; hostname vm; ip link set lo up"

    def __init__(self, out: Path, command: list[str], name: str = "machine",
                 release: str = kernels.BOOKWORM):
        self.out = out
        self.command = command
        self.name = name
        self.release = release

    def file(self, kind: str) -> Path:
        """One of the machine's own files: console, rc, start, stderr."""
        return self.out / f"{self.name}.{kind}"

    def run(self, on_line, timeout_seconds: float) -> int:
        """Boots, calls `on_line` for each line the command prints, and returns the command's status."""
        self.out.mkdir(parents=True, exist_ok=True)
        self.file("rc").unlink(missing_ok=True)
        self.file("start").write_text(START.format(bed=self.bed(), name=self.name, preparation=self.preparation,
                                                   environment=self.environment(), command=shlex.join(self.command)))
        self.file("start").chmod(0o755)
        emulator = subprocess.Popen(self.emulator(), text=True, errors="replace", stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        watchdog = threading.Timer(timeout_seconds, emulator.kill)
        watchdog.start()
        try:
            for line in emulator.stdout:
                on_line(line.rstrip("\r\n"))
            emulator.wait()
        finally:
            watchdog.cancel()
            if emulator.poll() is None:
                emulator.kill()
                emulator.wait()
        return self.status()

    def bed(self) -> str:
        """Where the guest finds this package."""
        return shlex.quote(str(CHECKOUT / "tests" / "vm"))

    def environment(self) -> str:
        """What the command is told."""
        return f"XFRMD_BUILD={shlex.quote(str(xfrmd().parents[1]))}"

    def status(self) -> int:
        """What the command ended with; no such file means that the kernel or the emulator died."""
        try:
            return int(self.file("rc").read_text())
        except (FileNotFoundError, ValueError):
            raise MachineDied("\n".join(self.console_tail())) from None

    def console_tail(self) -> list[str]:
        """The last lines of the guest's console and of the command's stderr."""
        lines: list[str] = []
        for kind in ("console", "stderr"):
            if self.file(kind).exists():
                lines += self.file(kind).read_text(errors="replace").splitlines()[-CONSOLE_TAIL_LINES:]
        return lines

    def kernel(self) -> Path:
        """The folder with vmlinuz, initrd and modules."""
        return kernels.folder(self.release)

    def shares(self) -> dict[str, tuple[Path, str]]:
        """The folders that the guest sees: {tag: (folder, options)}."""
        prepared = self.kernel()
        return {"root": (Path("/"), "readonly=on,multidevs=remap"), "peers": (cache.folder() / "peers", "readonly=on"),
                "modules": (prepared / "modules", "readonly=on"), "out": (self.out, "readonly=off")}

    def emulator(self) -> list[str]:
        """The command line of the emulator."""
        prepared = self.kernel()
        command = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "1", "-m", str(self.memory_mib),
                   "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                   "-serial", f"file:{self.file('console')}", "-serial", "stdio",
                   "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                   "-kernel", str(prepared / "vmlinuz"), "-initrd", str(prepared / "initrd"),
                   "-append", self.kernel_command_line.format(name=self.name)]
        for tag, (path, options) in self.shares().items():
            command += ["-fsdev", f"local,id={tag},path={path},security_model=none,{options}",
                        "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
        return command


def main() -> int:
    """`python3 -m bed.machine RELEASE COMMAND...` runs a command in a guest, for a person who looks around."""
    release, *command = sys.argv[1:]
    cache.prepare()
    kernels.prepare(release)
    machine = Machine(CHECKOUT / "build" / "vm-shell", command, release=release)
    return machine.run(lambda line: print(line, flush=True), timeout_seconds=600)


if __name__ == "__main__":
    sys.exit(main())
