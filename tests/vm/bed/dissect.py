"""Each capture goes through Wireshark's dissector on the host: no packet of ours may be malformed.

tshark is taken from the cache of unpacked peers, so nothing is installed for it.
"""

import os
import subprocess
from pathlib import Path

from . import cache
from .shell import Failure, last_line

LIBRARIES = "usr/lib/x86_64-linux-gnu"
TABLE = "ikev2_decryption_table"


def key_options(folder: Path) -> list[str]:
    """The keys that our daemons have exported, as options; with them the dissector sees encrypted payloads too."""
    lines: set[str] = set()
    for file in folder.glob("*/keys"):
        lines.update(line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return [word for line in sorted(lines) for word in ("-o", f"uat:{TABLE}:{line}")]


def tshark(capture: Path, *options: str) -> str:
    """What tshark prints for a capture, with the scenario's keys."""
    peers = cache.folder() / "peers"
    done = subprocess.run([peers / "usr/bin/tshark", "-n", "-r", capture, *key_options(capture.parent), *options],
                          text=True, errors="replace", stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent",
                               "LD_LIBRARY_PATH": str(peers / LIBRARIES),
                               "WIRESHARK_DATA_DIR": str(peers / "usr/share/wireshark")})
    if done.returncode != 0:
        raise Failure(f"tshark: {last_line(done.stderr)}")
    return done.stdout


def expect_well_formed(folder: Path) -> None:
    """Fails if the scenario's capture has a packet that the dissector calls malformed."""
    for capture in sorted(folder.glob("*.pcap")):
        malformed = tshark(capture, "-Y", "_ws.malformed").splitlines()
        if malformed:
            raise Failure(f"malformed packet in {capture.name}: {malformed[0].strip()}")


def expect_decrypted(folder: Path, field: str) -> None:
    """Fails unless the dissector, with the exported keys, sees a packet with this field."""
    if not key_options(folder):
        raise Failure("no keys were exported")
    if not tshark(folder / "wire.pcap", "-Y", field).strip():
        raise Failure(f"the dissector sees no {field} with the exported keys")
