"""What the card does not take: the kernel's answer, the rung that was taken instead, and what was said of it.

    west (xfrmd, offload by itself; its card refuses) --- esim0 === esim1 --- east (xfrmd, in software)

Each scenario prints a table of all causes. With `offload-require` there is no tunnel where there is no offload.
"""

import re
from dataclasses import dataclass, field

from bed import offload, sadb, words
from bed.checks import bring_up, expect_stop
from bed.offload import NEW, OLD, TITLES, on
from bed.offloadsim import CRYPTO, DEFAULT, ESN, KEY256, PACKET, Card
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.spec import AES128GCM, AES256GCM, ends, with_phase2_of
from bed.topology import EAST, WEST, member
from bed.traffic import expect_ping
from bed.xfrmd import Xfrmd

EOPNOTSUPP, EINVAL = 95, 22
ANSWER_SECONDS_MAX = 30
OLD_WORDS = "Device failed to offload this state"
SUITE = with_phase2_of(AES128GCM, AES256GCM)


@dataclass(frozen=True)
class Cause:
    """Why the card refuses, what comes of it inbound and outbound, and what of the driver's words shall be told."""

    card: dict[str, int]
    inbound: str
    outbound: str
    words: str = ""
    settings: dict = field(default_factory=lambda: {"caps": DEFAULT, "max_sa": 1024, "refuse_in": 0, "refuse_out": 0})


CAUSES = {
    "it takes everything": Cause({}, "packet", "packet"),
    "EOPNOTSUPP": Cause({"refuse_in": EOPNOTSUPP, "refuse_out": EOPNOTSUPP}, "none", "none", "refused as told"),
    "EOPNOTSUPP inbound": Cause({"refuse_in": EOPNOTSUPP}, "none", "crypto", "refused as told"),
    "EINVAL": Cause({"refuse_in": EINVAL, "refuse_out": EINVAL}, "none", "none", "refused as told"),
    "EINVAL outbound": Cause({"refuse_out": EINVAL}, "none", "none", "refused as told"),
    "its table is full": Cause({"max_sa": 0}, "none", "none", "association table full"),
    "room for one": Cause({"max_sa": 1}, "none", "none", "association table full"),
    "no key of 256 bits": Cause({"caps": DEFAULT & ~KEY256}, "none", "none", "only keys of 128 bits"),
    "no ESN": Cause({"caps": DEFAULT & ~ESN}, "none", "none", "no ESN"),
    "no packet mode": Cause({"caps": DEFAULT & ~PACKET}, "crypto", "crypto", "offload type not supported"),
    "no crypto mode": Cause({"caps": DEFAULT & ~CRYPTO}, "packet", "packet"),
}


def expected(cause: Cause, kernel: str) -> tuple[str, str, str]:
    """What comes of it under a kernel, and the words: the older one has no packet mode and tells nothing of drivers."""
    if kernel == NEW:
        return cause.inbound, cause.outbound, cause.words
    inbound, outbound = ("crypto" if mode == "packet" else mode for mode in (cause.inbound, cause.outbound))
    if cause is CAUSES["no crypto mode"]:
        inbound = outbound = "none"
    silent = EOPNOTSUPP in cause.card.values() or inbound != "none"
    return inbound, outbound, "" if silent else OLD_WORDS


@scenarios({f"{TITLES[OLD]}{suffix}": (OLD, require) for suffix, require in (("", False), ("-required", True))},
           long=True, **on(OLD))
@scenarios({f"{TITLES[NEW]}{suffix}": (NEW, require) for suffix, require in (("", False), ("-required", True))},
           long=True, **on(NEW))
def refusals(bed, kernel, require):
    """Every cause in turn: the right rung or, if offload is required, no tunnel and a reason."""
    pair = ends(suites=(SUITE,), esn="require", west={"offload": "auto", "offload_require": require}, east={"offload": "none"})
    west, east = (bed.daemon(Xfrmd, end) for end in pair)
    bring_up(bed, west, east)
    table, wrong = [], []
    for name, cause in CAUSES.items():
        inbound, outbound, kernel_words = expected(cause, kernel)
        change(bed, west, cause)
        fails = require and "none" in (inbound, outbound)
        did, said = outcome(bed, west, fails)
        table.append(f"{name:<20} | kernel: {kernel_words or '-':<38} | did: {did:<18} | said: {said}")
        want = "no tunnel" if fails else f"in {inbound}, out {outbound}"
        if did != want:
            wrong.append(f"{name}: {did} instead of {want}")
        elif kernel_words and kernel_words not in said:
            wrong.append(f"{name}: nobody says '{kernel_words}'")
    (bed.folder / "table").write_text("\n".join(table) + "\n")
    for site in offload.SITES:
        reset(Card(site), CAUSES["it takes everything"])
    west.xfrmctl("up", west.end.name)
    west.wait_up()
    offload.evidence(bed)
    expect(not wrong, f"{len(wrong)} of {len(CAUSES)} causes: {'; '.join(wrong)}")
    expect_stop(bed, west, east)
    offload.wait_empty(*offload.SITES)
    offload.expect_no_clear()


def reset(card: Card, cause: Cause) -> None:
    """The card as the cause wants it."""
    for setting, value in {**cause.settings, **cause.card}.items():
        card.set(setting, value)


def change(bed, west: Xfrmd, cause: Cause) -> None:
    """The tunnel goes down, the card is changed, and the tunnel is asked for again."""
    west.xfrmctl("down", west.end.name)
    wait_for(lambda: not sadb.usable(west.space), ANSWER_SECONDS_MAX, "the tunnel does not go down")
    reset(Card(WEST), cause)


def outcome(bed, west: Xfrmd, fails: bool) -> tuple[str, str]:
    """Asks for the tunnel; what came of it, and what the journal and `explain` say of offload."""
    before = len(west.log())
    west.xfrmctl("up", west.end.name)
    wait_for(lambda: re.search(words.OFFLOAD_REQUIRED, west.log()[before:]) if fails else sadb.usable(west.space) >= 2,
             ANSWER_SECONDS_MAX, lambda: f"neither tunnel nor refusal: {west.log()[before:]}")
    journal = [line for line in west.log()[before:].splitlines() if "offload" in line.lower()]
    said = f"{' '.join(journal[:1])} // explain: {offload.explained(west)}"
    if fails:
        return ("no tunnel" if not sadb.usable(west.space) else "a tunnel"), said
    expect_ping(bed.topology.host(WEST), member(WEST.net4, 2), member(EAST.net4, 2))
    inbound, outbound = offload.mode_told(west)
    return f"in {inbound}, out {outbound}", said
