"""A transfer over TCP across child rekeys: each 5 MiB have keys of their own, and the stream does not stand still.

    lan1 (sends) -- west (xfrmd, limit) ====== east (xfrmd, limit) -- lan2 (receives)
"""

import re
import socket
import threading
import time

from bed import words
from bed.capture import expect_no_clear_text
from bed.checks import bring_up, expect_stop
from bed.rekeying import expect_one_pair
from bed.scenario import scenarios
from bed.shell import expect
from bed.spec import ends
from bed.topology import EAST, WEST, member
from bed.xfrmd import Xfrmd

MEBIBYTE = 1 << 20
LIMIT_KILOBYTES = 5120
PORT = 5001
PIECE = 64 << 10
STALL_SECONDS_MAX = 1.0
ANSWER_SECONDS_MAX = 120


class Receiver(threading.Thread):
    """Takes all that one connection brings, and notes the longest time without an octet."""

    def __init__(self, listener: socket.socket):
        super().__init__(daemon=True)
        self.listener = listener
        self.octets, self.longest_gap = 0, 0.0

    def run(self) -> None:
        connection, _ = self.listener.accept()
        connection.settimeout(ANSWER_SECONDS_MAX)
        last = time.monotonic()
        while piece := connection.recv(PIECE):
            now = time.monotonic()
            self.longest_gap = max(self.longest_gap, now - last)
            self.octets, last = self.octets + len(piece), now


@scenarios({"10-mebibytes": (10,)})
@scenarios({"50-mebibytes": (50,)}, long=True)
def transfer_goes_on(bed, mebibytes):
    """All octets arrive, a rekey for each limit, and no pause is longer than a second."""
    bed.capture_all_but_esp()
    limit = {"limit_kilobytes": LIMIT_KILOBYTES}
    pair = ends(west=limit, east=limit)
    west, east = (bed.daemon(Xfrmd, end) for end in pair)
    bring_up(bed, west, east)
    start = time.monotonic()
    receiver = send(bed, mebibytes * MEBIBYTE)
    seconds = time.monotonic() - start
    rekeys = len(re.findall(words.IPSEC_SA_ESTABLISHED, west.log())) - 1
    bed.note(f"{mebibytes} MiB in {seconds:.1f} s, {rekeys} rekeys, longest pause {1000 * receiver.longest_gap:.0f} ms")
    expect(receiver.octets == mebibytes * MEBIBYTE, f"{receiver.octets} octets arrived")
    expect(rekeys >= mebibytes * 1024 // LIMIT_KILOBYTES - 1, f"{rekeys} rekeys are not one for each 5 MiB")
    expect(receiver.longest_gap <= STALL_SECONDS_MAX, "the transfer stood still")
    expect_one_pair(bed)
    expect_stop(bed, west, east)
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())


def send(bed, octets: int) -> Receiver:
    """Sends so many octets from the one host to the other and waits until all have arrived."""
    listener = bed.topology.host(EAST).socket(socket.AF_INET, socket.SOCK_STREAM)
    sender = bed.topology.host(WEST).socket(socket.AF_INET, socket.SOCK_STREAM)
    with listener, sender:
        listener.bind((member(EAST.net4, 2), PORT))
        listener.listen(1)
        receiver = Receiver(listener)
        receiver.start()
        sender.settimeout(ANSWER_SECONDS_MAX)
        sender.connect((member(EAST.net4, 2), PORT))
        piece = bytes(PIECE)
        for _ in range(octets // PIECE):
            sender.sendall(piece)
        sender.shutdown(socket.SHUT_WR)
        receiver.join(ANSWER_SECONDS_MAX)
    return receiver
