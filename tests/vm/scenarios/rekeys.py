"""Child SAs and IKE SAs get successors while 200 pings a second go each way; none is lost, and one pair stays.

    lan1 -- west (initiates) ====== east -- lan2          each row: who is west and east, and who begins the rekeys

xfrmd begins when the kernel says that an SA has carried nearly all its octets, which a burst sees to; strongSwan and
Libreswan begin when they are told to.
"""

import re

from bed import faults, kernel, words
from bed.capture import expect_no_clear_text
from bed.checks import bring_up, expect_stop
from bed.daemon import Daemon
from bed.flood import expect_none_lost
from bed.libreswan import Libreswan
from bed.rekeying import Burst, expect_one_pair, flood_both_ways, rekey_children
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.spec import ends
from bed.strongswan import StrongSwan
from bed.xfrmd import Xfrmd

LIMIT = {"limit_kilobytes": 5120}
WEST_BEGINS, EAST_BEGINS, BOTH_BEGIN = (LIMIT, {}), ({}, LIMIT), (LIMIT, LIMIT)
BEGINNERS = {
    "itself/west": (Xfrmd, Xfrmd, *WEST_BEGINS),
    "itself/east": (Xfrmd, Xfrmd, *EAST_BEGINS),
    "itself/both": (Xfrmd, Xfrmd, *BOTH_BEGIN),
    "to-strongswan/xfrmd": (Xfrmd, StrongSwan, *WEST_BEGINS),
    "to-strongswan/peer": (Xfrmd, StrongSwan, {}, {}),
    "to-strongswan/both": (Xfrmd, StrongSwan, *BOTH_BEGIN),
    "from-strongswan/xfrmd": (StrongSwan, Xfrmd, *EAST_BEGINS),
    "from-strongswan/peer": (StrongSwan, Xfrmd, {}, {}),
    "from-strongswan/both": (StrongSwan, Xfrmd, *BOTH_BEGIN),
    "to-libreswan/xfrmd": (Xfrmd, Libreswan, *WEST_BEGINS),
    "to-libreswan/peer": (Xfrmd, Libreswan, {}, {}),
    "from-libreswan/xfrmd": (Libreswan, Xfrmd, *EAST_BEGINS),
    "from-libreswan/peer": (Libreswan, Xfrmd, {}, {}),
}
MANY, FEW = 20, 3
IN_SHORT = ("to-strongswan/xfrmd", "to-libreswan/peer")
# For each rekey: what 400 packets a second are in the time the emulated machine takes to read an answer.
TOO_EARLY_MAX = 20
# Requests of both ends cross on their way, however quick the machine is.
CROSSING_MILLISECONDS = 500


def children_are_rekeyed(bed, initiator, responder, west_limit, east_limit, times, weather=None) -> None:
    """The course of all rows; `weather(bed)` makes the wire lose or hold back IKE packets."""
    bed.topology.widen()
    bed.capture_all_but_esp()
    pair = ends(west=west_limit, east=east_limit)
    west, east = bed.daemon(initiator, pair[0]), bed.daemon(responder, pair[1])
    bring_up(bed, west, east)
    if weather:
        weather(bed)  # before the floods: a change of the queues drops what is in them
    floods = flood_both_ways(bed)
    begin = beginner(bed, west, east)
    seconds = rekey_children(bed, times, begin, settle=weather is crossing)
    bed.note(f"{times} child rekeys in {seconds:.0f} s, {made(west, east)} pairs made")
    expect_one_pair(bed)
    excused = too_early(bed, west, east, times)
    bed.note(expect_none_lost(*[flood.stop() for flood in floods], excused=excused))
    expect_stop(bed, west, east)
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())


def too_early(bed, west: Daemon, east: Daemon, times: int) -> int:
    """How many packets Libreswan has sent to xfrmd on SAs for which nobody but itself had the keys.

    As a responder it uses the new SA from the moment it makes its answer, where RFC 7296, 2.8 has it wait until it has
    heard something on it. Whatever the initiator does, those that come before it has read the answer are lost.
    """
    for ours, peer in ((west, east), (east, west)):
        if isinstance(peer, Libreswan) and ours.end.limit_kilobytes:
            count = kernel.without_association(ours.space)
            expect(count <= TOO_EARLY_MAX * times, f"{count} packets came too early for {times} rekeys")
            bed.note(f"{count} packets came before the answer that has their keys")
            return count
    return 0


