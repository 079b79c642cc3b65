"""Tunnels through NATs: ESP goes in UDP, and a NAT that is restarted costs the tunnel nothing.

    lan1 -- west (initiates) -- [NAT] ====== [NAT] -- east -- lan2          each row: where the NATs are, who is who
"""

import time

from bed import sadb, words
from bed.capture import expect_no_clear_text
from bed.checks import bring_up, expect_as_before, expect_both_ways, expect_kernel, expect_stop, expect_traffic
from bed.flood import Flood
from bed.nat import Nat, add_neighbour, behind
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.spec import End, ends
from bed.strongswan import StrongSwan
from bed.topology import EAST, WEST, member
from bed.traffic import PINGS
from bed.xfrmd import Xfrmd

PAIRS = {"itself": (Xfrmd, Xfrmd), "to-strongswan": (Xfrmd, StrongSwan), "from-strongswan": (StrongSwan, Xfrmd)}
PINGS_PER_SECOND = 20
RESTARTS = 2
BACK_SECONDS_MAX = 3.0


def expect_udp(bed, packets: int) -> None:
    """All ESP on the wire was in UDP, that many packets at least, and nothing was in clear text."""
    bed.capture.stop()
    counts = bed.capture.counts()
    expect_no_clear_text(counts)
    expect(not counts["esp"], f"{counts['esp']} packets of bare ESP on the wire")
    expect(counts["esp in udp"] >= packets, f"{counts['esp in udp']} packets of ESP in UDP instead of {packets}")
    bed.note(f"{counts['esp in udp']} packets of ESP in UDP, 0 bare, 0 in clear text")


def tunnel_through(bed, west, east) -> None:
    """The whole course of one tunnel."""
    bring_up(bed, west, east)
    for daemon in (west, east):
        expect_kernel(bed, daemon.end)
    packets = expect_traffic(bed, west.end)
    expect_stop(bed, west, east)
    expect_udp(bed, packets)


@scenarios({"initiator/to-strongswan": PAIRS["to-strongswan"]})
@scenarios({f"initiator/{name}": row for name, row in PAIRS.items()}, long=True)
def initiator_behind_nat(bed, initiator, responder):
    """West is behind a NAT that gives its flows other ports."""
    pair = ends()
    Nat(bed, WEST)
    tunnel_through(bed, bed.daemon(initiator, behind(pair[0])), bed.daemon(responder, pair[1]))


@scenarios({f"responder/{name}": row for name, row in PAIRS.items()}, long=True)
def responder_behind_nat(bed, initiator, responder):
    """East is behind a NAT that forwards IKE's ports."""
    pair = ends()
    Nat(bed, EAST, called=True)
    tunnel_through(bed, bed.daemon(initiator, pair[0]), bed.daemon(responder, behind(pair[1])))


@scenarios({f"both/{name}": row for name, row in PAIRS.items()}, long=True)
def both_behind_nat(bed, initiator, responder):
    """Each end is behind a NAT of its own."""
    pair = ends()
    Nat(bed, WEST)
    Nat(bed, EAST, called=True)
    tunnel_through(bed, bed.daemon(initiator, behind(pair[0])), bed.daemon(responder, behind(pair[1])))


FORCED = {"forced_udp": True}


@scenarios({"forced/itself/west": (Xfrmd, Xfrmd, FORCED, {}), "forced/itself/east": (Xfrmd, Xfrmd, {}, FORCED),
            "forced/to-strongswan/xfrmd": (Xfrmd, StrongSwan, FORCED, {}),
            "forced/to-strongswan/peer": (Xfrmd, StrongSwan, {}, FORCED),
            "forced/from-strongswan/xfrmd": (StrongSwan, Xfrmd, {}, FORCED),
            "forced/from-strongswan/peer": (StrongSwan, Xfrmd, FORCED, {})}, long=True)
