"""More tunnels than a card has room for: nine of ten are in the card and one in software.

    lan1 -- west (xfrmd; its card has a small table) === east (xfrmd in software) -- a network for each tunnel
"""

import json
import time
from collections import Counter

from bed import many, offload
from bed.capture import expect_no_clear_text
from bed.offload import NEW, OLD, TITLES, on
from bed.offloadsim import Card
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.topology import WEST

SHARING = 25  # under emulation, as many key exchanges at once as tunnels are in each other's way
FEW, MANY = 200, 1000
UP_SECONDS_MAX = {FEW: 240, MANY: 900}
SENT_SECONDS_MAX = 60
REKEY_SECONDS_MAX = 30


def sizes(kernel: str, tunnels: int, *modes: str) -> dict[str, tuple]:
    """A row for each mode with that many tunnels."""
    return {f"{TITLES[kernel]}-{mode}-{tunnels}": (mode, tunnels) for mode in modes}


@scenarios(sizes(NEW, FEW, "packet"), **on(NEW))
@scenarios(sizes(OLD, MANY, "crypto"), long=True, **on(OLD))
@scenarios(sizes(NEW, MANY, "crypto", "packet"), long=True, **on(NEW))
def full_table(bed, mode, tunnels):
    """What has no room in the card is in software, each told; a slot that becomes free is used by the next rekey."""
    room = tunnels * 9 // 10
    clock = Clock(bed)
    bed.capture_all_but_esp()
    west, east = many.prepare(bed, tunnels, ({"offload": mode}, {"offload": "none"}), SHARING)
    card = Card(WEST)
    card.set("max_sa", 2 * room)
    east.start()
    west.start()
    clock.tell("both daemons run")
    many.wait_up(bed, tunnels, UP_SECONDS_MAX[tunnels])
    clock.tell(f"{tunnels} tunnels are up")
    wait_for(lambda: "down" not in told(west).values(), SENT_SECONDS_MAX, "the kernel has more than status tells")
    modes = told(west)
    bed.note(f"{tunnels} tunnels: {dict(Counter(modes.values()))}, in the card {dict(offload.types(WEST))}")
    expect(Counter(modes.values()) == {mode: room, "none": tunnels - room}, "status tells other numbers")
    expect(offload.types(WEST) == {mode: 2 * room}, "the card has other numbers")
    silent = [name for name, one in modes.items()
              if one == "none" and "not " + mode not in west.xfrmctl("explain", *name)]
    expect(not silent, f"{len(silent)} tunnels do not tell why they are in software")
    clock.tell("each tells where it is")
    before = offload.counts()
    many.send_to_all(bed, tunnels)
    wait_for(lambda: carried(before, mode) == (room, tunnels - room), SENT_SECONDS_MAX,
             lambda: f"{carried(before, mode)} packets by the card and in software; {unsent(bed)}")
    bed.note(f"a packet for each tunnel: {room} left through the card, {tunnels - room} in software")
    clock.tell("each has sent a packet")
    use_free_slot(bed, west, mode, modes, room)
    clock.tell("a free slot is used")
    offload.evidence(bed)
    west.stop()
    east.stop()
    offload.wait_empty(*offload.SITES)
    clock.tell("nothing is left")
    offload.expect_no_clear()
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())


class Clock:
    """Tells how long the steps took."""

    def __init__(self, bed):
        self.bed, self.begun = bed, time.monotonic()

    def tell(self, step: str) -> None:
        """This step is done."""
        self.bed.note(f"{time.monotonic() - self.begun:.0f} s: {step}")


def told(west) -> dict[tuple[str, str], str]:
    """How each tunnel is carried, by phase 1 and 2: packet, crypto, none, or both ways if they differ."""
    modes = {}
    for tunnel in json.loads(west.xfrmctl("status", "--json"))["tunnels"]:
        modes |= told_of(west, tunnel["name"])
    return modes


def told_of(west, phase1: str) -> dict[tuple[str, str], str]:
    """The same of one phase 1. What is not established is "down"."""
    modes = {}
    for phase2 in json.loads(west.xfrmctl("status", phase1, "--json"))["tunnels"][0]["phase2s"]:
        newest = phase2["child_sas"][-1:]
        ways = {child[way]["offload"] for child in newest for way in ("inbound", "outbound")}
        modes[phase1, phase2["name"]] = "/".join(sorted(ways)) or "down"
    return modes


def carried(before: dict, mode: str) -> tuple[int, int]:
    """How many packets west has sent with the card's help and without."""
    seen = offload.passed(before)[WEST]
    return seen[offload.WAYS[mode]], seen["tx_esp"]


def unsent(bed) -> list[str]:
    """The kernel's reasons for packets that it did not send."""
    lines = bed.topology.gateway(WEST).run("cat", "/proc/net/xfrm_stat").splitlines()
    return [" ".join(line.split()) for line in lines if not line.endswith("\t0")]


def use_free_slot(bed, west, mode: str, modes: dict[tuple[str, str], str], room: int) -> None:
    """An IKE SA goes down with its tunnels in the card, and one in software gets new keys: it is in the card then."""
    waiting = next(name for name, one in modes.items() if one == "none")
    leaving = next(name for name, one in modes.items() if one == mode and name[0] != waiting[0])[0]
    west.xfrmctl("down", leaving)
    wait_for(lambda: offload.types(WEST)[mode] < 2 * room, 10, "no slot of the card is free")
    time.sleep(1)
    rest = offload.types(WEST)[mode]
    west.xfrmctl("rekey", *waiting)
    wait_for(lambda: told_of(west, waiting[0])[waiting] == mode, REKEY_SECONDS_MAX,
             f"{waiting} has got new keys and is not in the card")
    bed.note(f"{(2 * room - rest) // 2} slots are free, {waiting[1]} is in the card with its next keys")
