"""kill -9 of a gateway with a hundred tunnels, and its next start.  [case:F18] [case:F03]

    lan1 (sends all the time) -- west (xfrmd is killed, and starts again) ==== east -- lan2
"""

import time

from bed import kernel, many
from bed.capture import expect_no_clear_text
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.topology import EAST, WEST

TUNNELS = 100
AWAY_SECONDS = 3
BACK_SECONDS_MAX = 60
FOREIGN = ("xfrm state add src 192.0.2.1 dst 192.0.2.200 proto esp spi 0x777 reqid 7 mode tunnel "
           "aead rfc4106(gcm(aes)) 0x0123456789012345678901234567890123456789 128",
           "xfrm policy add src 10.77.0.0/24 dst 10.78.0.0/24 dir out priority 99 "
           "tmpl src 192.0.2.1 dst 192.0.2.200 proto esp reqid 7 mode tunnel")


def foreign(text: str) -> list[str]:
    """The blocks of `ip xfrm` that are not ours, without counters of their use."""
    blocks = ["src" + block for block in ("\n" + text).split("\nsrc")[1:]]
    return [block.strip() for block in blocks if "reqid 7 " in block or "10.77.0.0/24" in block]


def spis(bed) -> set[str]:
    """The SPIs of all of west's associations that are ours."""
    found = kernel.associations(bed.topology.gateway(WEST))
    return {association.spi for association in found if association.destination != "192.0.2.200"}


@scenarios(long=True)
def hundred_tunnels(bed):
    """All tunnels come back by themselves; nothing foreign changes, nothing old is left, nothing leaves in clear text."""
    west, east = many.prepare(bed, TUNNELS)
    space = bed.topology.gateway(WEST)
    east.start()
    west.start()
    many.wait_up(bed, TUNNELS)
    for command in FOREIGN:
        space.ip(*command.split())
    before = foreign(kernel.state_text(space)) + foreign(kernel.policy_text(space))
    expect(len(before) == 2, f"{len(before)} foreign objects instead of two")
    many.send_to_all(bed, TUNNELS)
    old = spis(bed)

    west.crash()
    many.send_to_all(bed, TUNNELS, times=3)
    time.sleep(AWAY_SECONDS)
    began = time.monotonic()
    west.start()
    started = time.monotonic()

    def is_back() -> bool:
        many.send_to_all(bed, TUNNELS)
        now = spis(bed)
        return len(now) == 2 * TUNNELS and not now & old
    wait_for(is_back, BACK_SECONDS_MAX, lambda: f"{len(spis(bed))} associations, {len(spis(bed) & old)} of before")
    bed.note(f"started in {started - began:.1f} s, all tunnels back {time.monotonic() - began:.1f} s after the start")
    after = foreign(kernel.state_text(space)) + foreign(kernel.policy_text(space))
    expect(after == before, f"foreign state has changed: {after}")
    many.send_to_all(bed, TUNNELS)

    for command in FOREIGN:
        space.ip(*command.split()[:2], "deleteall" if "state" in command else "delete",
                 *(["reqid", "7"] if "state" in command else command.split()[3:9]))
    west.stop()
    east.wait_down()
    east.stop()
    for site in (WEST, EAST):
        left = kernel.state_text(bed.topology.gateway(site)) + kernel.policy_text(bed.topology.gateway(site))
        expect(not left.strip(), f"{site.gateway} has left behind: {left.strip().splitlines()[:1]}")
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())
