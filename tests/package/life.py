"""The life of the installed service, in the guest: each step goes on from where the one before has left the machine.

The machine itself is the gateway west; east is a namespace, in which strongSwan runs.

    this machine, xfrmd.service  192.0.2.1 ---[west bridge east]--- 192.0.2.2  strongSwan, namespace east
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bed.scenario import Bed
from bed.shell import Failure
from bed.topology import Topology

from . import steps

RESULTS = Path("/out/results")


class MachineAsWest(Topology):
    """The usual sites, but that west's namespace is the machine's own."""

    def birth(self, name: str) -> str:
        return f"netns attach {name} 1\n" if name == "west" else super().birth(name)


def tell(name: str, outcome: str, reason: str, start: float) -> None:
    """One line for the host."""
    print(json.dumps({"name": name, "outcome": outcome, "reason": reason,
                      "seconds": time.monotonic() - start}), flush=True)


def main(packages: Path, chosen: list[str]) -> int:
    """Runs the steps in their order and stops at the first that fails."""
    RESULTS.mkdir(exist_ok=True)
    bed = Bed(RESULTS / "life")
    bed.topology = MachineAsWest()
    with bed:
        course = steps.Course(bed, packages)
        for name, step in course.steps(chosen):
            start = time.monotonic()
            try:
                tell(name, "ok", step() or "", start)
            except (Failure, OSError, ValueError, IndexError, subprocess.SubprocessError) as reason:
                tell(name, "FAILED", f"{type(reason).__name__}: {reason}", start)
                course.keep_evidence()
                return 1
    return 0


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    sys.exit(main(Path("/checkout") / sys.argv[1], sys.argv[2:]))
