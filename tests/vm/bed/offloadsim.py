"""The simulated network card (tests/vm/offloadsim): built on the host, loaded and looked at in the guest."""

import hashlib
import os
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from . import kernels
from .paths import CHECKOUT
from .progress import step
from .shell import Namespace, run, wait_for
from .topology import EAST, WEST, WIRE_DEVICE, Site, Topology

SOURCE = CHECKOUT / "tests/vm/offloadsim"
DEBUGFS = Path("/sys/kernel/debug")
DEVICES = {WEST: "esim0", EAST: "esim1"}
WIRE = "esimw"
NEEDS = ("esp4_offload", "esp6_offload", "esp4", "esp6", "gcm", "ctr", "seqiv", "ghash_generic")
WIRE_STATES = {"pulled": 0, "carries": 1, "silent": 2}
CRYPTO, PACKET, ESN, KEY256, BYTE_LIMITS, ANY_WINDOW, UNMATCHED_UP = (1 << bit for bit in range(7))
DEFAULT = CRYPTO | PACKET | ESN | KEY256
UNLOAD_SECONDS_MAX = 20


def file(version: str) -> Path:
    """The module for a kernel, by what `uname -r` says there, whether it exists already or not."""
    digest = hashlib.sha256()
    for source in (Path(__file__), Path(kernels.__file__), *sorted(SOURCE.iterdir())):
        digest.update(source.read_bytes())
    return kernels.FOLDER / f"offloadsim-{digest.hexdigest()[:16]}" / f"{version}.ko"


def build(release: str) -> None:
    """Builds the module for a release's kernel unless it is there."""
    done = file(kernels.version(release))
    if done.exists():
        return
    for old in kernels.FOLDER.glob("offloadsim-*"):
        if old != done.parent:
            shutil.rmtree(old)
    done.parent.mkdir(parents=True, exist_ok=True)
    with step(f"offloadsim for {done.stem}"), tempfile.TemporaryDirectory(dir=kernels.FOLDER) as making:
        shutil.copytree(SOURCE, making, dirs_exist_ok=True)
        kernels.make_module(release, Path(making))
        shutil.move(Path(making) / "offloadsim.ko", done)


def load(*parameters: str) -> None:
    """Loads the module anew, so that its tables and counters are empty."""
    unload()
    if not (DEBUGFS / "tracing").exists():
        run("mount", "-t", "debugfs", "debugfs", DEBUGFS)
    for module in NEEDS:
        run("modprobe", module)
    run("insmod", file(os.uname().release), *parameters)


def unload() -> None:
    """Takes the module out if it is there; the kernel has to have put all of its devices away by then."""
    wait_for(lambda: not Path("/sys/module/offloadsim").exists() or not run("rmmod", "offloadsim", check=False),
             UNLOAD_SECONDS_MAX, "offloadsim cannot be unloaded")


class OffloadTopology(Topology):
    """The gateways' devices on the wire are the simulated card's; the wire's namespace has a copy of each frame."""

    def create(self) -> None:
        load()
        super().create()
        run("ip", "link", "set", WIRE, "netns", self.wire.name, "name", WEST.gateway)
        self.wire.ip("link", "set", WEST.gateway, "up")

    def wire_devices(self) -> tuple[str, ...]:
        return (WEST.gateway,)

    def wiring(self, site: Site) -> str:
        return super().wiring(site).splitlines()[-1] + "\n"

    def create_site(self, site: Site, other: Site) -> None:
        run("ip", "link", "set", DEVICES[site], "netns", self.gateway(site).name, "name", WIRE_DEVICE)
        super().create_site(site, other)

    def delete(self) -> None:
        super().delete()
        unload()


class Card:
    """What is in a gateway's device, and what it shall do."""

    def __init__(self, site: Site):
        self.folder = DEBUGFS / "offloadsim" / DEVICES[site]

    def table(self) -> str:
        """Associations, policies and counters, one a line."""
        return (self.folder / "table").read_text()

    def counters(self) -> Counter:
        """The counters alone."""
        return Counter({name: int(count) for name, count in re.findall(r"^(\w+) (\d+)$", self.table(), re.MULTILINE)})

    def lines(self, kind: str) -> list[dict[str, str]]:
        """The fields of each line of that kind: `sa` or `policy`."""
        return [dict(re.findall(r"(\w+)=(\S+)", line)) for line in self.table().splitlines()
                if line.startswith(kind + " ")]

    def associations(self) -> list[dict[str, str]]:
        """Those that the kernel has not deleted."""
        return [one for one in self.lines("sa") if one["deleted"] == "0" and one["type"] != "larval"]

    def set(self, name: str, value: int) -> None:
        """caps, max_sa, refuse_in or refuse_out."""
        (self.folder / name).write_text(str(value))


def set_wire(state: str) -> None:
    """Pulls the cable, plugs it in, or loses everything in silence."""
    (DEBUGFS / "offloadsim" / "wire").write_text(str(WIRE_STATES[state]))


def set_link(space: Namespace, state: str) -> None:
    """`up` or `down`, as an administrator does it: the kernel drops what the device had."""
    space.ip("link", "set", WIRE_DEVICE, state)