def forced(bed, initiator, responder, west_words, east_words):
    """There is no NAT, and one end insists on UDP."""
    pair = ends(west=west_words, east=east_words)
    tunnel_through(bed, bed.daemon(initiator, pair[0]), bed.daemon(responder, pair[1]))


@scenarios({"restart/from-strongswan": PAIRS["from-strongswan"]})
@scenarios({f"restart/{name}": row for name, row in PAIRS.items()}, long=True)
def nat_is_restarted(bed, initiator, responder):
    """The NAT of west forgets everything and gives out other ports, while pings go on; east follows."""
    pair = ends()
    nat = Nat(bed, WEST)
    west, east = bed.daemon(initiator, behind(pair[0])), bed.daemon(responder, pair[1])
    bring_up(bed, west, east)
    known = sadb.spis(bed.topology.gateway(EAST))
    flood = Flood(bed.topology.host(WEST), *(member(site.net4, 2) for site in (WEST, EAST)), PINGS_PER_SECOND)
    wait_for(lambda: flood.tally().answers, 5, "no answer through the tunnel")
    for _ in range(RESTARTS):
        nat.restart()
        restarted = time.time()
        wait_for(lambda: flood.tally().first_answer_after(restarted + 0.2), 30, "no answer after the NAT's restart")
        time.sleep(BACK_SECONDS_MAX)
    tally = flood.stop()
    bed.note(f"{tally.sent} pings, {len(tally.lost)} lost, longest pause {tally.longest_gap:.1f} s, {RESTARTS} restarts")
    expect(tally.longest_gap <= BACK_SECONDS_MAX, f"a pause of {tally.longest_gap:.1f} s at the NAT's restart")
    expect(sadb.spis(bed.topology.gateway(EAST)) == known, "the associations are not the same as before")
    if isinstance(east, Xfrmd):
        east.wait_words(words.PEER_MOVED, 1)
    expect_both_ways(bed, WEST, member(WEST.net4, 2), EAST, member(EAST.net4, 2))
    expect_stop(bed, west, east)
    expect_udp(bed, 2 * len(tally.answers))


@scenarios({"two-peers/itself": (Xfrmd, Xfrmd, Xfrmd), "two-peers/to-strongswan": (Xfrmd, Xfrmd, StrongSwan),
            "two-peers/from-strongswan": (StrongSwan, StrongSwan, Xfrmd),
            "two-peers/from-both-kinds": (Xfrmd, StrongSwan, Xfrmd)}, long=True)
def two_peers_behind_one_nat(bed, first_kind, second_kind, server_kind):
    """Two gateways behind one NAT, each with a network of its own, call east, which takes whoever calls."""
    nat = Nat(bed, WEST)
    neighbour = add_neighbour(bed, nat)
    networks = (WEST.net4, neighbour.net4)
    pair = ends(east={"dial_up": True, "remote": networks})
    server = bed.daemon(server_kind, pair[1])
    first = bed.daemon(first_kind, behind(pair[0]))
    second = bed.daemon(second_kind, End(neighbour, EAST, local=(neighbour.net4,), remote=pair[0].remote, initiate=True))
    for daemon in (server, first, second):
        daemon.start()
    for daemon in (first, second):
        daemon.initiate()
        daemon.wait_up()
    space = bed.topology.gateway(EAST)
    wait_for(lambda: sadb.usable(space) == 4, 20, lambda: f"east has {sadb.usable(space)} associations instead of 4")
    for site in (WEST, neighbour):
        expect_both_ways(bed, site, member(site.net4, 2), EAST, member(EAST.net4, 2))
    second.stop()
    wait_for(lambda: sadb.usable(space) == 2, 20, lambda: f"east has {sadb.usable(space)} associations instead of 2")
    expect_both_ways(bed, WEST, member(WEST.net4, 2), EAST, member(EAST.net4, 2))
    first.stop()
    server.wait_down()
    server.stop()
    expect_as_before(bed)
    expect_udp(bed, 12 * PINGS)
