#!/usr/bin/python3
"""What a flood of first messages costs the whole daemon, sockets included, on this machine's own kernel.

    flood.py BUILD      a meson build folder with daemon/xfrmd and tests/flood/init-flood; needs root

    xfrmd (namespace) 192.0.2.2 ---- 192.0.2.1 init-flood (namespace)
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

COUNT = 100_000
RATES = (2_000, 10_000, 30_000)
GATEWAY, WORLD = "xfrmd-flood-a", "xfrmd-flood-b"
START_SECONDS_MAX = 20
TICKS = os.sysconf("SC_CLK_TCK")


def ip(*words: str) -> None:
    """`ip`, which must succeed."""
    subprocess.run(["ip", *words], check=True)


def network(exit_stack: ExitStack) -> None:
    """Two namespaces and a link; answers to forged addresses leave by it, and nobody is there."""
    for name in (GATEWAY, WORLD):
        ip("netns", "add", name)
        exit_stack.callback(ip, "netns", "del", name)
    ip("link", "add", "wan0", "netns", GATEWAY, "type", "veth", "peer", "name", "wan1", "netns", WORLD)
    for name, device, number in ((GATEWAY, "wan0", 2), (WORLD, "wan1", 1)):
        ip("-n", name, "addr", "add", f"192.0.2.{number}/24", "dev", device)
        ip("-n", name, "link", "set", device, "up")
    ip("-n", GATEWAY, "route", "add", "default", "via", "192.0.2.1")


def configuration() -> dict:
    """A gateway that takes calls from anywhere."""
    return {"phase1": {"dialup": {"type": "dynamic", "interface": "wan0", "peertype": "any", "dhgrp": [31],
                                  "proposal": ["aes128gcm-prfsha256"], "psksecret": "a key for the flood's gateway"}},
            "phase2": {"dialup": {"phase1name": "dialup", "proposal": ["aes128gcm"], "pfs": False,
                                  "src-subnet": "10.1.0.0/24", "dst-subnet": "10.2.0.0/24"}}}


def start(build: Path, folder: Path, exit_stack: ExitStack) -> subprocess.Popen:
    """The daemon, once it says that it has started."""
    config, log = folder / "xfrmd.json", folder / "log"
    config.write_text(json.dumps(configuration()))
    with log.open("wb") as output:
        daemon = subprocess.Popen(["ip", "netns", "exec", GATEWAY, build / "daemon" / "xfrmd", "--config", config],
                                  stdout=output, stderr=subprocess.STDOUT)
    exit_stack.callback(daemon.wait)
    exit_stack.callback(daemon.terminate)
    end = time.monotonic() + START_SECONDS_MAX
    while "has started" not in log.read_text():
        if daemon.poll() is not None or time.monotonic() > end:
            sys.exit(f"xfrmd does not start here: {log.read_text().strip()}")
        time.sleep(0.1)
    return daemon


def resident_kib(pid: int) -> int:
    """Its memory in KiB."""
    return int(re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1])


def cpu_seconds(pid: int) -> float:
    """What it has used, in user and in kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def answers() -> int:
    """UDP datagrams that left the gateway so far."""
    text = subprocess.run(["ip", "netns", "exec", GATEWAY, "cat", "/proc/net/snmp"], check=True, text=True,
                          capture_output=True).stdout
    return int([line for line in text.splitlines() if line.startswith("Udp:")][1].split()[4])


def measure(build: Path, folder: Path, pid: int, rate: int) -> None:
    """One flood, one line."""
    before = resident_kib(pid), cpu_seconds(pid), answers(), len((folder / "log").read_text().splitlines())
    flood = subprocess.run(["ip", "netns", "exec", WORLD, build / "tests" / "flood" / "init-flood", "192.0.2.2",
                            str(COUNT), str(rate)], check=True, text=True, capture_output=True).stdout
    time.sleep(1)
    answered = answers() - before[2]
    reached = int(re.search(r"(\d+) a second", flood)[1])
    lines = len((folder / "log").read_text().splitlines()) - before[3]
    print(f"{rate:>8} {reached:>8} {answered:>9} {1e6 * (cpu_seconds(pid) - before[1]) / max(answered, 1):>9.1f} us "
          f"{resident_kib(pid) - before[0]:>+8} KiB {lines:>6}")


def main(build: Path) -> None:
    """The table."""
    with ExitStack() as exit_stack:
        folder = Path(exit_stack.enter_context(tempfile.TemporaryDirectory()))
        network(exit_stack)
        daemon = start(build, folder, exit_stack)
        print(f"{COUNT} first messages under forged addresses; CPU of the whole daemon, user and kernel mode\n\n"
              f"{'wanted':>8} {'reached':>8} {'answered':>9} {'each':>12} {'memory':>12} {'lines':>6}")
        for rate in RATES:
            measure(build, folder, daemon.pid, rate)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
