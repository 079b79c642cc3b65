#!/usr/bin/python3
"""Refuses includes against the direction of the house.

    base <- wire <- crypto <- config <- xfrm <- ike <- control <- daemon

A folder includes itself and what stands to its left. Libraries are confined as well: OpenSSL to lib/crypto and
base/secret, JSON to lib/config and lib/control, libnl, systemd, c-ares, sockets and files to daemon/.
Run by the build: nothing is built from a tree that breaks the rule.

    includes.py SOURCE_ROOT STAMP_FILE
"""

import re
import sys
from pathlib import Path

HOUSE = ["base", "wire", "crypto", "config", "xfrm", "ike", "control", "daemon"]

# A header's pattern and the only places that may include it.
CONFINED = [
    (r"openssl/", ["lib/crypto/", "lib/base/secret."]),
    (r"nlohmann/", ["lib/config/", "lib/control/"]),
    (r"netlink/|systemd/|linux/|ares", ["daemon/"]),
    (r"sys/socket\.h|netinet/|unistd\.h|fcntl\.h|time\.h|ctime|thread|fstream|filesystem|random|iostream", ["daemon/"]),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def room_of(path: str) -> str:
    """"lib/wire/header.cpp" is in wire, "daemon/main.cpp" in daemon."""
    parts = path.split("/")
    return parts[1] if parts[0] == "lib" else parts[0]


def complaint(path: str, header: str) -> str | None:
    """What is wrong with an include, or None."""
    target = header.split("/")[0] if "/" in header else None
    if target in HOUSE and HOUSE.index(target) > HOUSE.index(room_of(path)):
        return f"{target} stands to the right of {room_of(path)}"
    for pattern, places in CONFINED:
        if re.fullmatch(f"(?:{pattern}).*", header) and not any(path.startswith(place) for place in places):
            return f"only {' and '.join(places)} may include it"
    return None


def broken_includes(root: Path):
    """Yields a line for each include that breaks the rule."""
    for folder in ("lib", "daemon"):
        for file in sorted((root / folder).rglob("*.?pp")):
            path = file.relative_to(root).as_posix()
            for number, line in enumerate(file.read_text().splitlines(), 1):
                found = INCLUDE.match(line)
                if found and (reason := complaint(path, found[2])):
                    yield f"{path}:{number}: #include {found[2]}: {reason}"


def main(root: str, stamp: str) -> int:
    """The command line."""
    broken = list(broken_includes(Path(root)))
    print("\n".join(broken), end="\n" if broken else "")
    if not broken:
        Path(stamp).touch()
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
