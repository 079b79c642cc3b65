"""A cheap look at a namespace's security associations, for polling: no process is started under emulation."""

import socket
import struct
from dataclasses import dataclass

from .shell import Namespace

NETLINK_XFRM = 6
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
XFRM_MSG_NEWSA, XFRM_MSG_GETSA = 16, 18
ALGORITHMS = {1, 2, 18, 20}  # XFRMA_ALG_AUTH, _CRYPT, _AEAD, _AUTH_TRUNC
HEADER = struct.Struct("=IHHII")
# Of struct xfrm_usersa_info: id.spi, and curlft.bytes.
USERSA_INFO_BYTES, SPI_OFFSET, OCTETS_OFFSET = 224, 72, 160
SPI, OCTETS = struct.Struct(">I"), struct.Struct("=Q")
RECEIVE_BYTES = 1 << 16


@dataclass(frozen=True)
class Entry:
    """An association with algorithms: its SPI, and the octets that it has carried."""

    spi: int
    octets: int


def usable(space: Namespace) -> int:
    """How many associations have algorithms; the placeholders of a pending negotiation have none."""
    return len(entries(space))


def spis(*spaces: Namespace) -> set[int]:
    """The SPIs of all associations in these namespaces."""
    return {entry.spi for space in spaces for entry in entries(space)}


def entries(space: Namespace) -> list[Entry]:
    """The associations that have algorithms."""
    with space.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM) as netlink:
        netlink.send(HEADER.pack(HEADER.size, XFRM_MSG_GETSA, NLM_F_REQUEST | NLM_F_DUMP, 1, 0))
        found: list[Entry] = []
        while True:
            for kind, body in messages(netlink.recv(RECEIVE_BYTES)):
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    return found
                if kind == XFRM_MSG_NEWSA and has_algorithm(body[USERSA_INFO_BYTES:]):
                    found.append(Entry(*SPI.unpack_from(body, SPI_OFFSET), *OCTETS.unpack_from(body, OCTETS_OFFSET)))


def messages(octets: bytes):
    """Type and body of each message of one read."""
    while len(octets) >= HEADER.size:
        length, kind = HEADER.unpack_from(octets)[:2]
        yield kind, octets[HEADER.size:length]
        octets = octets[(length + 3) & ~3:]


def has_algorithm(attributes: bytes) -> bool:
    """Whether one of the attributes is an algorithm."""
    while len(attributes) >= 4:
        length, kind = struct.unpack_from("=HH", attributes)
        if kind & 0x3FFF in ALGORITHMS:
            return True
        attributes = attributes[(length + 3) & ~3:] if length else b""
    return False
