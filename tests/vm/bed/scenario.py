"""What a scenario is, how it finds its bed, and how all of them are found."""

import fnmatch
import importlib.util
import inspect
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import kernel
from .capture import Capture
from .daemon import Daemon
from .paths import SCENARIOS
from .spec import End
from .topology import EAST, WEST, Site, Topology


LONG = "long/"


class Skipped(Exception):
    """The scenario cannot run here; the text says why."""


@dataclass(frozen=True)
class Scenario:
    """One row of a scenario file's table: a name and what to run."""

    name: str
    function: Callable
    arguments: tuple
    needs_xfrmd: bool
    kernel: str = ""  # the release of Debian whose kernel it wants; empty: any
    topology: type[Topology] = Topology

    @property
    def is_long(self) -> bool:
        """Whether it takes minutes; such a one runs only when it is asked for."""
        return self.name.startswith(LONG)

    def run(self, bed: "Bed") -> None:
        """Runs it; it raises if an expectation does not hold."""
        self.function(bed, *self.arguments)


REGISTRY: list[Scenario] = []


def scenarios(table: dict[str, tuple] | None = None, needs_xfrmd: bool = True, long: bool = False, kernel: str = "",
              topology: type[Topology] = Topology):
    """Makes a scenario of each row of the table, {name: arguments}; without one, a single scenario.

    Its full name is the file's name, a slash and the row's name (or the function's); `long` puts "long/" before it.
    """
    def register(function: Callable) -> Callable:
        file = Path(inspect.getsourcefile(function)).stem
        rows = table or {function.__name__.replace("_", "-"): ()}
        for name, arguments in rows.items():
            REGISTRY.append(Scenario(f"{LONG if long else ''}{file}/{name}", function, tuple(arguments), needs_xfrmd,
                                     kernel, topology))
        return function
    return register


def find(patterns: list[str]) -> list[Scenario]:
    """The scenarios whose name equals a pattern, begins with it as a folder, or matches it with `*`.

    All but the long ones for none.
    """
    if not REGISTRY:
        for file in sorted(SCENARIOS.glob("*.py")):
            spec = importlib.util.spec_from_file_location(f"scenario_{file.stem}", file)
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return [scenario for scenario in REGISTRY
            if (not patterns and not scenario.is_long) or any(matches(scenario.name, pattern) for pattern in patterns)]


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern of the command line means this scenario."""
    return name == pattern or name.startswith(pattern.rstrip("/") + "/") or fnmatch.fnmatch(name, pattern)


class Bed:
    """Topology, capture and daemons of one scenario; leaving it removes them all."""

    def __init__(self, folder: Path, prefix: str = "", topology: type[Topology] = Topology):
        self.folder = folder
        self.topology = topology(prefix)
        self.daemons: list[Daemon] = []
        self.capture: Capture | None = None
        self.before: dict[Site, kernel.Snapshot] = {}
        self.notes: list[str] = []
        self.exit = ExitStack()

    def __enter__(self) -> "Bed":
        self.folder.mkdir(parents=True, exist_ok=True)
        self.exit.callback(self.topology.delete)
        try:
            self.topology.create()
            self.capture = Capture(self.topology.wire, WEST.gateway, self.folder / "wire.pcap")
            self.exit.callback(self.capture.tcpdump.kill)
            self.before = {site: self.snapshot(site) for site in (WEST, EAST)}
        except BaseException:
            self.exit.close()  # __exit__ is not called for a bed that was never entered
            raise
        return self

    def __exit__(self, *_) -> None:
        self.exit.close()

    def daemon(self, daemon_class: type[Daemon], end: End) -> Daemon:
        """A daemon for this end of the tunnel, not started yet."""
        daemon = daemon_class(self.topology.gateway(end.site), end, self.folder)
        self.daemons.append(daemon)
        self.exit.callback(daemon.kill)
        return daemon

    def note(self, text: str) -> None:
        """Something measured, to be printed beside the result."""
        self.notes.append(text)

    def capture_all_but_esp(self) -> None:
        """Begins the capture anew, before any daemon runs: for floods, whose ESP would only fill the disk."""
        self.capture.stop()
        self.capture = Capture(self.topology.wire, WEST.gateway, self.folder / "wire.pcap", "not ip proto 50")
        self.exit.callback(self.capture.tcpdump.kill)

    def snapshot(self, site: Site) -> kernel.Snapshot:
        """What the kernel has on a site's gateway now."""
        return kernel.snapshot(self.topology.gateway(site))

    def expect_fields(self, *fields: str) -> None:
        """Asks the host to look for these fields of the dissector in the decrypted capture."""
        (self.folder / "expect-fields").write_text("\n".join(fields))

    def keep_evidence(self) -> None:
        """Writes what the kernel has on both gateways, and what the floods printed, beside the logs and the capture."""
        for file in Path("/run").glob("ping-*"):
            shutil.copy(file, self.folder)
        for site in (WEST, EAST):
            space = self.topology.gateway(site)
            for name, text in (("state", kernel.state_text(space, "-s")), ("policy", kernel.policy_text(space)),
                               ("devices", kernel.devices(space)), ("routes", space.ip("route")),
                               ("drops", kernel.drops(space))):
                (self.folder / f"{site.gateway}-{name}").write_text(text)
