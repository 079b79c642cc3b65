#!/usr/bin/python3
"""The table of what xfrmd promises about time, traffic and dead peers, and which test proves each row.

    mission_table.py SOURCE_ROOT

A test proves a row by a tag, TEST_CASE("name", "[proves:retransmission]"); a scenario of the virtual machine by the
same words in its text. Fails if a tag names no row, or if a row that was proven once has no test any more.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Row:
    name: str
    promise: str
    proven: bool = False  # must have a test; set it together with the first one


ROWS = [
    Row("retransmission", "every IKE request: sent at 0, 3, 9, 21, 45 s, the same octets; given up at 93 s", True),
    Row("negotiate-timeout", "the first negotiation is cut at negotiate-timeout, 30 s by default", True),
    Row("auto-negotiate", "starts at once, tries every 5 s until the SA is up, after any loss again", True),
    Row("auto-negotiate-implies", "auto-negotiate implies keepalive", True),
    Row("keepalive-rekeys", "keepalive: rekeys at soft expiry even without traffic", True),
    Row("keepalive-raises-nothing", "keepalive: does not raise a tunnel that is down", True),
    Row("first-packet", "neither: the first packet starts the tunnel", True),
    Row("rekey-with-traffic", "neither: rekeys near expiry only if there was traffic, else the SA expires", True),
    Row("passive-mode", "never initiates, not even for traffic; answers; may probe", True),
    Row("passive-excludes", "passive-mode excludes auto-negotiate and keepalive, both ways round, naming both", True),
    Row("dynamic", "a dial-up server never initiates", True),
    Row("dynamic-excludes", "type dynamic excludes auto-negotiate and keepalive of its phase 2", True),
    Row("both-auto-negotiate", "both ends auto-negotiate: one IKE SA, one child pair a phase 2, no packet lost", True),
    Row("dpd-disable", "dpd disable: no probe", True),
    Row("dpd-on-demand", "dpd on-demand: an empty INFORMATIONAL after traffic out and none in", True),
    Row("dpd-on-idle", "dpd on-idle: an empty INFORMATIONAL after nothing came in", True),
    Row("dpd-3x20", "3 x 20 s: dead at 60 s, sent at 0 3 9 21 45", True),
    Row("dpd-4x30", "4 x 30 s: dead at 93 s, sent at 0 3 9 21 45", True),
    Row("dpd-2x5", "2 x 5 s: dead at 10 s, sent at 0 3 9", True),
    Row("dpd-1x2", "1 x 2 s: dead at 2 s, sent at 0", True),
    Row("dpd-3x31", "3 x 31 s, exactly 93: dead at 93 s, sent at 0 3 9 21 45", True),
    Row("dpd-detection", "from the last packet in: at most dpd-retryinterval and the failure time, 80 s by default", True),
    Row("dpd-child-outstanding", "no probe is queued behind an unanswered CREATE_CHILD_SA", True),
    Row("create-child-unanswered", "an unanswered CREATE_CHILD_SA takes the tunnel down at 93 s, DPD disabled or not", True),
    Row("dead-peer-lines", "what a dead peer logs, all five lines in their order", True),
    Row("flush-keeps-policies", "after a flush policies stay: nothing leaves in clear text", True),
    Row("flush-starts-again", "after a flush auto-negotiate schedules the next attempt", True),
]

TEST_CASE = re.compile(r'TEST_CASE\(\s*((?:"[^"]*"\s*)+),\s*((?:"[^"]*"\s*)+)\)')
TAG = re.compile(r"\[proves:([^\]]*)\]")


def tags_in(path: Path, text: str):
    """Yields (row, name of the test)."""
    if path.suffix == ".py":
        yield from ((row, f"scenario {path.stem}") for row in TAG.findall(text))
        return
    for names, tags in TEST_CASE.findall(text):
        name = "".join(re.findall(r'"([^"]*)"', names))
        yield from ((row, name) for row in TAG.findall(tags))


def proofs(tests: Path) -> dict[str, list[str]]:
    """The names of the tests of each row that a tag names."""
    found: dict[str, list[str]] = {}
    for path in sorted([*tests.rglob("*_test.cpp"), *(tests / "vm" / "scenarios").glob("*.py")]):
        for row, test in tags_in(path, path.read_text()):
            found.setdefault(row, []).append(test)
    return found


def main(root: Path) -> int:
    """Prints the table; 0 if nothing of it is wrong."""
    found = proofs(root / "tests")
    wrong = []
    for row in ROWS:
        tests = found.pop(row.name, [])
        print(f"{row.name}: {row.promise}")
        print("".join(f"    {test}\n" for test in tests) or "    MISSING\n", end="")
        if row.proven and not tests:
            wrong.append(f"{row.name} has lost its test")
        if tests and not row.proven:
            wrong.append(f"{row.name} has a test now: mark it as proven")
    wrong += [f"{tests[0]}: no row is called {name}" for name, tests in found.items()]
    print("\n".join(wrong) if wrong else f"{sum(row.proven for row in ROWS)} of {len(ROWS)} rows are proven")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
