"""A clean stop: what it tells the peer, what goes with it and what stays for the next start.

    west (initiates) ====== east
"""

from bed.capture import expect_no_clear_text
from bed.checks import bring_up, expect_as_before, expect_stop, expect_traffic
from bed.pairs import PAIRS
from bed.scenario import scenarios
from bed.shell import expect
from bed.spec import ends
from bed.topology import EAST, WEST, member
from bed.traffic import ping
from bed.xfrmd import Xfrmd


@scenarios({pair: PAIRS[pair] for pair in PAIRS})
def responder_stops(bed, initiator, responder):
    """The peer's associations go with ours, and after both have stopped nothing is left."""
    west, east = (bed.daemon(kind, end) for kind, end in zip((initiator, responder), ends()))
    bring_up(bed, west, east)
    east.stop()
    west.wait_down()
    west.stop()
    expect_as_before(bed)


@scenarios()
def route_stays(bed):
    """An administrator's route into a tunnel outlives a restart, and what takes it meanwhile is dropped."""
    west, east = (bed.daemon(Xfrmd, end) for end in ends(route_based=True))
    bring_up(bed, west, east)
    routes = bed.topology.gateway(WEST).ip("route", "list", "dev", west.end.name)
    expect(EAST.net4 in routes, f"no route into the tunnel: {routes}")
    west.stop()
    expect(bed.topology.gateway(WEST).ip("route", "list", "dev", west.end.name) == routes, "a stop has changed the routes")
    answered = ping(bed.topology.host(WEST), member(WEST.net4, 2), member(EAST.net4, 2))
    expect(answered == 0, "packets get through without a daemon")
    west.start()
    west.wait_up()
    expect_traffic(bed, west.end)
    expect("is running" in west.sweep(code=1), "a sweep beside a running daemon")
    expect_stop(bed, west, east)
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())
