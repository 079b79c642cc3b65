"""Successors of Child SAs and IKE SAs while packets flow."""

import socket
import time

from . import sadb
from .flood import PACKETS_PER_SECOND, Flood
from .scenario import Bed
from .shell import wait_for
from .topology import EAST, WEST, member

DISCARD_PORT = 9
DATAGRAM_OCTETS = 8000
DATAGRAMS_AT_ONCE = 10
BREATH_SECONDS = 0.004
# Both ends have heard of their soft limits by then (90 and 95), and the hard one is seconds of pings away.
BURST_PERCENT = 96
REKEY_SECONDS_MAX = 30
# Retired inbound associations stay for five seconds, with xfrmd as with strongSwan.
SETTLE_SECONDS_MAX = 20


def flood_both_ways(bed: Bed, rate: int = PACKETS_PER_SECOND) -> list[Flood]:
    """A stream from either host to the other."""
    west, east = (member(site.net4, 2) for site in (WEST, EAST))
    return [Flood(bed.topology.host(WEST), west, east, rate), Flood(bed.topology.host(EAST), east, west, rate)]


def gateways(bed: Bed) -> list:
    """The namespaces of both gateways."""
    return [bed.topology.gateway(site) for site in (WEST, EAST)]


class Burst:
    """Sends octets through the tunnel until its Child SA has carried nearly all that its limit allows."""

    def __init__(self, bed: Bed, limit_kilobytes: int):
        self.bed = bed
        self.enough = limit_kilobytes * 1024 * BURST_PERCENT // 100
        self.address = (member(EAST.net4, 2), DISCARD_PORT)
        self.sink = bed.topology.host(EAST).socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sink.bind(self.address)  # what is not read is dropped there: nobody complains
        self.source = bed.topology.host(WEST).socket(socket.AF_INET, socket.SOCK_DGRAM)
        bed.exit.callback(self.sink.close)
        bed.exit.callback(self.source.close)

    def send(self) -> None:
        """Sends until an association that carries now has carried enough, or has a successor already."""
        space = self.bed.topology.gateway(WEST)
        known = sadb.spis(space)
        # One that was replaced stays as it was for its grace, with nearly all of its octets used.
        current = {entry.spi for entry in sadb.entries(space) if entry.octets < self.enough // 2}
        while True:
            found = sadb.entries(space)
            if any(entry.octets >= self.enough for entry in found if entry.spi in current) \
                    or {entry.spi for entry in found} - known:
                return
            for _ in range(DATAGRAMS_AT_ONCE):
                self.source.sendto(bytes(DATAGRAM_OCTETS), self.address)
            time.sleep(BREATH_SECONDS)


def rekey_children(bed: Bed, times: int, begin, settle: bool = False) -> float:
    """Has the Child SA replaced so often, one after the other; `begin()` causes it. Returns the seconds it took.

    `settle` waits each time until one pair is left: where both ends began there are two successors at first.
    """
    start = time.monotonic()
    for number in range(1, times + 1):
        known = sadb.spis(*gateways(bed))
        begin()

        def replaced():
            new = [sadb.spis(space) - known for space in gateways(bed)]
            return len(new[0] & new[1]) >= 2
        wait_for(replaced, REKEY_SECONDS_MAX, lambda: f"child rekey {number} of {times} did not come: {describe(bed)}")
        if settle:
            expect_one_pair(bed)
    return time.monotonic() - start


def expect_one_pair(bed: Bed) -> None:
    """After the grace for what was on its way, both kernels hold the same two associations and no other."""
    def settled():
        west, east = (sadb.spis(space) for space in gateways(bed))
        return len(west) == 2 and west == east
    wait_for(settled, SETTLE_SECONDS_MAX, lambda: f"more or less than one pair of associations: {describe(bed)}")


def describe(bed: Bed) -> str:
    """The SPIs on both gateways."""
    return ", ".join(f"{site.gateway} {' '.join(f'{spi:08x}' for spi in sorted(sadb.spis(space)))}"
                     for site, space in zip((WEST, EAST), gateways(bed)))
