"""What a user wants to see of xfrmd: two gateways whose tunnel comes up by itself, and the proof that it protects.

    python3 -m bed.demo FOLDER      in the guest, or on a machine whose own kernel has ESP
"""

import json
import re
import sys
import time
from collections import Counter
from pathlib import Path

from .capture import Capture, kind, protected, expect_no_clear_text, frames
from .checks import expect_as_before
from .daemon import Daemon
from .kernel import associations, masked
from .scenario import Bed
from .shell import Failure, expect, run
from .spec import ends
from .topology import EAST, WEST, member
from .xfrmd import Xfrmd, configuration

PINGS = 10
LINES_SHOWN = 6
COUNTERS = re.compile(r"lifetime current:\s+(\d+)\(bytes\), (\d+)\(packets\)")
ALGORITHM = re.compile(r"^\s+(?:aead|enc|auth-trunc|auth) (\S+) 0x<(\d+ bit key)>", re.MULTILINE)

PICTURE = """\
  lan1 10.1.0.2 --- west 192.0.2.1 ===[ wire ]=== 192.0.2.2 east --- 10.2.0.2 lan2
"""


def say(text: str = "") -> None:
    """One line for the user, at once."""
    print(text, flush=True)


def heading(text: str) -> None:
    """A part begins."""
    say(f"\n== {text}")


def bring_up(bed: Bed, west: Daemon, east: Daemon) -> None:
    """Starts both daemons and shows what the initiator says until the tunnel is there."""
    for daemon in (east, west):
        start = time.monotonic()
        daemon.start()
        say(f"{daemon.end.site.gateway}: {daemon.kind} is ready after {time.monotonic() - start:.1f} s")
    start = time.monotonic()
    west.initiate()
    for daemon in (west, east):
        daemon.wait_up()
        bed.topology.route(daemon.end.site, daemon.end.peer, daemon.end.name)
    say(f"tunnel up by itself, {time.monotonic() - start:.1f} s after west was ready; what west says:")
    for line in masked(west.log()).splitlines()[-LINES_SHOWN:]:
        say(f"  {line}")


def show_status(bed: Bed) -> None:
    """The associations of west as the kernel has them, keys left out."""
    heading("status, read from west's kernel (ip -s xfrm state)")
    say(f"  {'direction':<10} {'SPI':<11} {'mode':<10} {'packets':>7} {'bytes':>7}  algorithms")
    for association in associations(bed.topology.gateway(WEST), "-s"):
        octets, packets = COUNTERS.search(association.text).groups()
        direction = "out" if association.source == WEST.outer4 else "in"
        algorithms = " + ".join(" ".join(words) for words in ALGORITHM.findall(association.text))
        say(f"  {direction:<10} {association.spi:<11} {association.mode:<10} {packets:>7} {octets:>7}  {algorithms}")


def ping(bed: Bed) -> int:
    """Pings from lan1 to lan2 under the user's eyes; returns how many were lost."""
    heading("ping from lan1 to lan2")
    printed = bed.topology.host(WEST).run("ping", "-n", "-c", str(PINGS), "-i", "0.2", "-W", "3",
                                          member(EAST.net4, 2), check=False)
    for line in printed.splitlines():
        if line.startswith("64 bytes") or "transmitted" in line or "rtt" in line:
            say(f"  {line}")
    answered = re.search(r"(\d+) received", printed)
    return PINGS - int(answered.group(1) if answered else 0)


def show_capture(title: str, capture: Capture, words: str) -> None:
    """The last packets of a capture in tcpdump's words."""
    heading(title)
    shown = [line for line in run("tcpdump", "-n", "-t", "-r", capture.file).splitlines() if words in line]
    for line in shown[-LINES_SHOWN:]:
        say(f"  {line}")


def show_counts(bed: Bed, inside: Capture) -> None:
    """The sums of both captures; fails if there was clear text outside."""
    outside = bed.capture.counts()
    clear = Counter(kind(frame) for frame in frames(inside.file))
    say(f"  on the wire: {outside['ike']} IKE packets, {protected(outside)} ESP packets, "
        f"{sum(n for word, n in outside.items() if word.startswith('protocol'))} in clear text")
    expect_no_clear_text(outside)
    expect(protected(outside) >= 2 * PINGS, "not every ping went through the tunnel")
    expect(protected(clear) == 0, "ESP inside of the LAN")


def show(bed: Bed, daemon_class: type[Daemon]) -> int:
    """The whole show; returns how many pings were lost."""
    pair = ends(route_based=True)
    inside = Capture(bed.topology.host(WEST), "eth0", bed.folder / "lan1.pcap")
    west, east = (bed.daemon(daemon_class, end) for end in pair)
    heading("two gateways")
    say(PICTURE)
    if daemon_class is Xfrmd:
        shown = configuration(pair[0])
        shown["phase1-interface"][pair[0].name]["psksecret"] = "(not shown)"
        say("  west's /etc/xfrmd/xfrmd.json:")
        say("  " + json.dumps(shown, indent=2).replace("\n", "\n  "))
    heading("start")
    bring_up(bed, west, east)
    lost = ping(bed)
    show_status(bed)
    for capture in (bed.capture, inside):
        capture.stop()
    show_capture("outside: the wire between the gateways", bed.capture, "ESP")
    show_capture("inside: the network behind west", inside, "ICMP echo")
    heading("sums")
    show_counts(bed, inside)
    west.stop()
    east.wait_down()
    east.stop()
    expect_as_before(bed)
    say("  after a clean stop: no association, policy or interface is left on either gateway")
    say(f"  {PINGS} pings sent, {PINGS - lost} answered")
    return lost


def main(folder: Path, daemon_class: type[Daemon] = Xfrmd) -> int:
    """Runs the show and says what went wrong, if something did."""
    with Bed(folder, prefix="xfrmd-demo-") as bed:
        try:
            lost = show(bed, daemon_class)
        except Failure as reason:
            say(f"\nFAILED: {reason}")
            for daemon in bed.daemons:
                say(f"\n{daemon.end.site.gateway} said last:\n{masked(daemon.log())[-2000:]}")
            return 1
    say(f"\n{lost} lost")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
