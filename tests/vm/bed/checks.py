"""The course that most scenarios take: bring a tunnel up, prove that it carries, stop it, prove that nothing stays."""

from .capture import expect_no_clear_text, protected
from .daemon import Daemon
from .kernel import associations, policy_text
from .scenario import Bed
from .shell import expect
from .spec import End
from .topology import EAST, WEST, Site, member
from .traffic import DATAGRAMS, PINGS, expect_datagrams, expect_ping

UDP = 17


def bring_up(bed: Bed, *daemons: Daemon) -> None:
    """Starts the daemons, the responder first, and waits until both kernels have the tunnel."""
    for daemon in sorted(daemons, key=lambda daemon: daemon.end.initiate):
        daemon.start()
    for daemon in daemons:
        if daemon.end.initiate:
            daemon.initiate()
    for daemon in daemons:
        daemon.wait_up()
        if daemon.end.route_based:
            bed.topology.route(daemon.end.site, daemon.end.peer, daemon.end.name)


def expect_kernel(bed: Bed, end: End) -> None:
    """The kernel's associations have the suite's algorithms, the mode and the outer addresses."""
    found = associations(bed.topology.gateway(end.site))
    expect(len({association.source for association in found}) == 2, f"no pair of associations on {end.site.gateway}")
    outer = {end.site.outer(end.family), end.peer.outer(end.family)}
    mode = "transport" if end.transport else "tunnel"
    for association in found:
        expect({association.source, association.destination} == outer, f"association between other addresses than {outer}")
        expect(association.mode == mode, f"association in {association.mode} mode instead of {mode}")
        for word in end.suite.kernel:
            expect(word in association.text, f"association without {word}")


def expect_traffic(bed: Bed, end: End) -> int:
    """Sends through every selector in both directions, none lost; returns how many packets the wire must show."""
    if end.transport:
        expect_ping(bed.topology.gateway(end.site), end.site.outer(end.family), end.peer.outer(end.family))
        expect_ping(bed.topology.gateway(end.peer), end.peer.outer(end.family), end.site.outer(end.family))
        return 4 * PINGS
    if end.protocol == UDP:
        client, server = bed.topology.host(end.site), bed.topology.host(end.peer)
        expect_datagrams(client, server, member(end.remote[0], 2), end.remote_port)
        return 2 * DATAGRAMS
    for local in end.local:
        for remote in end.remote:
            expect_both_ways(bed, end.site, member(local, 2), end.peer, member(remote, 2))
    return 4 * PINGS * len(end.local) * len(end.remote)


def expect_both_ways(bed: Bed, site: Site, local: str, peer: Site, remote: str) -> None:
    """Pings from either host to the other."""
    expect_ping(bed.topology.host(site), local, remote)
    expect_ping(bed.topology.host(peer), remote, local)


def expect_stop(bed: Bed, *daemons: Daemon) -> None:
    """A clean stop of one tells the other; after both have stopped the kernels are as before."""
    first, second = sorted(daemons, key=lambda daemon: not daemon.says_goodbye)
    first.stop()
    second.wait_down()
    second.stop()
    expect_as_before(bed)


def expect_as_before(bed: Bed) -> None:
    """No daemon has left anything in its kernel but what it keeps for its next start, which goes when it is told to."""
    for daemon in bed.daemons:
        site = daemon.end.site
        daemon.clear_up()
        difference = bed.before[site].difference(bed.snapshot(site)) if daemon.tidy else ""
        expect(not difference, f"{site.gateway} is not as before: {difference}")


def expect_nothing_installed(bed: Bed) -> None:
    """Neither kernel has associations, nor new policies, but for those that wait for an association."""
    for daemon in bed.daemons:
        site = daemon.end.site
        space = bed.topology.gateway(site)
        expect(not associations(space), f"{site.gateway} has associations after a refusal")
        before = bed.before[site].policies.splitlines()
        added = [line for line in policy_text(space).splitlines() if line not in before]
        wrong = [line for line in added if " spi " in line] if daemon.keeps_policies else added
        expect(not wrong, f"{site.gateway} has a policy after a refusal: {wrong[0] if wrong else ''}")


def expect_refused(bed: Bed, initiator: Daemon, responder: Daemon, reason: str) -> None:
    """The negotiation fails: each xfrmd among the two says the reason, and the kernels are as before."""
    responder.start()
    initiator.start()
    initiator.initiate()
    for daemon in (initiator, responder):
        daemon.wait_refusal(reason)
    expect_nothing_installed(bed)
    initiator.stop()
    responder.stop()
    expect_as_before(bed)


def expect_wire(bed: Bed, packets: int) -> None:
    """The capture holds that many protected packets and none in clear text."""
    bed.capture.stop()
    counts = bed.capture.counts()
    expect_no_clear_text(counts)
    expect(protected(counts) >= packets, f"{protected(counts)} ESP packets on the wire instead of {packets}")


def tunnel_carries(bed: Bed, initiator: type[Daemon], responder: type[Daemon], ends: tuple[End, End]) -> None:
    """The whole course for one tunnel; the first end, west, is the initiator's."""
    west, east = bed.daemon(initiator, ends[0]), bed.daemon(responder, ends[1])
    bring_up(bed, west, east)
    for end in ends:
        expect_kernel(bed, end)
    packets = expect_traffic(bed, ends[0])
    bed.keep_evidence()
    expect_stop(bed, west, east)
    expect_wire(bed, packets)
