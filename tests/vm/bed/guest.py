"""Runs scenarios inside of the guest and tells the host about each, one line of JSON at a time.

Several guests share one list: a guest takes a scenario by making its folder below /out/../claims, which only
one of them can.
"""

import json
import signal
import sys
import time
import traceback
from pathlib import Path

from . import paths, scenario
from .scenario import Bed, Scenario, Skipped
from .shell import Failure

SCENARIO_SECONDS_MAX = 150
LONG_SECONDS_MAX = 600
SHARED = Path("/out")


def tell(**facts) -> None:
    """One line for the host."""
    print(json.dumps(facts), flush=True)


def claim(name: str) -> bool:
    """Whether this guest is the first that wants the scenario."""
    try:
        (SHARED / "claims" / name.replace("/", "+")).mkdir()
        return True
    except FileExistsError:
        return False


def on_alarm(*_) -> None:
    """A scenario that hangs is stopped where it is."""
    raise Failure("not finished in time")


def run(one: Scenario, folder: Path) -> tuple[str, str]:
    """Runs a scenario; returns its outcome (passed, failed, skipped) and the reason."""
    if one.needs_xfrmd and not paths.xfrmd().exists():
        return "failed", f"no xfrmd at {paths.xfrmd()}"
    signal.alarm(LONG_SECONDS_MAX if one.is_long else SCENARIO_SECONDS_MAX)
    notes: list[str] = []
    try:
        with Bed(folder, topology=one.topology) as bed:
            notes = bed.notes
            try:
                one.run(bed)
                signal.alarm(0)  # clearing up is not to be cut short
            except BaseException:
                signal.alarm(0)
                bed.capture.stop()
                bed.keep_evidence()
                raise
        return "passed", "; ".join(notes)
    except Skipped as reason:
        return "skipped", str(reason)
    except Failure as reason:
        return "failed", "; ".join([str(reason), *notes])
    except Exception as error:  # a mistake in the bed or the scenario: the place is in the results
        (folder / "traceback").write_text(traceback.format_exc())
        return "failed", f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


def main() -> int:
    """`python3 -m bed.guest NAME...`"""
    signal.signal(signal.SIGALRM, on_alarm)
    for one in scenario.find(sys.argv[1:]):
        if not claim(one.name):
            continue
        tell(name=one.name, outcome="started")
        start = time.monotonic()
        outcome, reason = run(one, SHARED / "results" / one.name)
        tell(name=one.name, outcome=outcome, reason=reason, seconds=round(time.monotonic() - start, 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
