"""Kinds of tunnels of which a card takes some and others not, with `offload` left as it is: both ends ask by themselves.

    lan1 -- west (xfrmd) --- esim0 === esim1 --- east (xfrmd) -- lan2
"""

from bed import offload
from bed.checks import bring_up, expect_stop, expect_traffic, expect_wire
from bed.offload import NEW, NEWEST, OLD, TITLES, on
from bed.scenario import scenarios
from bed.shell import expect
from bed.spec import AES128GCM, CHACHA, ends, with_phase2_of
from bed.xfrmd import Xfrmd

SOFTWARE, CRYPTO, PACKET = ("none", "none"), ("crypto", "crypto"), ("packet", "packet")
# Name: the ends' words; what comes of it under each kernel; what explain says if it is less than packet mode.
SHAPES = {
    "plain": ({}, {OLD: CRYPTO, NEW: PACKET, NEWEST: PACKET}, ""),
    "ipv6": ({"family": 6, "inner": ("net6",)}, {OLD: CRYPTO, NEW: PACKET}, ""),
    "udp": ({"forced_udp": True}, {OLD: SOFTWARE, NEW: SOFTWARE}, "UDP"),
    "transport": ({"transport": True}, {OLD: CRYPTO, NEW: CRYPTO}, "tunnel mode only"),
    "cipher": ({"suites": (with_phase2_of(AES128GCM, CHACHA),)}, {OLD: SOFTWARE, NEW: SOFTWARE}, "AES-GCM"),
    "two-networks": ({"inner": ("net4", "second4")}, {OLD: SOFTWARE, NEW: PACKET}, "selector"),
    "octets": ({"limit_kilobytes": 51200}, {OLD: CRYPTO, NEW: CRYPTO}, "limits in octets"),
    # Newer kernels refuse inbound SAs of an interface.
    "interface": ({"route_based": True}, {OLD: CRYPTO, NEW: PACKET, NEWEST: SOFTWARE}, "if_id"),
}
# The older kernel has no packet mode, and tells nothing of drivers.
OLD_WORDS = {CRYPTO: "Unrecognized flags", SOFTWARE: "Device failed to offload"}


def table(kernel: str) -> dict[str, tuple]:
    """The shapes that have an expectation under that kernel."""
    return {f"{TITLES[kernel]}-{name}": (kernel, words, results[kernel], reason)
            for name, (words, results, reason) in SHAPES.items() if kernel in results}


@scenarios(table(OLD), long=True, **on(OLD))
@scenarios(table(NEW), long=True, **on(NEW))
@scenarios(table(NEWEST), long=True, **on(NEWEST))
def shapes(bed, kernel, words, wanted, reason):
    """It comes up and carries in the mode that it should, and tells why if that is less than packet mode."""
    west, east = (bed.daemon(Xfrmd, end) for end in ends(**words))
    bring_up(bed, west, east)
    packets = expect_traffic(bed, west.end)
    told = [offload.mode_told(daemon) for daemon in (west, east)]
    said = offload.explained(west)
    bed.note(f"in {told[0][0]}, out {told[0][1]}; {said}")
    offload.evidence(bed)
    expect(told == [wanted] * 2, f"{told} instead of {wanted}")
    expect(wanted == PACKET or reason in said or (kernel == OLD and OLD_WORDS[wanted] in said),
           f"explain does not say '{reason}'")
    expect_stop(bed, west, east)
    offload.wait_empty(*offload.SITES)
    offload.expect_no_clear()
    expect_wire(bed, packets)
