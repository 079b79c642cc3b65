"""What happens to networks and machines: lost and late IKE packets, links that go down, gateways that start anew."""

from .scenario import Bed
from .topology import EAST, WEST, Site

UDP, IKE_PORT, NAT_PORT = 17, 500, 4500
# Where four zero octets tell IKE from ESP on the second port: behind IP and UDP.
MARKER_AT = 28
LATE_BAND = 4


def lose_ike(bed: Bed, one_in: int = 10) -> None:
    """The wire drops every tenth IKE packet in each direction, and carries all others."""
    for site in (WEST, EAST):
        tc(bed, "qdisc", "add", "dev", site.gateway, "clsact")
        for packets in ike_packets():
            tc(bed, "filter", "add", "dev", site.gateway, "egress", *packets,
               "action", "pass", "random", "determ", "drop", one_in)


def delay_ike(bed: Bed, milliseconds: int) -> None:
    """The wire holds IKE packets back, in each direction, and carries all others at once."""
    for site in (WEST, EAST):
        tc(bed, "qdisc", "add", "dev", site.gateway, "root", "handle", "1:", "prio", "bands", LATE_BAND,
           "priomap", *(["0"] * 16))
        tc(bed, "qdisc", "add", "dev", site.gateway, "parent", f"1:{LATE_BAND}", "netem", "delay", f"{milliseconds}ms")
        for packets in ike_packets():
            tc(bed, "filter", "add", "dev", site.gateway, "parent", "1:", *packets, "flowid", f"1:{LATE_BAND}")


def ike_packets() -> list[tuple]:
    """The words of filters for IKE over IPv4 without NAT: strongSwan goes to the second port all the same."""
    udp = ("protocol", "ip", "u32", "match", "ip", "protocol", UDP, "0xff", "match", "ip", "dport")
    return [(*udp, IKE_PORT, "0xffff"),
            (*udp, NAT_PORT, "0xffff", "match", "u32", "0x0", "0xffffffff", "at", MARKER_AT)]


def tc(bed: Bed, *words) -> None:
    """A command of traffic control on the wire."""
    bed.topology.wire.run("tc", *words)


def silence(bed: Bed, site: Site) -> None:
    """The wire drops all IP packets from and to a gateway; its link stays up, and its neighbours know it."""
    tc(bed, "qdisc", "add", "dev", site.gateway, "clsact")
    for way in ("ingress", "egress"):
        tc(bed, "filter", "add", "dev", site.gateway, way, "protocol", "ip", "matchall", "action", "drop")


def end_silence(bed: Bed, site: Site) -> None:
    """The wire carries everything again."""
    tc(bed, "qdisc", "del", "dev", site.gateway, "clsact")


def narrow(bed: Bed, mtu: int) -> None:
    """The wire drops packets over `mtu` octets without a word, and all fragments of IP."""
    for site in (WEST, EAST):
        bed.topology.wire.ip("link", "set", site.gateway, "mtu", mtu)
        tc(bed, "qdisc", "add", "dev", site.gateway, "clsact")
        # "More fragments": all but the last one of each packet.
        tc(bed, "filter", "add", "dev", site.gateway, "ingress", "protocol", "ip", "u32",
           "match", "u16", "0x2000", "0x2000", "at", 6, "action", "drop")


def cut(bed: Bed, site: Site) -> None:
    """Takes a gateway's link to the wire down."""
    bed.topology.wire.ip("link", "set", site.gateway, "down")


def mend(bed: Bed, site: Site) -> None:
    """Brings the link up again."""
    bed.topology.wire.ip("link", "set", site.gateway, "up")


def forget_everything(bed: Bed, site: Site) -> None:
    """What a reboot does to a gateway's kernel, of what concerns IPsec."""
    space = bed.topology.gateway(site)
    for table in ("state", "policy"):
        space.ip("xfrm", table, "flush")
