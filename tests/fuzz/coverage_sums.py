"""Adds up what `llvm-cov export` tells of lib/wire and lib/ike, and judges the sums.

    llvm-cov export -format=text -summary-only ... | python3 coverage_sums.py

Exits with 1 if a sum is below its floor.
"""

import json
import os
import pathlib
import sys
from dataclasses import dataclass

# Of lib/ike, what only puts into words or copies for status what others have decided: it holds no
# state of IKE and reads no peer's octets. Everything else there is state code.
NOT_STATE = {
    "overview": "plain values for status and tests",
    "tunnel_overview": "plain values for status and explain",
    "reason": "the table of reason codes with their words",
    "proposal_text": "proposals in words",
}


@dataclass
class Sum:
    folder: str
    kind: str  # of llvm-cov's summary
    words: str
    floor: float  # percent
    covered: int = 0
    count: int = 0

    def counts(self, file: pathlib.PurePath) -> bool:
        if not file.is_relative_to(self.folder):
            return False
        return self.folder != "lib/ike" or file.stem not in NOT_STATE

    def percent(self) -> float:
        return 100 * self.covered / max(self.count, 1)


SUMS = [
    Sum("lib/wire", "lines", "lines of lib/wire", 95),
    Sum("lib/ike", "branches", "branches of lib/ike's state code", 90),
]


def add(file: dict) -> None:
    name = pathlib.PurePath(os.path.relpath(file["filename"]))
    for total in SUMS:
        found = file["summary"][total.kind]
        if not total.counts(name) or not found["count"]:
            continue
        total.covered += found["covered"]
        total.count += found["count"]
        share = 100 * found["covered"] / found["count"]
        print(f"{share:6.1f} %  {name}: {found['covered']} of {found['count']} {total.kind}")


def main() -> int:
    for file in json.load(sys.stdin)["data"][0]["files"]:
        add(file)
    for total in SUMS:
        print(f"{total.percent():6.1f} %  of the {total.words}: {total.covered} of {total.count}"
              f" (at least {total.floor} % wanted)")
    return 0 if all(total.percent() >= total.floor for total in SUMS) else 1


if __name__ == "__main__":
    sys.exit(main())
