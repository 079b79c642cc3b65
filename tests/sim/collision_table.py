#!/usr/bin/python3
"""The table of exchanges that cross: the numbered collision cases, the field bugs, and which test plays each.

    collision_table.py SOURCE_ROOT

A test's name begins with the ids that it plays. Fails if a case has no test and is not excused, if an excused one has
a test, or if a test names no case.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Case:
    id: str
    what: str
    missing: str = ""  # why there is no test


SEVERAL_KEY_EXCHANGES = "several key exchanges in one negotiation (RFC 9370) are not spoken"

CASES = [
    Case("X01", "child_create: the same Child SA asked for again is not created"),
    Case("X02", "child_create against IKE rekey: TEMPORARY_FAILURE both ways, both retry"),
    Case("X03", "child_create: several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X04", "child_rekey by either side: the successor is used, the old one deleted by who asked"),
    Case("X05", "X04 with several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X06", "child_rekey: INVALID_KE_PAYLOAD, retried with the other group"),
    Case("X07", "X06 with several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X08", "child_rekey: the responder ignores the old SA's soft limit"),
    Case("X09", "child_rekey: the old SA's hard limit while its DELETE is awaited: no loss"),
    Case("X10", "child_rekey: the new SA is deleted by hand while the old one's DELETE is awaited"),
    Case("X11", "child_rekey: the responder has lost the SA: CHILD_SA_NOT_FOUND, a new one is made"),
    Case("X12", "child_rekey: the responder deletes the old SA itself, even before its response"),
    Case("X13", "child_rekey: the DELETE times out: each SA ends once"),
    Case("X14", "collision: both rekey: the lowest nonce loses, one SA is left"),
    Case("X15", "X14 with several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X16", "X14, only one side proposes several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X17", "collision: one side deletes before the other has its response"),
    Case("X18", "X17, and the new SA is deleted first"),
    Case("X19", "X17 with several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X20", "collision: one side does not see it: TEMPORARY_FAILURE, its own rekey is given up"),
    Case("X21", "collision: the request comes after the DELETE: CHILD_SA_NOT_FOUND"),
    Case("X22", "X21, and the new SA is deleted as well"),
    Case("X23", "X21 with several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X24", "collision with different groups: both retry, then the nonces decide"),
    Case("X25", "X24, one retry so late that it looks like no collision"),
    Case("X26", "collision: the loser wrongly deletes the old SA"),
    Case("X27", "collision: rekey against DELETE: TEMPORARY_FAILURE, the SA ends"),
    Case("X28", "X27 with several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X29", "X27, the DELETE is lost: the rekey is put off, then there is nothing to retry"),
    Case("X30", "X27, the rekey is lost: CHILD_SA_NOT_FOUND, given up"),
    Case("X31", "collision: DELETE for a new SA whose response is still on its way"),
    Case("X32", "collision: child rekey against IKE rekey: TEMPORARY_FAILURE both ways"),
    Case("X33", "collision: child rekey against IKE delete: gone, no error"),
    Case("X34", "ike_rekey by either side: the Child SAs move, the old IKE SA is deleted"),
    Case("X35", "ike_rekey: INVALID_KE_PAYLOAD, retried with the other group"),
    Case("X36", "ike_rekey by both: the nonces decide, the Child SAs end on the winner"),
    Case("X37", "ike_rekey by both with different groups, one retry late"),
    Case("X38", "ike_rekey by both: deleted before the response; the orphan is removed by a timer"),
    Case("X39", "X38 with several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X40", "ike_rekey by both: one request never arrives"),
    Case("X41", "ike_rekey by both: a late request: TEMPORARY_FAILURE before or after the DELETE"),
    Case("X42", "X41 with several key exchanges", SEVERAL_KEY_EXCHANGES),
    Case("X43", "ike_rekey against IKE delete"),
    Case("X44", "X43, the DELETE is lost: the rekey is put off, the DELETE comes again"),
    Case("X45", "child_delete by either, by both, one lost"),
    Case("X46", "child_delete against IKE rekey and IKE delete"),
    Case("X47", "ike_delete by either, by both at once"),
    Case("X48", "childless IKE SAs, good and refused"),
    Case("F1", "collision with a lost packet left the outbound SA out until the next rekey"),
    Case("F2", "collision where one side gets TS_UNACCEPTABLE"),
    Case("F3", "response and DELETE in quick succession, handled out of order"),
    Case("F4", "a policy that blocks, left behind after DPD"),
    Case("F5", "an IKE rekey that dies, and Child SAs doubled"),
]

TEST_CASE = re.compile(r'TEST_CASE\(\s*((?:"[^"]*"\s*)+)[,)]')
ID = re.compile(r"^[XF]\d+\b")


def tests_by_id(tests: Path) -> dict[str, list[str]]:
    """The names of the tests that begin with each id."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.glob("*_test.cpp")):
        for names in TEST_CASE.findall(path.read_text()):
            name = "".join(re.findall(r'"([^"]*)"', names))
            if match := ID.match(name):
                found.setdefault(match[0], []).append(name)
    return found


def main(root: Path) -> int:
    """Prints the table; 0 if nothing of it is wrong."""
    found = tests_by_id(root / "tests" / "sim")
    wrong = []
    for case in CASES:
        tests = found.pop(case.id, [])
        print(f"{case.id}: {case.what}")
        print("".join(f"    {test}\n" for test in tests) or f"    missing: {case.missing}\n", end="")
        if not tests and not case.missing:
            wrong.append(f"{case.id} has no test")
        if tests and case.missing:
            wrong.append(f"{case.id} has a test now: it is excused no more")
    wrong += [f"{tests[0]}: there is no case {name}" for name, tests in found.items()]
    played = sum(not case.missing for case in CASES)
    print("\n".join(wrong) if wrong else f"{played} of {len(CASES)} cases are played")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
