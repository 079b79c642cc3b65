"""IKE_AUTH of many selectors, 8 KB of them in the long scenarios, through a wire that drops packets over 576 octets and fragments of IP, by IKE's own fragments.

    lan1 -- west (initiates) ===[576 octets]=== east -- lan2
    net6                                        net6 and others
"""

import struct
from collections import Counter

from bed.capture import (ETHERTYPE_IPV4, IKE_PORT, NAT_PORT, PROTOCOL_UDP, expect_no_clear_text, frames, protected,
                         sender)
from bed.checks import bring_up, expect_both_ways, expect_stop
from bed.faults import narrow
from bed.pairs import PAIRS
from bed.scenario import scenarios
from bed.shell import expect
from bed.spec import ends
from bed.topology import EAST, WEST, member

MTU = 576
# 200 of 40 octets each are 8 KB, and take strongSwan ten seconds: it compares each with each.
FEW, MANY = 60, 200
SELECTOR_OCTETS = 40
IP_HEADER, UDP_HEADER, IKE_HEADER = 20, 8, 28
ENCRYPTED_FRAGMENT = 53
NON_ESP_MARKER = bytes(4)


def large_ends(mtu: int, selectors: int) -> tuple:
    """The two ends; each sends IKE in packets of up to `mtu` octets."""
    west = (WEST.net6,)
    east = (EAST.net6, *(f"fd00:2:0:{number:x}::/64" for number in range(1, selectors)))
    return ends(route_based=True, fragmentation_mtu=mtu,
                west={"local": west, "remote": east}, east={"local": east, "remote": west})


def ike_packets(bed):
    """Sender, next payload and octets of the IP packet, of each IKE packet in the capture."""
    for frame in frames(bed.capture.file):
        packet = frame[14:]
        if struct.unpack_from(">H", frame, 12)[0] != ETHERTYPE_IPV4 or packet[9] != PROTOCOL_UDP:
            continue
        expect(struct.unpack_from(">H", packet, 6)[0] & 0x3fff == 0, "a fragment of IP on the wire")
        ports, start = struct.unpack_from(">HH", packet, IP_HEADER), IP_HEADER + UDP_HEADER
        # strongSwan goes to the other port without a NAT (RFC 7296, 2.23), where a marker is before the message.
        if NAT_PORT in ports and packet[start:start + len(NON_ESP_MARKER)] == NON_ESP_MARKER:
            start += len(NON_ESP_MARKER)
        elif IKE_PORT not in ports:
            continue
        yield sender(frame), packet[start + 16], struct.unpack_from(">H", packet, 2)[0]


def expect_fragments(bed, least: int) -> None:
    """Both ends have sent that many octets in fragments, and no IKE packet is larger than the wire carries."""
    octets: Counter = Counter()
    for address, payload, size in ike_packets(bed):
        expect(size <= MTU, f"an IKE packet of {size} octets")
        if payload == ENCRYPTED_FRAGMENT:
            octets[address] += size - IP_HEADER - UDP_HEADER - IKE_HEADER
    for site in (WEST, EAST):
        sent = octets[site.outer4]
        expect(sent >= least, f"{sent} octets in fragments from {site.gateway}")
    bed.note(" and ".join(f"{octets[site.outer4]} octets in fragments from {site.gateway}" for site in (WEST, EAST)))


def large_tunnel(bed, kinds, mtu: int, selectors: int) -> None:
    """The tunnel comes up and carries."""
    narrow(bed, MTU)
    (initiator, responder), pair = kinds, large_ends(mtu, selectors)
    west, east = bed.daemon(initiator, pair[0]), bed.daemon(responder, pair[1])
    bring_up(bed, west, east)
    expect_both_ways(bed, WEST, member(WEST.net6, 2), EAST, member(EAST.net6, 2))
    bed.keep_evidence()
    expect_stop(bed, west, east)
    bed.capture.stop()
    counts = bed.capture.counts()
    expect_no_clear_text(counts)
    expect(protected(counts) > 0, "no ESP on the wire")
    expect_fragments(bed, selectors * SELECTOR_OCTETS)


@scenarios({"to-strongswan": (PAIRS["to-strongswan"],)})
def few_selectors(bed, kinds):
    """A message of 2 KB in each direction."""
    large_tunnel(bed, kinds, MTU, FEW)


@scenarios({name: (kinds,) for name, kinds in PAIRS.items()}, long=True)
def many_selectors(bed, kinds):
    """A message of 8 KB in each direction."""
    large_tunnel(bed, kinds, MTU, MANY)


@scenarios({"after-silence": (PAIRS["itself"],)}, long=True)
def becomes_smaller(bed, kinds):
    """Nobody knows of the wire: three tries of 1200 octets get lost, the fourth is small enough."""
    large_tunnel(bed, kinds, 1200, MANY)
