#!/usr/bin/python3
"""The style guide as a test: sizes of files and functions, width of lines, what may not be written.

    style.py SOURCE_ROOT
"""

import re
import subprocess
import sys
from pathlib import Path

FILE_LINES = 500
FUNCTION_LINES = 60
LINE_COLUMNS = 100
SCRIPT_COLUMNS = 120

FORBIDDEN = [
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "a promise is not code"),
    (re.compile(r"\bthrow\b(?!\w)"), "errors are values (std::expected)"),
    (re.compile(r"[^\w]new [A-Za-z]|\bmalloc\("), "memory has an owner (std::make_unique)"),
    (re.compile(r"using namespace std;"), "names keep their owner"),
]

NOT_A_FUNCTION = re.compile(
    r"^\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|else|do|try|case|default|return)\b|=\s*\{?$|^\s*\{"
)

LAMBDA = re.compile(r"\[[^\[\]]*\]\s*(\([^()]*(\([^()]*\)[^()]*)*\))?\s*(mutable\s*)?(->[^{]*)?\{$")


def sources(root: Path):
    """The C++ files of the project."""
    for folder in ("lib", "daemon", "tests"):
        yield from sorted((root / folder).rglob("*.?pp"))


def function_lengths(lines: list[str]):
    """Yields (line number, lines) of functions; relies on the formatter's indentation."""
    start = 0
    for number, line in enumerate(lines):
        if not line.strip() or line.rstrip().endswith((";", "}", ":")) or line.lstrip().startswith(("//", "#")):
            start = number + 1
            continue
        if not line.rstrip().endswith("{"):
            continue
        head = " ".join(lines[start : number + 1])
        indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
        start = number + 1
        if "(" not in head or NOT_A_FUNCTION.match(head) or LAMBDA.search(head) or len(indent) > 4:
            continue
        for last in range(number + 1, len(lines)):
            if lines[last].startswith(indent + "}"):
                yield number + 1, last - number + 1
                break


def complaints_about(path: str, text: str):
    """Yields what is wrong with one C++ file."""
    lines = text.splitlines()
    if len(lines) > FILE_LINES:
        yield f"{path}: {len(lines)} lines; {FILE_LINES} is the limit"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS:
            yield f"{path}:{number}: {len(line)} columns; {LINE_COLUMNS} is the limit"
        code = line.split("//")[0] if path.startswith(("lib", "daemon")) else ""
        comment = line[len(code) :] if code else ""
        for pattern, why in FORBIDDEN:
            where = comment if "promise" in why else code
            if pattern.search(where) and not path.startswith("tests"):
                yield f"{path}:{number}: {line.strip()}: {why}"
    if path.startswith("tests"):
        return
    for number, length in function_lengths(lines):
        if length > FUNCTION_LINES:
            yield f"{path}:{number}: a function of {length} lines; {FUNCTION_LINES} is the limit"


def formatting_complaints(root: Path):
    """Yields the files that the formatter would change."""
    files = [str(file) for file in sources(root)]
    checked = subprocess.run(["clang-format-19", "--dry-run", *files], capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        yield f"clang-format-19: {checked.stderr.strip()[:200]}"
    changed = {line.split(":")[0] for line in checked.stderr.splitlines() if "warning:" in line}
    for file in sorted(changed):
        yield f"{Path(file).relative_to(root)}: not as clang-format-19 writes it"


def main(root: Path) -> int:
    """Prints all complaints; 0 if there are none."""
    found = [
        complaint
        for file in sources(root)
        for complaint in complaints_about(file.relative_to(root).as_posix(), file.read_text())
    ]
    found += formatting_complaints(root)
    print("\n".join(found) if found else "style: nothing to complain about")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
