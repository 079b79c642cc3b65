"""The card's link goes and comes: the kernel has dropped what the card had, without a word to anybody.

    lan1 (200 pings/s) -- west --- esim0 ===[esimw]=== esim1 --- east -- lan2
                              \\--- wan1 --------------- wan1 ---/       for routes that move
"""

import time

from bed import offload, sadb
from bed.capture import Capture, expect_no_clear_text
from bed.checks import bring_up, expect_stop
from bed.flood import Flood
from bed.offload import NEW, OLD, TITLES, on
from bed.offloadsim import set_wire
from bed.scenario import scenarios
from bed.shell import expect, run, wait_for
from bed.spec import Dpd
from bed.topology import EAST, WEST, WIRE_DEVICE, Site, member

AWAY_SECONDS = 3
BACK_SECONDS_MAX = 2.0
GIVE_UP_SECONDS = 60
SECOND_DEVICE = "wan1"
PLACE = "lan2"  # where a device is while it is away


def restore(bed, site: Site) -> str:
    """What whoever configures the network does when the link is back: the commands, one a line."""
    other = EAST if site is WEST else WEST
    return (f"link set {WIRE_DEVICE} up\naddr replace {site.outer6}/64 dev {WIRE_DEVICE} nodad\n"
            + "".join(bed.topology.route_line(other, network) for network in other.networks()))


def down_and_up(bed, site: Site) -> None:
    """The administrator takes the link down for a while."""
    space = bed.topology.gateway(site)
    space.ip("link", "set", WIRE_DEVICE, "down")
    time.sleep(AWAY_SECONDS)
    space.batch(restore(bed, site))


def flap(bed, site: Site) -> None:
    """Down and up in one go: faster than anybody can look."""
    bed.topology.gateway(site).batch(f"link set {WIRE_DEVICE} down\n" + restore(bed, site))


def cable(bed, site: Site) -> None:
    """The cable is out for a while: no carrier, but the kernel drops nothing."""
    set_wire("pulled")
    time.sleep(AWAY_SECONDS)
    set_wire("carries")


def gone(bed, site: Site) -> None:
    """The device is taken out of the gateway, and put back later."""
    space = bed.topology.gateway(site)
    run("ip", "-n", space.name, "link", "set", WIRE_DEVICE, "netns", PLACE)
    time.sleep(AWAY_SECONDS)
    run("ip", "-n", PLACE, "link", "set", WIRE_DEVICE, "netns", space.name)
    space.batch(f"link set {WIRE_DEVICE} up\naddr add {site.outer4}/24 dev {WIRE_DEVICE}\n" + restore(bed, site))


def second_way(bed) -> None:
    """A second link between the gateways, without offload; nothing is routed there yet."""
    west, east = (bed.topology.gateway(site) for site in (WEST, EAST))
    west.ip("link", "add", SECOND_DEVICE, "type", "veth", "peer", "name", SECOND_DEVICE, "netns", east.name)
    for space in (west, east):
        space.ip("link", "set", SECOND_DEVICE, "up")


def moved(bed, site: Site) -> None:
    """Both gateways' routes to each other move to the second link; that is no end, but another device."""
    for one, other in ((WEST, EAST), (EAST, WEST)):
        bed.topology.gateway(one).ip("route", "replace", f"{other.outer4}/32", "dev", SECOND_DEVICE, "src", one.outer4)


def moved_back(bed, site: Site) -> None:
    """The routes are as they were."""
    for one, other in ((WEST, EAST), (EAST, WEST)):
        bed.topology.gateway(one).ip("route", "del", f"{other.outer4}/32", "dev", SECOND_DEVICE)


EVENTS = {"down": down_and_up, "flap": flap, "cable": cable, "gone": gone}


def table(kernel: str, *modes: str) -> dict[str, tuple]:
    """A row for each event, mode and end."""
    return {f"{TITLES[kernel]}-{mode}/{site.gateway}-{name}": (mode, site, event)
            for mode in modes for name, event in EVENTS.items() for site in (WEST, EAST)
            if not (name == "cable" and site is EAST)}  # which has two ends


