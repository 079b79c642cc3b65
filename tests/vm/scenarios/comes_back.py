"""A tunnel with auto-negotiate comes back within six seconds of its peer's return, and nothing leaks meanwhile.

    lan1 (pings) -- west (xfrmd, auto-negotiate) ====== east (is lost, and returns) -- lan2
"""

import time

from bed import faults, sadb
from bed.capture import expect_no_clear_text
from bed.checks import bring_up, expect_stop
from bed.daemon import Daemon
from bed.flood import Flood, expect_none_lost
from bed.rekeying import expect_one_pair, gateways
from bed.scenario import scenarios
from bed.shell import POLL_SECONDS, expect, wait_for
from bed.spec import Dpd, ends
from bed.strongswan import StrongSwan
from bed.topology import EAST, WEST, member
from bed.xfrmd import Xfrmd

ADDRESSES = [member(site.net4, 2) for site in (WEST, EAST)]
PINGS_PER_SECOND = 20
RETURN_SECONDS_MAX = 6.0
GIVE_UP_SECONDS = 60
NOTICED_SECONDS_MAX = 15
LATE_MILLISECONDS = 200
# Longer than the three seconds after which one of two SAs for the same is ended.
SETTLED_PINGS = 8 * PINGS_PER_SECOND
# Long enough for several attempts in vain, and for retransmissions that lie far apart.
AWAY_SECONDS, LONG_AWAY_SECONDS = 17, 120


def wait_noticed(bed) -> None:
    """West has flushed the tunnel."""
    wait_for(lambda: not sadb.usable(bed.topology.gateway(WEST)), NOTICED_SECONDS_MAX, "west does not notice the loss")


def crash(bed, east: Daemon) -> None:
    """The daemon is killed; its kernel carries on until the daemon is there again and clears up what it finds."""
    east.crash()
    time.sleep(AWAY_SECONDS)
    east.start()


def reboot(bed, east: Daemon) -> None:
    """The machine starts anew: neither the daemon nor its kernel knows anything of the tunnel."""
    east.crash()
    faults.forget_everything(bed, EAST)
    wait_noticed(bed)
    time.sleep(AWAY_SECONDS)
    east.start()


def delete(bed, east: Daemon) -> None:
    """A DELETE; strongSwan goes on running, xfrmd is started again."""
    if isinstance(east, StrongSwan):
        east.delete()
    else:
        east.stop()
        east.crash()
        east.start()


def silence(bed, east: Daemon) -> None:
    """The peer lives and is not heard for a while."""
    faults.silence(bed, EAST)
    wait_noticed(bed)
    time.sleep(AWAY_SECONDS)
    faults.end_silence(bed, EAST)


def link_down(bed, east: Daemon) -> None:
    """The peer's link is down for two minutes."""
    faults.cut(bed, EAST)
    wait_noticed(bed)
    time.sleep(LONG_AWAY_SECONDS)
    faults.mend(bed, EAST)


LOSSES = {"crash": crash, "reboot": reboot, "delete": delete, "silence": silence, "link-down": link_down}
PEERS = {"itself": (Xfrmd, {}), "itself-auto": (Xfrmd, {"initiate": True}),
         "strongswan": (StrongSwan, {}), "strongswan-auto": (StrongSwan, {"heals": True})}
IN_SHORT = ("strongswan/delete",)
ROWS = {f"{peer}/{name}": (*PEERS[peer], loss) for peer in PEERS for name, loss in LOSSES.items()
        if not (loss is crash and PEERS[peer][0] is StrongSwan)}  # which leaves its kernel alone, so nothing is lost


@scenarios({name: ROWS[name] for name in IN_SHORT})
@scenarios(ROWS, long=True)
def comes_back(bed, responder, words, lose):
    """Pings from west's host all the time; the first answer through a new pair tells when the tunnel is back."""
    pair = ends(west={"dpd": Dpd()}, east={"dpd": Dpd(), **words})
    west, east = bed.daemon(Xfrmd, pair[0]), bed.daemon(responder, pair[1])
    bring_up(bed, west, east)
    flood = Flood(bed.topology.host(WEST), *ADDRESSES, PINGS_PER_SECOND)
    wait_for(lambda: flood.tally().answers, 5, "no answer through the tunnel")
    known = sadb.spis(*gateways(bed))
    lost_at = time.time()
    lose(bed, east)
    returned = time.time()
    wait_for(lambda: all(len(sadb.spis(space) - known) >= 2 for space in gateways(bed)), GIVE_UP_SECONDS,
             f"no tunnel {GIVE_UP_SECONDS} s after the peer's return")
    new = max(returned, time.time() - POLL_SECONDS)
    back = wait_for(lambda: flood.tally().first_answer_after(new), GIVE_UP_SECONDS, "no answer through the new tunnel")
    bed.note(f"away for {returned - lost_at:.1f} s, back {back - returned:.1f} s after the return")
    expect_one_pair(bed)
    flood.stop()
    expect_stop(bed, west, east)
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())
    expect(back - returned <= RETURN_SECONDS_MAX, "the tunnel came back late")


@scenarios({"both-start/strongswan": (StrongSwan, {"heals": True})}, long=True)
@scenarios({"both-start/itself": (Xfrmd, {"initiate": True})}, long=True)
def both_start_at_once(bed, responder, words):
    """Both ends begin, and their requests cross: one pair of associations comes of it, and no packet is lost."""
    faults.delay_ike(bed, LATE_MILLISECONDS)
    pair = ends(west={"dpd": Dpd()}, east={"dpd": Dpd(), **words})
    west, east = bed.daemon(Xfrmd, pair[0]), bed.daemon(responder, pair[1])
    bring_up(bed, west, east)
    flood = Flood(bed.topology.host(WEST), *ADDRESSES, PINGS_PER_SECOND)
    wait_for(lambda: len(flood.tally().answers) >= SETTLED_PINGS, 40, "too few answers through the tunnel")
    expect_one_pair(bed)
    bed.note(expect_none_lost(flood.stop()))
    expect_stop(bed, west, east)
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())
