"""Tunnels that packets start, and ends that no packet moves.

    lan1 (pings) -- west ------ east -- lan2
"""

import time
from contextlib import contextmanager

from bed import sadb, words
from bed.capture import expect_no_clear_text, protected
from bed.checks import expect_as_before, expect_ping, expect_stop
from bed.flood import Flood
from bed.kernel import policy_text
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.spec import ends
from bed.strongswan import StrongSwan
from bed.topology import EAST, WEST, member
from bed.xfrmd import Xfrmd

ADDRESSES = [member(site.net4, 2) for site in (WEST, EAST)]
PINGS_PER_SECOND = 5
UP_SECONDS_MAX = 15
SILENT_SECONDS = 5
# Below the priority of any policy of a daemon.
# The kernel takes one policy for a selector: the administrator's must be wider than the tunnel's.
WEST_AND_MORE, EAST_AND_MORE = "10.1.0.0/16", "10.2.0.0/16"
LAST_PRIORITY = "4294967295"


@scenarios({"first-packet/itself": (Xfrmd,)})
@scenarios({"first-packet/to-strongswan": (StrongSwan,)}, long=True)
def first_packet_starts_it(bed, responder):
    """The policies are there before the first packet, which starts the tunnel and is lost with few that follow."""
    pair = ends(west={"initiate": False})
    west, east = bed.daemon(Xfrmd, pair[0]), bed.daemon(responder, pair[1])
    east.start()
    west.start()
    gateway = bed.topology.gateway(WEST)
    before = policy_text(gateway)
    for way in ("dir out", "dir in", "dir fwd"):
        expect(way in before, f"no policy waits for packets: none of {way}")
    expect(not sadb.usable(gateway), "associations without a packet")
    expect(not bed.capture.ike_from(WEST.outer4), "IKE without a packet")
    flood = Flood(bed.topology.host(WEST), *ADDRESSES, PINGS_PER_SECOND)
    wait_for(lambda: len(flood.tally().answers) >= 10, UP_SECONDS_MAX, "no answer through the tunnel")
    tally = flood.stop()
    bed.note(f"{tally.sent} pings at {PINGS_PER_SECOND}/s, lost: {list(tally.lost)}")
    expect(tally.lost == tuple(range(1, len(tally.lost) + 1)), "pings lost after the first answer")
    expect_stop(bed, west, east)
    expect_only_protected(bed)


@scenarios({"passive": ({"passive": True},)})
@scenarios({"dial-up": ({"dial_up": True},)}, long=True)
def called_end_is_silent(bed, quiet):
    """West answers and never begins, however many packets want the tunnel; a packet at east's starts it."""
    pair = ends(west={"initiate": False, **quiet})
    west, east = (bed.daemon(Xfrmd, end) for end in pair)
    east.start()
    west.start()
    with administrators_block(bed, west.end.dial_up):
        flood = Flood(bed.topology.host(WEST), *ADDRESSES, PINGS_PER_SECOND)
        expect_silence(bed, west)
        bed.note(f"silent for {SILENT_SECONDS} s of pings")
        answer = Flood(bed.topology.host(EAST), *reversed(ADDRESSES), PINGS_PER_SECOND)
        wait_for(lambda: len(answer.tally().answers) >= 5, UP_SECONDS_MAX, "the silent end does not answer")
        bed.note(f"answers when called: lost of the caller's pings {list(answer.stop().lost)}")
        flood.stop()
        expect_ping(bed.topology.host(WEST), *ADDRESSES)
        east.stop()
        west.wait_down()
        west.stop()
    expect_as_before(bed)
    expect_only_protected(bed)


def expect_silence(bed, west: Xfrmd) -> None:
    """West sends no IKE packet while pings want the tunnel; a passive end says so."""
    time.sleep(SILENT_SECONDS)
    expect(not bed.capture.ike_from(WEST.outer4), "the silent end has begun")
    if west.end.passive:
        west.wait_words(words.PASSIVE, 1)


@contextmanager
def administrators_block(bed, needed: bool):
    """A dial-up server has no policy before a peer is there: the administrator's own blocks the clear text."""
    gateway = bed.topology.gateway(WEST)
    words_of_policy = ("dir", "out", "src", WEST_AND_MORE, "dst", EAST_AND_MORE)
    if needed:
        gateway.ip("xfrm", "policy", "add", *words_of_policy, "action", "block", "priority", LAST_PRIORITY)
    yield
    if needed:
        gateway.ip("xfrm", "policy", "delete", *words_of_policy)


def expect_only_protected(bed) -> None:
    """There were ESP packets on the wire, and none in clear text."""
    bed.capture.stop()
    counts = bed.capture.counts()
    expect_no_clear_text(counts)
    expect(protected(counts) > 0, "no ESP on the wire")
