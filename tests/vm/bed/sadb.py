"""A cheap count of a namespace's security associations, for polling: no process is started under emulation."""

import socket
import struct

from .shell import Namespace

NETLINK_XFRM = 6
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
XFRM_MSG_NEWSA, XFRM_MSG_GETSA = 16, 18
ALGORITHMS = {1, 2, 18, 20}  # XFRMA_ALG_AUTH, _CRYPT, _AEAD, _AUTH_TRUNC
HEADER = struct.Struct("=IHHII")
USERSA_INFO_BYTES = 224
RECEIVE_BYTES = 1 << 16


def usable(space: Namespace) -> int:
    """How many associations have algorithms; the placeholders of a pending negotiation have none."""
    with space.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_XFRM) as netlink:
        netlink.send(HEADER.pack(HEADER.size, XFRM_MSG_GETSA, NLM_F_REQUEST | NLM_F_DUMP, 1, 0))
        count = 0
        while True:
            for kind, body in messages(netlink.recv(RECEIVE_BYTES)):
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    return count
                count += kind == XFRM_MSG_NEWSA and has_algorithm(body[USERSA_INFO_BYTES:])


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
