"""A hundred thousand first messages under forged addresses, while twenty good peers connect.  [case:F15] [case:C11]

    west (twenty peers) ---[ wire: the flood ]--- east (xfrmd)
"""

import os
import re
from pathlib import Path

from bed import many
from bed.paths import build
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.topology import EAST

PEERS = 20
FLOOD = 100_000
GROWTH_KIB_MAX = 1024
LINES_A_SECOND_MAX = 10
FLOOD_SECONDS_MAX = 300
TICKS = os.sysconf("SC_CLK_TCK")


def others_lines(log: str) -> int:
    """Lines that are not about the peers' tunnels."""
    return sum(not re.match(r"(\w+: )?t\d{3}: ", line) for line in log.splitlines())


def resident_kib(pid: int) -> int:
    """Octets of memory that a process has, in KiB."""
    return int(re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1])


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, in user and in kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@scenarios({f"{rate}-a-second": (rate,) for rate in (2_000, 10_000, 30_000)}, long=True)
def flood(bed, rate):
    """Memory grows by 1 MiB at most, every peer gets in, and the log stays short. Emulated CPUs are slow: the rate that
    was reached is told, and what an answer costs is measured by tests/bench/run doors."""
    west, east = many.prepare(bed, PEERS)
    bed.capture.stop()
    wire = bed.topology.wire
    # The flood comes from the wire itself, as from a router beyond it.
    wire.batch("addr add 192.0.2.254/24 dev bridge0\n")
    bed.topology.gateway(EAST).batch("route add 11.0.0.0/8 via 192.0.2.254\n")
    wire.sysctl({"net.ipv4.ip_forward": "0"})
    east.start()
    pid = east.process.popen.pid
    west.start()
    many.wait_up(bed, PEERS)  # memory has the size that these tunnels need
    west.stop()
    east.wait_down()
    lines, memory, busy = others_lines(east.log()), resident_kib(pid), cpu_seconds(pid)

    sender = wire.spawn(build() / "tests" / "flood" / "init-flood", EAST.outer4, FLOOD, rate, log=bed.folder / "flood")
    west.crash()
    west.start()
    many.wait_up(bed, PEERS)
    was_up_under_flood = sender.running()
    wait_for(lambda: not sender.running(), FLOOD_SECONDS_MAX, "the flood does not end")
    expect(sender.popen.returncode == 0, f"the flood failed: {sender.log()}")
    seconds = float(re.search(r"in ([0-9.]+) s", sender.log())[1])
    grown = resident_kib(pid) - memory
    said = others_lines(east.log()) - lines
    bed.note(f"{sender.log().strip()}; {PEERS} peers in {'during' if was_up_under_flood else 'after'} the flood; memory "
             f"{grown:+} KiB; {said} lines; {1e6 * (cpu_seconds(pid) - busy) / FLOOD:.0f} us of CPU for each")
    expect(grown <= GROWTH_KIB_MAX, f"memory has grown by {grown} KiB")
    expect(said <= LINES_A_SECOND_MAX * (seconds + 1), f"{said} lines in {seconds:.0f} s")
    west.stop()
    east.wait_down()
    east.stop()
