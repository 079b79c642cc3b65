"""A virtual machine in which systemd is the first program, and xfrmd comes as a package."""

import shlex
from pathlib import Path

from bed.machine import Machine
from bed.paths import CHECKOUT

from . import debian_root

SEEN_AT = Path("/checkout")
MOUNT = "mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro checkout /checkout"


class ServiceMachine(Machine):
    """Boots Debian of a suite; the checkout, packages included, is at SEEN_AT in there, read-only."""

    suite = debian_root.SUITES["bookworm"]
    memory_mib = 2048
    kernel_command_line = ("console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off audit=0 random.trust_cpu=on "
                           "cryptomgr.notests systemd.show_status=0 vminit=/usr/lib/systemd/systemd machine={name}")
    preparation = f"{MOUNT}; mkdir -p /run/netns"

    def bed(self) -> str:
        return f"{SEEN_AT}/tests/vm:{SEEN_AT}/tests"

    def environment(self) -> str:
        return ""

    def kernel(self) -> Path:
        return debian_root.kernel(self.suite)

    def shares(self) -> dict[str, tuple[Path, str]]:
        nothing = self.out / "nothing"
        nothing.mkdir(parents=True, exist_ok=True)
        return {"root": (self.suite.root, "readonly=on"), "peers": (nothing, "readonly=on"),
                "modules": (self.kernel() / "modules", "readonly=on"), "out": (self.out, "readonly=off"),
                "checkout": (CHECKOUT, "readonly=on")}


class SandboxMachine(ServiceMachine):
    """One in which every xfrmd of a scenario is the installed service, with its unit's whole sandbox."""

    preparation = (f"{ServiceMachine.preparation}; dpkg -i {SEEN_AT}/build/packages/xfrmd_*-1_*.deb >/out/install 2>&1; "
                   "systemctl disable --now xfrmd >>/out/install 2>&1; mkdir -p /run/build/daemon; "
                   "ln -s /usr/sbin/xfrmd /usr/bin/xfrmctl /run/build/daemon")

    def environment(self) -> str:
        return f"XFRMD_AS_SERVICE=1 XFRMD_BUILD={shlex.quote('/run/build')}"
