#!/usr/bin/python3
"""The JSON Schema under a public validator: it takes what is right, refuses what is wrong, as xfrmd itself does.

    json_schema_test.py XFRMD SOURCE_ROOT
"""

import copy
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

PHASE1 = {"interface": "eth0", "remote-gw": "192.0.2.1", "proposal": ["aes256-sha256"],
          "psksecret": "0123456789abcdef0123"}
PHASE2 = {"phase1name": "hub", "proposal": ["aes128gcm"]}
GOOD = {"phase1-interface": {"hub": PHASE1}, "phase2-interface": {"net": PHASE2}}

# (where, option, value): each is put into GOOD; None takes the option away.
WRONG = [
    ("phase1-interface/hub", "interface", None),
    ("phase1-interface/hub", "proposal", None),
    ("phase1-interface/hub", "proposal", ["aes128gcm"]),
    ("phase1-interface/hub", "dhgrp", [13]),
    ("phase1-interface/hub", "keylife", 119),
    ("phase1-interface/hub", "keylife", 172801),
    ("phase1-interface/hub", "keylife", "8 hours"),
    ("phase1-interface/hub", "dpd", "sometimes"),
    ("phase1-interface/hub", "rekey", "enable"),
    ("phase1-interface/hub", "ip-version", 5),
    ("phase1-interface/hub", "psksecret", {"vault": "hub"}),
    ("phase1-interface/hub", "psk-secret", "0123456789abcdef0123"),
    ("phase2-interface/net", "phase1name", None),
    ("phase2-interface/net", "proposal", ["aes128gcm-prfsha256"]),
    ("phase2-interface/net", "pfs", "true"),
    ("phase2-interface/net", "src-port", 65536),
    ("phase2-interface/net", "protocol", -1),
    ("phase2-interface/net", "encapsulation", "tunnel"),
    ("", "phase1-interfaces", {}),
    ("", "address", []),
    ("", "daemon", {"embryonic-limit": 49}),
]


def changed(where: str, option: str, value) -> dict:
    """GOOD with one option changed."""
    whole = copy.deepcopy(GOOD)
    place = whole
    for name in filter(None, where.split("/")):
        place = place[name]
    if value is None:
        del place[option]
    else:
        place[option] = value
    return whole


def manual_examples(root: Path) -> list[str]:
    """What the manual page shows, in whatever language."""
    page = (root / "man/xfrmd.json.5").read_text().replace("\\-", "-").replace("\\(dq", '"')
    return re.findall(r"^\.EX\n(.*?)^\.EE", page, re.MULTILINE | re.DOTALL)


def documented(root: Path) -> dict[str, dict]:
    """The examples of the manual page and the README, and the configuration that packages bring."""
    texts = [text for text in manual_examples(root) if text.startswith("{")]
    texts += re.findall(r"^```json\n(.*?)^```", (root / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    texts.append(re.sub(r"^//.*$", "", (root / "packaging/xfrmd.json").read_text(), flags=re.MULTILINE))
    return {text: json.loads(text) for text in texts}


def from_fortios(text: str) -> dict:
    """A FortiGate's phase 1 and phase 2 in JSON: the same names, and values of JSON's own kinds."""
    whole: dict = {}
    for kind, entries in re.findall(r"^config vpn ipsec (\S+)\n(.*?)^end$", text, re.MULTILINE | re.DOTALL):
        for name, settings in re.findall(r'edit "(.*?)"\n(.*?)^ +next$', entries, re.MULTILINE | re.DOTALL):
            found = re.findall(r"set (\S+) (.*)$", settings, re.MULTILINE)
            whole.setdefault(kind, {})[name] = {option: fortios_value(option, value) for option, value in found}
    return whole


def fortios_value(option: str, value: str):
    """One value of FortiOS in JSON."""
    if option == "dhgrp":
        return [int(number) for number in value.split()]
    if value in ("enable", "disable"):
        return value == "enable"
    return int(value) if value.isdigit() else value.strip('"')


def xfrmd_takes(xfrmd: str, whole: dict) -> bool:
    """What `xfrmd --check` says."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(whole, file)
        file.flush()
        return subprocess.run([xfrmd, "--check", file.name], capture_output=True).returncode == 0


def complaints(xfrmd: str, root: Path):
    """What does not hold."""
    schema = json.loads(subprocess.run([xfrmd, "--schema"], capture_output=True, text=True, check=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    examples = documented(root)
    if len(examples) < 9:
        yield f"only {len(examples)} examples"
    for text, whole in examples.items():
        for error in validator.iter_errors(whole):
            yield f"{error.json_path}: {error.message} in:\n{text}"
    for text in manual_examples(root):
        if text.startswith("config vpn"):
            if not xfrmd_takes(xfrmd, from_fortios(text)):
                yield f"xfrmd does not take what a FortiGate does:\n{text}"
    if not validator.is_valid(GOOD) or not xfrmd_takes(xfrmd, GOOD):
        yield "what the wrong ones are made of is wrong itself"
    for where, option, value in WRONG:
        for who, taken in (("the schema", validator.is_valid), ("xfrmd", lambda whole: xfrmd_takes(xfrmd, whole))):
            if taken(changed(where, option, value)):
                yield f"{who} takes {where}/{option}: {json.dumps(value)}"


def main(xfrmd: str, root: Path) -> int:
    """0 if all holds."""
    found = list(complaints(xfrmd, root))
    print("\n".join(found) if found else f"the schema agrees with xfrmd about {len(WRONG)} mistakes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
