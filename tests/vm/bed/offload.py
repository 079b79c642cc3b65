"""What scenarios with the simulated card have in common: two gateways with it, and the proof of what it did."""

from collections import Counter

from . import kernels
from .daemon import GONE_SECONDS_MAX
from .offloadsim import DEFAULT, Card, OffloadTopology
from .scenario import Bed
from .shell import expect, wait_for
from .spec import ends
from .topology import EAST, WEST
from .xfrmd import Xfrmd

SITES = (WEST, EAST)
NEVER = ("tx_clear", "tx_no_sa", "tx_blocked", "rx_bad_key", "rx_replayed", "rx_outside", "rx_no_policy", "rx_blocked")
WAYS = {"software": "tx_esp", "crypto": "tx_crypto", "packet": "tx_packet"}
# Which modes there are: the older kernel has no packet mode.
OLD, NEW, NEWEST = kernels.BOOKWORM, kernels.TRIXIE, kernels.SID
TITLES = {OLD: "6.1", NEW: "6.12", NEWEST: "newest"}


def on(kernel: str) -> dict:
    """The words of `scenarios` for one that needs the card, under this kernel."""
    return {"kernel": kernel, "topology": OffloadTopology}


def rows(kernel: str, *modes: str) -> dict[str, tuple]:
    """A row for each mode, named after kernel and mode."""
    return {f"{TITLES[kernel]}-{mode}": (mode,) for mode in modes}


def pair(bed: Bed, mode: str, west: dict | None = None, east: dict | None = None, caps: int = DEFAULT,
         **both) -> tuple[Xfrmd, Xfrmd]:
    """Two daemons, not started yet, that ask for `mode`; both cards can do what `caps` says."""
    for site in SITES:
        Card(site).set("caps", caps)
    first, second = (bed.daemon(Xfrmd, end) for end in ends(west=west, east=east, offload=mode, **both))
    return first, second


def counts() -> dict:
    """The counters of both cards."""
    return {site: Card(site).counters() for site in SITES}


def passed(before: dict) -> dict:
    """What has been counted since."""
    return {site: Card(site).counters() - before[site] for site in SITES}


def expect_sent(before: dict, mode: str, packets: int) -> str:
    """Both ends have sent at least so many packets, all of them in this mode; nothing was refused or in clear text."""
    said = expect_sent_mode(before, mode, packets)
    expect_clean()
    return said


def expect_sent_mode(before: dict, mode: str, packets: int = 1) -> str:
    """The same, whatever there was before."""
    seen = passed(before)
    for site, counters in seen.items():
        expect(counters[WAYS[mode]] >= packets, f"{site.gateway}'s card: {brief(counters)} instead of {packets} {mode}")
        for other, name in WAYS.items():
            expect(other == mode or not counters[name], f"{site.gateway}'s card: {brief(counters)} and not only {mode}")
    return "; ".join(f"{site.gateway}: {brief(counters)}" for site, counters in seen.items())


def expect_clean() -> None:
    """No card has sent clear text or dropped anything since it was loaded."""
    for site in SITES:
        counters = Card(site).counters()
        bad = {name: counters[name] for name in NEVER if counters[name]}
        last = [line for line in Card(site).table().splitlines() if line.startswith("last_clear")]
        expect(not bad, f"{site.gateway}'s card counts {bad} {' '.join(last)}")


def expect_no_clear() -> None:
    """No card has sent clear text since it was loaded; what it dropped does not matter."""
    for site in SITES:
        last = [line for line in Card(site).table().splitlines() if line.startswith("last_clear")]
        expect(not Card(site).counters()["tx_clear"], f"{site.gateway}'s card has sent clear text: {' '.join(last)}")


def brief(counters: Counter) -> str:
    """The packets by way, for a note."""
    return " ".join(f"{name} {counters[name]}" for name in (*WAYS.values(), "rx_crypto", "rx_packet") if counters[name])


def types(site) -> Counter:
    """How many associations of each mode the card has."""
    return Counter(one["type"] for one in Card(site).associations())


def wait_empty(*sites) -> None:
    """Waits until the cards have no association and no policy."""
    for site in sites:
        wait_for(lambda: not Card(site).associations() and not Card(site).lines("policy"), GONE_SECONDS_MAX,
                 lambda: f"{site.gateway}'s card still has {Card(site).table().splitlines()[0]}")


def mode_told(daemon: Xfrmd) -> tuple[str, str]:
    """How the newest Child SA is carried, inbound and outbound, by the daemon's account of the kernel."""
    child = daemon.status()["phase2s"][0]["child_sas"][-1]
    return child["inbound"]["offload"], child["outbound"]["offload"]


def explained(daemon: Xfrmd) -> str:
    """What `explain` says of offload."""
    return " ".join(line.strip() for line in daemon.explain().splitlines()
                    if line.strip().startswith("kernel") or "offload" in line.lower())


def evidence(bed: Bed) -> None:
    """Writes the cards' tables beside the logs."""
    for site in SITES:
        (bed.folder / f"{site.gateway}-card").write_text(Card(site).table())