@scenarios(table(OLD, "crypto"), long=True, **on(OLD))
@scenarios(table(NEW, "crypto", "packet"), long=True, **on(NEW))
def link(bed, mode, site, event):
    """Traffic is back two seconds after the link, in the same mode, and nothing was in clear text."""
    west, east, flood = begin(bed, mode)
    event(bed, site)
    returned = time.time()
    answer = wait_for(lambda: flood.tally().first_answer_after(returned), GIVE_UP_SECONDS,
                      lambda: f"no answer {GIVE_UP_SECONDS} s after the return: {cards()}")
    bed.note(f"back {answer - returned:.1f} s after the return")
    wait_for(lambda: all(offload.types(one)[mode] >= 2 for one in offload.SITES), 10, lambda: f"not in {mode}: {cards()}")
    end(bed, flood, west, east)
    expect(answer - returned <= BACK_SECONDS_MAX, "traffic came back late")


@scenarios({f"{TITLES[OLD]}-crypto/route": ("crypto",)}, long=True, **on(OLD))
@scenarios({f"{TITLES[NEW]}-{mode}/route": (mode,) for mode in ("crypto", "packet")}, long=True, **on(NEW))
def route(bed, mode):
    """The route moves to a link without offload and back: software there, the card here, without being asked."""
    second_way(bed)
    west, east, flood = begin(bed, mode)
    second = Capture(bed.topology.gateway(WEST), SECOND_DEVICE, bed.folder / "second.pcap", "not icmp or src host 192.0.2.2")
    bed.exit.callback(second.tcpdump.kill)
    for event, wanted in ((moved, "none"), (moved_back, mode)):
        began = time.time()
        event(bed, WEST)
        wait_for(lambda: in_mode(west, wanted) and in_mode(east, wanted), 30,
                 lambda: f"not in {wanted} after the route has {event.__name__}: {cards()}")
        settled = time.time()
        answer = wait_for(lambda: flood.tally().first_answer_after(began), GIVE_UP_SECONDS, "no answer on the other way")
        bed.note(f"{event.__name__}: answer after {answer - began:.1f} s, {wanted} after {settled - began:.1f} s")
    second.stop()
    expect_no_clear_text(second.counts())
    bed.topology.gateway(WEST).ip("link", "del", SECOND_DEVICE)
    end(bed, flood, west, east)


def begin(bed, mode: str):
    """A tunnel in that mode with a stream of pings through it."""
    west, east = offload.pair(bed, mode, west={"dpd": Dpd()}, east={"dpd": Dpd()})
    bring_up(bed, west, east)
    flood = Flood(bed.topology.host(WEST), member(WEST.net4, 2), member(EAST.net4, 2))
    wait_for(lambda: flood.tally().answers, 5, "no answer through the tunnel")
    expect(all(offload.types(one) == {mode: 2} for one in offload.SITES), f"not in {mode}: {cards()}")
    return west, east, flood


def end(bed, flood, west, east) -> None:
    """What holds whatever has happened."""
    tally = flood.stop()
    bed.note(f"{len(tally.lost)} of {tally.sent} pings lost, longest pause {tally.longest_gap:.1f} s")
    offload.evidence(bed)
    offload.expect_no_clear()
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())
    expect_stop(bed, west, east)
    offload.wait_empty(*offload.SITES)


def in_mode(daemon, mode: str) -> bool:
    """Whether the newest Child SA is up in that mode by the daemon's own account, and is the only one."""
    if not sadb.usable(daemon.space):
        return False
    children = daemon.status()["phase2s"][0]["child_sas"]
    return len(children) == 1 and all(children[0].get(way, {}).get("offload") == mode for way in ("inbound", "outbound"))


def cards() -> str:
    """What the cards have, for a reason."""
    return ", ".join(f"{site.gateway} {dict(offload.types(site))}" for site in offload.SITES)
