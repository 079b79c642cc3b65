"""A reload with one of two tunnels changed: the other one does not notice.

    lan1 (net4, second4) -- west ====== east -- lan2 (net4, second4)
"""

from dataclasses import replace

from bed import sadb
from bed.checks import expect_as_before, expect_ping
from bed.flood import Flood, expect_none_lost
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.spec import ends
from bed.topology import EAST, WEST, member
from bed.xfrmd import Xfrmd, phase1_of, phase2_of

UP_SECONDS_MAX = 20
SECOND = "second"


class TwoTunnels(Xfrmd):
    """Two phase 1s with one peer, which are told apart by west's identities; the second one's secret may change."""

    second_secret = "the first secret of the second tunnel"

    def configuration(self) -> dict:
        end = self.end
        calls = end.initiate
        first = replace(end, local_id="first" if calls else "", peer_id="" if calls else "first")
        second = replace(end, local=(end.site.second4,), remote=(end.peer.second4,), secret=self.second_secret,
                         local_id=SECOND if calls else "", peer_id="" if calls else SECOND)
        return {"phase1": {end.name: phase1_of(first), SECOND: phase1_of(second)},
                "phase2": {end.name: phase2_of(first)[1], SECOND: {**phase2_of(second)[1], "phase1name": SECOND}}}


@scenarios()
def other_tunnel_stays(bed):
    """New keys for the second tunnel take it down and up; the first one keeps its associations and loses no ping."""
    west, east = (bed.daemon(TwoTunnels, end) for end in ends())
    gateway = bed.topology.gateway(WEST)
    east.start()
    west.start()
    wait_for(lambda: sadb.usable(gateway) == 4, UP_SECONDS_MAX, "the two tunnels are not up")
    before = sadb.spis(gateway)
    flood = Flood(bed.topology.host(WEST), *(member(site.net4, 2) for site in (WEST, EAST)))
    for daemon in (east, west):
        daemon.second_secret = "another secret of the second tunnel"
        daemon.reload()
    wait_for(lambda: sadb.usable(gateway) == 4 and sadb.spis(gateway) != before, UP_SECONDS_MAX,
             "the second tunnel is not up again")
    expect_ping(bed.topology.host(WEST), *(member(site.second4, 2) for site in (WEST, EAST)))
    bed.note(expect_none_lost(flood.stop()))
    expect(len(before & sadb.spis(gateway)) == 2, "the first tunnel has other associations than before")
    west.wait_words(r"phase 1 second is changed \(restart\): psksecret changed")
    west.stop()
    east.wait_down()
    east.stop()
    expect_as_before(bed)
