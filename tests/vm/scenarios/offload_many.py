"""A thousand tunnels, and a card with room for nine hundred.

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

TUNNELS, ROOM = 1000, 900
SHARING = 25  # under emulation, a thousand key exchanges at once are in each other's way
UP_SECONDS_MAX = 420
REKEY_SECONDS_MAX = 30


@scenarios({f"{TITLES[OLD]}-crypto": ("crypto",)}, long=True, **on(OLD))
@scenarios({f"{TITLES[NEW]}-{mode}": (mode,) for mode in ("crypto", "packet")}, long=True, **on(NEW))
def table_of_900(bed, mode):
    """900 in the card and 100 in software, each told; a slot that becomes free is used by the next rekey."""
    bed.capture_all_but_esp()
    west, east = many.prepare(bed, TUNNELS, ({"offload": mode}, {"offload": "none"}), SHARING)
    card = Card(WEST)
    card.set("max_sa", 2 * ROOM)
    east.start()
    west.start()
    many.wait_up(bed, TUNNELS, UP_SECONDS_MAX)
    modes = told(west)
    bed.note(f"{TUNNELS} tunnels: {dict(Counter(modes.values()))}, in the card {dict(offload.types(WEST))}")
    expect(Counter(modes.values()) == {mode: ROOM, "none": TUNNELS - ROOM}, "status tells other numbers")
    expect(offload.types(WEST) == {mode: 2 * ROOM}, "the card has other numbers")
    silent = [name for name, one in modes.items() if one == "none" and "not " + mode not in west.xfrmctl("explain", *name)]
    expect(not silent, f"{len(silent)} tunnels do not tell why they are in software")
    before = offload.counts()
    many.send_to_all(bed, TUNNELS)
    wait_for(lambda: carried(before, mode) == (ROOM, TUNNELS - ROOM), 20,
             lambda: f"{carried(before, mode)} packets by the card and in software; {sorted(unsent(bed))}")
    use_free_slot(bed, west, mode, modes)
    offload.evidence(bed)
    west.stop()
    east.stop()
    offload.wait_empty(*offload.SITES)
    offload.expect_no_clear()
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())


def told(west) -> dict[tuple[str, str], str]:
    """How each tunnel is carried, by phase 1 and 2: packet, crypto, none, or both ways if they differ."""
    modes = {}
    for tunnel in json.loads(west.xfrmctl("status", "--json"))["tunnels"]:
        detail = json.loads(west.xfrmctl("status", tunnel["name"], "--json"))["tunnels"][0]
        for phase2 in detail["phase2s"]:
            child = phase2["child_sas"][-1]
            modes[tunnel["name"], phase2["name"]] = "/".join(
                sorted({child[way]["offload"] for way in ("inbound", "outbound")}))
    return modes


def carried(before: dict, mode: str) -> tuple[int, int]:
    """How many packets west has sent with the card's help and without."""
    seen = offload.passed(before)[WEST]
    return seen[offload.WAYS[mode]], seen["tx_esp"]


def unsent(bed) -> list[str]:
    """The kernel's reasons for packets that it did not send."""
    lines = bed.topology.gateway(WEST).run("cat", "/proc/net/xfrm_stat").splitlines()
    return [" ".join(line.split()) for line in lines if not line.endswith("\t0")]


def use_free_slot(bed, west, mode: str, modes: dict[tuple[str, str], str]) -> None:
    """An IKE SA goes down with its tunnels in the card, and one in software has its keys renewed: it is in the card then."""
    waiting = next(name for name, one in modes.items() if one == "none")
    leaving = next(name for name, one in modes.items() if one == mode and name[0] != waiting[0])[0]
    west.xfrmctl("down", leaving)
    wait_for(lambda: offload.types(WEST)[mode] < 2 * ROOM, 10, "no slot of the card is free")
    time.sleep(1)
    rest = offload.types(WEST)[mode]
    west.xfrmctl("rekey", *waiting)
    wait_for(lambda: told(west)[waiting] == mode, REKEY_SECONDS_MAX, f"{waiting} has got new keys and is not in the card")
    bed.note(f"{(2 * ROOM - rest) // 2} slots are free, {waiting[1]} is in the card with its next keys")