def beginner(bed, west: Daemon, east: Daemon):
    """What makes the right end begin: a burst up to the limit, or a command to the peer."""
    if west.end.limit_kilobytes or east.end.limit_kilobytes:
        return Burst(bed, west.end.limit_kilobytes or east.end.limit_kilobytes).send
    peer = next(daemon for daemon in (west, east) if not isinstance(daemon, Xfrmd))
    return peer.rekey_child


def made(*daemons: Daemon) -> int:
    """How many pairs of associations there were by an xfrmd's log; more than rekeys, where both ends began."""
    log = next(daemon for daemon in daemons if isinstance(daemon, Xfrmd)).log()
    return len(re.findall(words.IPSEC_SA_ESTABLISHED, log)) - 1


def crossing(bed) -> None:
    """Requests take long enough to cross."""
    faults.delay_ike(bed, CROSSING_MILLISECONDS)


def weather_of(name: str):
    """Where both begin, their requests shall cross."""
    return crossing if name.endswith("/both") else None


@scenarios({f"child/{name}": (*BEGINNERS[name], FEW, weather_of(name)) for name in IN_SHORT})
@scenarios({f"child/{name}": (*row, MANY, weather_of(name)) for name, row in BEGINNERS.items()}, long=True)
@scenarios({f"lossy/{name}": (*row, MANY, faults.lose_ike) for name, row in BEGINNERS.items()}, long=True)
def child_rekeys(bed, *row):
    """Child SAs are replaced, three times or twenty."""
    children_are_rekeyed(bed, *row)


TURNS = {
    "itself": (Xfrmd, Xfrmd),
    "to-strongswan": (Xfrmd, StrongSwan),
    "from-strongswan": (StrongSwan, Xfrmd),
    "to-libreswan": (Xfrmd, Libreswan),
    "from-libreswan": (Libreswan, Xfrmd),
}
KEYLIFE = {"keylife": 120}
# With a keylife of 120 s the end that made the IKE SA asks for the next one at 70 s, the other end at 90 s.
OWN_REKEY_SECONDS_MAX = 100


def wait_ike_rekeys(daemon: Xfrmd, count: int, seconds: float) -> None:
    """Waits until an xfrmd has said so often that its IKE SA has a successor."""
    wait_for(lambda: len(re.findall(words.IKE_SA_REKEYED, daemon.log())) >= count, seconds,
             lambda: f"{len(re.findall(words.IKE_SA_REKEYED, daemon.log()))} IKE rekeys instead of {count}")


@scenarios({"ike/from-strongswan": (StrongSwan, Xfrmd, 0, 2)})
@scenarios({f"ike/{pair}": (*row, *((3, 0) if pair == "itself" else (2, 3))) for pair, row in TURNS.items()}, long=True)
def ike_rekeys(bed, initiator, responder, by_us, by_peer):
    """The IKE SA is replaced by xfrmd when its keylife is nearly over, and by the peer when it is told to."""
    bed.capture_all_but_esp()
    ours = {kind: KEYLIFE if kind is Xfrmd and by_us else {} for kind in (initiator, responder)}
    pair = ends(west=ours[initiator], east=ours[responder])
    west, east = bed.daemon(initiator, pair[0]), bed.daemon(responder, pair[1])
    bring_up(bed, west, east)
    floods = flood_both_ways(bed)
    xfrmd = next(daemon for daemon in (west, east) if isinstance(daemon, Xfrmd))
    for number in range(1, by_peer + 1):
        next(daemon for daemon in (west, east) if not isinstance(daemon, Xfrmd)).rekey_ike()
        wait_ike_rekeys(xfrmd, number, 20)
    for number in range(by_peer + 1, by_peer + by_us + 1):
        wait_ike_rekeys(xfrmd, number, OWN_REKEY_SECONDS_MAX)
    bed.note(f"{by_us} IKE rekeys by xfrmd, {by_peer} by the peer")
    expect_one_pair(bed)
    bed.note(expect_none_lost(*[flood.stop() for flood in floods]))
    expect_stop(bed, west, east)
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())
