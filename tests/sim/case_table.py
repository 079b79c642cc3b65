#!/usr/bin/python3
"""A table of numbered cases, and which test plays each.

    case_table.py SOURCE_ROOT LIST      LIST is collision_cases or threat_cases, a file beside this one

A test's name holds the ids that it plays, a scenario of the virtual machine says [case:ID]. Fails if a case has no test
and is not excused, if an excused one has a test, or if a test names a case that the list does not have.
"""

import importlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True


@dataclass
class Case:
    id: str
    what: str
    missing: str = ""  # why there is no test


TEST_CASE = re.compile(r'TEST_CASE\(\s*((?:"[^"]*"\s*)+)[,)]')
SCENARIO = re.compile(r"\[case:([A-Z]\d+)\]")


def names_in(path: Path):
    """The names of a file's tests."""
    text = path.read_text()
    for names in TEST_CASE.findall(text):
        yield "".join(re.findall(r'"([^"]*)"', names))


def tests_by_id(tests: Path, pattern: re.Pattern) -> dict[str, list[str]]:
    """The names of the tests that hold each id."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("*_test.cpp")):
        for name in names_in(path):
            for case in sorted(set(pattern.findall(name))):
                found.setdefault(case, []).append(name)
    for path in sorted((tests / "vm" / "scenarios").glob("*.py")):
        for case in sorted(set(SCENARIO.findall(path.read_text()))):
            if pattern.fullmatch(case):
                found.setdefault(case, []).append(f"scenario {path.stem}")
    return found


def judge(case: Case, tests: list[str]) -> str:
    """What is wrong about a case; empty if nothing is."""
    if not tests and not case.missing:
        return f"{case.id} has no test"
    if tests and case.missing:
        return f"{case.id} has a test now: it is excused no more"
    return ""


def main(root: Path, name: str) -> int:
    """Prints the table; 0 if nothing of it is wrong."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.modules["case_table"] = sys.modules[__name__]
    cases = importlib.import_module(name)
    found = tests_by_id(root / "tests", cases.ID)
    wrong = []
    played = 0
    for case in cases.CASES:
        tests = found.pop(case.id, [])
        played += bool(tests)
        print(f"{case.id}: {case.what}")
        print("".join(f"    {test}\n" for test in tests) or f"    missing: {case.missing}\n", end="")
        wrong += filter(None, [judge(case, tests)])
    wrong += [f"{tests[0]}: there is no case {case}" for case, tests in found.items()]
    print("\n".join(wrong) if wrong else f"{played} of {len(cases.CASES)} cases are played")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2]))
