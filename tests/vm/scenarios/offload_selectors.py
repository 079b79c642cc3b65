"""A hostile peer sends packets through the tunnel that are outside of the negotiated selectors.

    lan1 -- west (xfrmd, its card at work) === east (xfrmd in software; its policies are changed by hand) -- lan2

Crypto offload lets such packets pass where the kernel has no policy for them, packet mode asks the card alone: what
keeps them out is the SA's own selector, or the card's policies.
"""

import re
import time
from collections import Counter

from bed import offload
from bed.capture import Capture, frames
from bed.checks import bring_up, expect_both_ways, expect_stop
from bed.offload import NEW, OLD, TITLES, on
from bed.offloadsim import Card
from bed.scenario import scenarios
from bed.shell import expect
from bed.spec import ends
from bed.topology import EAST, LAN_DEVICE, WEST, member
from bed.traffic import ping
from bed.xfrmd import Xfrmd

PACKETS = 5
# Who sends to whom, by the networks' names: a wrong source, a wrong destination, both.
OUTSIDE = (("second4", "net4"), ("net4", "second4"), ("second4", "second4"))
FAR_AHEAD = 1000  # a sequence number that west has not seen
DROPS = ("rx_no_policy", "rx_blocked")


@scenarios({f"{TITLES[OLD]}-{mode}": (mode,) for mode in ("crypto", "none")}, long=True, **on(OLD))
@scenarios({f"{TITLES[NEW]}-{mode}": (mode,) for mode in ("crypto", "packet")}, long=True, **on(NEW))
def outside_packets(bed, mode):
    """Each is dropped and counted, whoever drops it, and those inside pass before and after."""
    pair = ends(west={"offload": mode}, east={"offload": "none"})
    west, east = (bed.daemon(Xfrmd, end) for end in pair)
    bring_up(bed, west, east)
    expect_both_ways(bed, WEST, member(WEST.net4, 2), EAST, member(EAST.net4, 2))
    expect(offload.types(WEST) == ({mode: 2} if mode != "none" else {}), f"not in {mode}: {dict(offload.types(WEST))}")
    lan = Capture(bed.topology.gateway(WEST), LAN_DEVICE, bed.folder / "lan.pcap", "icmp")
    bed.exit.callback(lan.tcpdump.kill)
    reqid = turn_hostile(bed, east)
    for source, destination in OUTSIDE:
        widen(bed, reqid, getattr(EAST, source), getattr(WEST, destination))
        before, way = drops(bed), Card(WEST).counters()
        ping(bed.topology.host(EAST), member(getattr(EAST, source), 2), member(getattr(WEST, destination), 2), PACKETS)
        counted = dict(drops(bed) - before)
        arrived = sum((Card(WEST).counters() - way)[name] for name in ("rx_crypto", "rx_packet", *DROPS))
        bed.note(f"{source} to {destination}: {counted}, {arrived} through the card")
        expect(sum(counted.values()) >= PACKETS, f"{counted} of {PACKETS} packets from {source} to {destination} counted")
    expect_both_ways(bed, WEST, member(WEST.net4, 2), EAST, member(EAST.net4, 2))
    time.sleep(0.5)
    lan.stop()
    wrong = [octets for octets in frames(lan.file) if is_outside(octets)]
    expect(not wrong, f"{len(wrong)} packets outside of the selectors were let through")
    offload.evidence(bed)
    west.stop()
    offload.wait_empty(WEST)


def turn_hostile(bed, east: Xfrmd) -> str:
    """East's daemon is gone, and its outbound SA there again without a selector; returns its reqid."""
    east.crash()
    space = bed.topology.gateway(EAST)
    block = next(text for text in space.ip("xfrm", "state").split("\nsrc ") if EAST.outer4 in text.split(" dst ")[0])
    spi, reqid = re.search(r"spi (0x\w+) reqid (\d+)", block).groups()
    name, key, bits = re.search(r"aead (\S+) (0x\w+) (\d+)", block).groups()
    ends = ("src", EAST.outer4, "dst", WEST.outer4, "proto", "esp", "spi", spi)
    space.ip("xfrm", "state", "delete", *ends)
    esn = ("flag", "esn", "replay-window", 64) if "esn" in block else ()
    space.ip("xfrm", "state", "add", *ends, "reqid", reqid, "mode", "tunnel", "aead", name, key, bits, *esn,
             "replay-oseq", FAR_AHEAD)
    return reqid


def widen(bed, reqid: str, source: str, destination: str) -> None:
    """East's kernel sends this through the tunnel too."""
    bed.topology.gateway(EAST).ip("xfrm", "policy", "add", "src", source, "dst", destination, "dir", "out", "priority", 1,
                                  "tmpl", "src", EAST.outer4, "dst", WEST.outer4, "proto", "esp", "reqid", reqid,
                                  "mode", "tunnel")


def drops(bed) -> Counter:
    """Why west has dropped packets: by its kernel's counters and its card's."""
    kernel = dict(line.split() for line in bed.topology.gateway(WEST).run("cat", "/proc/net/xfrm_stat").splitlines())
    card = Card(WEST).counters()
    return Counter({name: int(count) for name, count in kernel.items()} | {name: card[name] for name in DROPS})


def is_outside(frame: bytes) -> bool:
    """Whether a packet on west's side of the tunnel has an address that the selectors do not have."""
    return frame[26:29] == bytes([10, 12, 0]) or frame[30:33] == bytes([10, 11, 0])
