"""The capture between the gateways, and the proof that nothing but IKE and ESP is in it."""

import ipaddress
import struct
import time
from collections import Counter
from pathlib import Path

from .shell import Failure, Namespace, expect, wait_for

ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 = 0x0806, 0x0800, 0x86DD
PROTOCOL_ICMP, PROTOCOL_UDP, PROTOCOL_ESP, PROTOCOL_ICMPV6 = 1, 17, 50, 58
HOP_BY_HOP = 0
# "Destination unreachable" quotes the packet that it is about, behind 8 octets.
UNREACHABLE = {PROTOCOL_ICMP: 3, PROTOCOL_ICMPV6: 1}
QUOTE = 8
# Neighbour discovery and multicast listener reports: what any IPv6 link carries.
LINK_MESSAGES = {130, 131, 132, 133, 134, 135, 136, 143}
IKE_PORT, NAT_PORT = 500, 4500
SETTLE_SECONDS = 0.4


class Capture:
    """tcpdump on the wire, from start to `stop`; `filter` leaves packets out, such as ESP where there is much of it."""

    def __init__(self, wire: Namespace, device: str, file: Path, filter: str = ""):
        self.file = file
        self.tcpdump = wire.spawn("tcpdump", "-n", "-U", "-Z", "root", "-i", device, "-w", file,
                                  *([filter] if filter else []), log=file.with_suffix(".tcpdump.log"))
        wait_for(lambda: "listening on" in self.tcpdump.log(), 20, lambda: f"tcpdump: {self.tcpdump.log()}")

    def stop(self) -> None:
        """Ends the capture once the last packets are in it."""
        if self.tcpdump.running():
            time.sleep(SETTLE_SECONDS)
            self.tcpdump.stop()

    def counts(self) -> Counter:
        """How many packets of each kind the file holds so far."""
        return Counter(kind(frame) for frame in frames(self.file))

    def ike_from(self, address: str) -> list[float]:
        """When IKE packets of this sender were seen, in seconds of the wall clock."""
        return [seen for seen, frame in timed_frames(self.file)
                if kind(frame) == "ike" and sender(frame) == address]


def frames(file: Path):
    """The Ethernet frames of a capture file."""
    return (frame for _, frame in timed_frames(file))


def timed_frames(file: Path):
    """Time and octets of each frame of a capture file in the classic format, native byte order."""
    octets = file.read_bytes()
    if len(octets) < 24:
        return
    expect(octets[:4] == b"\xd4\xc3\xb2\xa1", f"{file}: not a capture")
    position = 24
    while position + 16 <= len(octets):
        seconds, microseconds, length = struct.unpack_from("<III", octets, position)
        position += 16
        if position + length > len(octets):
            return  # tcpdump is just writing it
        yield seconds + microseconds / 1e6, octets[position:position + length]
        position += length


def sender(frame: bytes) -> str:
    """The source address of an IP packet in an Ethernet frame."""
    source = frame[26:30] if struct.unpack_from(">H", frame, 12)[0] == ETHERTYPE_IPV4 else frame[22:38]
    return str(ipaddress.ip_address(source))


def kind(frame: bytes) -> str:
    """`ike`, `esp`, `esp in udp`, `link` for what belongs there; anything else is described in words."""
    ethertype = struct.unpack_from(">H", frame, 12)[0]
    packet = frame[14:]
    if ethertype == ETHERTYPE_ARP:
        return "link"
    if ethertype == ETHERTYPE_IPV4:
        header = (packet[0] & 15) * 4
        return transport_kind(packet[9], packet[header:], packet[12:16], packet[16:20])
    if ethertype == ETHERTYPE_IPV6:
        protocol, payload = packet[6], packet[40:]
        if protocol == HOP_BY_HOP:
            protocol, payload = payload[0], payload[(payload[1] + 1) * 8:]
        return transport_kind(protocol, payload, packet[8:24], packet[24:40])
    return f"frame of type {ethertype:#06x}"


def transport_kind(protocol: int, payload: bytes, source: bytes, destination: bytes) -> str:
    """The kind of an IP packet by its protocol and first octets."""
    if protocol == PROTOCOL_ESP:
        return "esp"
    if UNREACHABLE.get(protocol) == payload[0] and is_ike(payload[QUOTE:]):
        return "ike"  # a daemon that has stopped already does not hear the last answer
    if protocol == PROTOCOL_ICMPV6 and payload[0] in LINK_MESSAGES:
        return "link"
    if protocol == PROTOCOL_UDP:
        ports = struct.unpack_from(">HH", payload)
        if IKE_PORT in ports:
            return "ike"
        if NAT_PORT in ports:
            return "ike" if payload[8:12] == bytes(4) or len(payload) == 9 else "esp in udp"
    ends = " to ".join(str(ipaddress.ip_address(address)) for address in (source, destination))
    return f"protocol {protocol} from {ends}"


def is_ike(packet: bytes) -> bool:
    """Whether an IP packet is UDP from or to a port of IKE."""
    version = packet[0] >> 4
    protocol, header = (packet[9], (packet[0] & 15) * 4) if version == 4 else (packet[6], 40)
    return protocol == PROTOCOL_UDP and bool({IKE_PORT, NAT_PORT} & set(struct.unpack_from(">HH", packet, header)))


def protected(counts: Counter) -> int:
    """How many packets were ESP, bare or in UDP."""
    return counts["esp"] + counts["esp in udp"]


def expect_no_clear_text(counts: Counter) -> None:
    """Fails if there was any packet between the gateways that is not IKE, ESP or the link's own."""
    clear = [words for words in counts if words not in ("ike", "esp", "esp in udp", "link")]
    if clear:
        raise Failure(f"clear text on the wire: {counts[clear[0]]} packets of {clear[0]}")
