"""A tunnel in the hands of the simulated network card, in crypto and in packet mode.

    lan1 -- west (xfrmd) --- esim0 ===[esimw: the capture]=== esim1 --- east (xfrmd) -- lan2

What the card did is told by its own counters; what was on the wire, by the capture.
"""

import re

from bed import offload, offloadsim, sadb, words
from bed.capture import expect_no_clear_text
from bed.checks import bring_up, expect_stop, expect_traffic, expect_wire
from bed.flood import Flood, expect_none_lost
from bed.offload import NEW, OLD, on, rows
from bed.rekeying import expect_one_pair, flood_both_ways, gateways
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.spec import Dpd
from bed.topology import WEST, member

CHILD_REKEYS, IKE_REKEYS = 3, 2
REKEY_SECONDS_MAX = 30
BACK_SECONDS_MAX = 30


@scenarios(rows(OLD, "crypto"), **on(OLD))
@scenarios(rows(NEW, "packet"), **on(NEW))
@scenarios(rows(NEW, "crypto"), long=True, **on(NEW))
def carries(bed, mode):
    """Up, pings in both directions, down: all in this mode, and the card is empty afterwards."""
    west, east = offload.pair(bed, mode)
    bring_up(bed, west, east)
    before = offload.counts()
    packets = expect_traffic(bed, west.end)
    bed.note(offload.expect_sent(before, mode, packets // 2))
    for site in offload.SITES:
        expect(offload.types(site) == {mode: 2}, f"{site.gateway}'s card has {dict(offload.types(site))}")
    bed.keep_evidence()
    offload.evidence(bed)
    expect_stop(bed, west, east)
    offload.wait_empty(*offload.SITES)
    expect_wire(bed, packets)


@scenarios({f"rekeys/{name}": row for name, row in rows(OLD, "crypto").items()}, long=True, **on(OLD))
@scenarios({f"rekeys/{name}": row for name, row in rows(NEW, "crypto", "packet").items()}, long=True, **on(NEW))
def rekeys(bed, mode):
    """200 pings a second in both directions across child and IKE rekeys of either end: none is lost."""
    west, east = offload.pair(bed, mode)
    bring_up(bed, west, east)
    before = offload.counts()
    floods = flood_both_ways(bed)
    for number in range(CHILD_REKEYS):
        rekey_child(bed, (west, east)[number % 2])
    for number in range(IKE_REKEYS):
        rekey_ike((west, east)[number % 2])
    expect_one_pair(bed)
    bed.note(f"{CHILD_REKEYS} child and {IKE_REKEYS} IKE rekeys; " + expect_none_lost(*[flood.stop() for flood in floods]))
    bed.note(offload.expect_sent(before, mode, 100))
    offload.evidence(bed)
    expect_stop(bed, west, east)
    offload.wait_empty(*offload.SITES)
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())


def rekey_child(bed, daemon) -> None:
    """A new pair of associations, asked for at this end."""
    known = sadb.spis(*gateways(bed))
    daemon.xfrmctl("rekey", daemon.end.name, daemon.end.name)
    wait_for(lambda: all(len(sadb.spis(space) - known) >= 2 for space in gateways(bed)), REKEY_SECONDS_MAX,
             "the child rekey did not come")


def rekey_ike(daemon) -> None:
    """A new IKE SA, asked for at this end."""
    known = len(re.findall(words.IKE_SA_REKEYED, daemon.log()))
    daemon.xfrmctl("rekey", daemon.end.name)
    wait_for(lambda: len(re.findall(words.IKE_SA_REKEYED, daemon.log())) > known, REKEY_SECONDS_MAX,
             "the IKE rekey did not come")


@scenarios({f"down/{name}": row for name, row in rows(OLD, "crypto").items()}, long=True, **on(OLD))
@scenarios({f"down/{name}": row for name, row in rows(NEW, "crypto", "packet").items()}, long=True, **on(NEW))
def goes_down_and_up(bed, mode):
    """Under 200 pings a second: down and up by command, and a silent peer; the card follows, and nothing is clear."""
    west, east = offload.pair(bed, mode, west={"dpd": Dpd("on-demand")})
    bring_up(bed, west, east)
    flood = Flood(bed.topology.host(WEST), *[member(site.net4, 2) for site in offload.SITES])
    wait_for(lambda: flood.tally().answers, 5, "no answer through the tunnel")
    west.xfrmctl("down", west.end.name)
    offload.wait_empty(*offload.SITES)
    west.xfrmctl("up", west.end.name)
    wait_mode(mode, "after up")
    offloadsim.set_wire("silent")
    west.wait_words(words.RETRANSMISSION_TIMEOUT, 30)
    offload.wait_empty(WEST)
    offloadsim.set_wire("carries")
    wait_mode(mode, "after the silence")
    before = offload.counts()
    expect_traffic(bed, west.end)
    bed.note(offload.expect_sent_mode(before, mode))
    tally = flood.stop()
    bed.note(f"longest pause {tally.longest_gap:.1f} s")
    offload.evidence(bed)
    expect_stop(bed, west, east)
    offload.wait_empty(*offload.SITES)
    offload.expect_no_clear()
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())


def wait_mode(mode: str, when: str) -> None:
    """Waits until both cards have a pair in this mode."""
    wait_for(lambda: all(offload.types(site)[mode] >= 2 for site in offload.SITES), BACK_SECONDS_MAX,
             lambda: f"no pair in {mode} mode {when}: {[dict(offload.types(site)) for site in offload.SITES]}")
