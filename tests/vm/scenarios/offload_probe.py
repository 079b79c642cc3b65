"""`xfrmctl offload`: what the devices take, tried with SAs that are thrown away.

    west (xfrmd) --- wan0: a device without offload, or the simulated card
"""

import json

from bed import offload
from bed.checks import expect_as_before
from bed.offload import NEW, OLD, SITES, TITLES, on
from bed.offloadsim import DEFAULT, KEY256, PACKET, Card
from bed.scenario import scenarios
from bed.shell import expect
from bed.spec import AES128GCM, AES256CBC, AES256GCM, ends
from bed.topology import WEST
from bed.xfrmd import Xfrmd

SUITES = (AES128GCM, AES256GCM, AES256CBC)


def started(bed) -> Xfrmd:
    """West's daemon with several suites; nobody answers."""
    west = bed.daemon(Xfrmd, ends(suites=SUITES)[1])
    west.start()
    return west


@scenarios()
def no_card(bed):
    """A machine whose devices have no offload is told so in one line, and nothing is left behind."""
    west = started(bed)
    printed = west.xfrmctl("offload").strip()
    bed.note(printed)
    expect(len(printed.splitlines()) == 1, f"{len(printed.splitlines())} lines")
    west.stop()
    expect_as_before(bed)


@scenarios({TITLES[OLD]: ({"crypto"},)}, **on(OLD))
@scenarios({TITLES[NEW]: ({"crypto", "packet"},)}, long=True, **on(NEW))
def matrix(bed, modes):
    """The table of suites and modes for a card that takes all, no keys of 256 bits, or only crypto mode."""
    west = started(bed)
    tables = []
    for caps in (DEFAULT, DEFAULT & ~KEY256, DEFAULT & ~PACKET):
        for site in SITES:
            Card(site).set("caps", caps)
        tables.append(west.xfrmctl("offload").rstrip())
        expect(outcomes(west) == expected(caps, modes), f"caps {caps}: {outcomes(west)}")
        for site in SITES:
            expect(not Card(site).associations() and not Card(site).lines("policy"), "something is left in the card")
    (bed.folder / "table").write_text("\n\n".join(tables) + "\n")
    offload.evidence(bed)
    west.stop()
    expect_as_before(bed)


def outcomes(west: Xfrmd) -> set[tuple]:
    """Suite and mode of whatever is taken in both directions."""
    return set(taken(json.loads(west.xfrmctl("offload", "--json"))))


def taken(reply: dict):
    """Suite and mode of each suite that a device takes in both directions in that mode."""
    for device in reply["devices"]:
        for suite in device["suites"]:
            for mode in ("packet", "crypto"):
                trials = [trial["outcome"] for trial in suite["trials"] if trial["mode"] == mode]
                if trials == ["taken"] * 2:
                    yield suite["suite"].split()[0], mode


def expected(caps: int, modes: set[str]) -> set[tuple]:
    """What a card with these capabilities takes of SUITES."""
    suites = ["aes128gcm", "aes256gcm"] if caps & KEY256 else ["aes128gcm"]
    able = {"crypto"} | ({"packet"} if caps & PACKET else set())
    return {(suite, mode) for suite in suites for mode in modes & able}
