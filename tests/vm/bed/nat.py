"""NATs between gateways and the wire, made of nftables' masquerading.

    lan1 -- west -- natwest ---[wire]--- nateast -- east -- lan2
            192.168.1.2  192.0.2.1       192.0.2.2  192.168.2.2

The capture stays on the wire: it shows what has passed the NATs.
"""

from dataclasses import replace

from .scenario import Bed
from .shell import Namespace, run, wait_for
from .spec import End
from .topology import EAST, LAN_DEVICE, SETTINGS, WEST, WIRE_DEVICE, Site, Topology, address, member

PORTS = ("20000-20999", "30000-30999", "40000-40999")
INSIDE = {WEST: "192.168.1.0/24", EAST: "192.168.2.0/24"}
RULES = """flush ruleset
table ip nat {{
  chain outward {{
    type nat hook postrouting priority 100;
    oifname "{wire}" meta l4proto udp masquerade{ports}
    oifname "{wire}" masquerade
  }}
  chain inward {{
    type nat hook prerouting priority -100;
    {forward}
  }}
}}
"""


def inside(site: Site, number: int = 2) -> Site:
    """The site as its gateway knows it behind a NAT."""
    return replace(site, outer4=member(INSIDE[site], number))


def behind(end: End) -> End:
    """The end of a gateway that a NAT was put before."""
    return replace(end, site=inside(end.site))


class Nat:
    """A NAT before one gateway: one that gives flows other ports, or, if `called`, one that forwards IKE's ports."""

    def __init__(self, bed: Bed, site: Site, called: bool = False):
        self.bed, self.site, self.called = bed, site, called
        self.space = Namespace(f"{bed.topology.prefix}nat{site.gateway}")
        self.generation = 0
        self.create()
        self.load_rules()

    def create(self) -> None:
        """Takes the gateway's device to the wire, with its address, and gives it another one."""
        gateway, network = self.bed.topology.gateway(self.site), INSIDE[self.site]
        run("ip", "netns", "add", self.space.name)
        self.bed.exit.callback(run, "ip", "netns", "del", self.space.name, check=False)
        gateway.batch(f"link set {WIRE_DEVICE} netns {self.space.name}\n")
        self.space.sysctl(SETTINGS)
        self.space.batch(f"link set lo up\nlink set {WIRE_DEVICE} up\naddr add {self.site.outer4}/24 dev {WIRE_DEVICE}\n"
                         f"link add {LAN_DEVICE} type bridge forward_delay 0 mcast_snooping 0\n"
                         f"link set {LAN_DEVICE} up\n" + address(network, 1, LAN_DEVICE))
        self.connect(gateway, inside(self.site))

    def connect(self, gateway: Namespace, site: Site) -> None:
        """Puts a gateway behind this NAT; all its ways lead through it."""
        self.space.batch(f"link add {site.gateway} type veth peer name {WIRE_DEVICE} netns {gateway.name}\n"
                         f"link set {site.gateway} master {LAN_DEVICE} up\n")
        # No address that appears by itself a moment later: what was there before is compared with what is there after.
        gateway.batch(f"link set {WIRE_DEVICE} addrgenmode none\nlink set {WIRE_DEVICE} up\n"
                      f"addr add {site.outer4}/24 dev {WIRE_DEVICE}\n"
                      f"route add default via {member(INSIDE[self.site], 1)}\n")
        # The carrier comes a moment after the command; what was there before is the device as it is then.
        wait_for(lambda: " UP " in gateway.ip("-br", "link", "show", "dev", WIRE_DEVICE), 10, "no carrier to the NAT")
        self.bed.before[site] = self.bed.snapshot(site)

    def load_rules(self) -> None:
        """Ports as they are, and those of IKE forwarded; or ports of a range that is new each time."""
        ports = "" if self.called else f" to :{PORTS[self.generation % len(PORTS)]}"
        forward = f'iifname "{WIRE_DEVICE}" udp dport {{ 500, 4500 }} dnat to {inside(self.site).outer4}' if self.called else ""
        self.space.run("nft", "-f", "-", stdin=RULES.format(wire=WIRE_DEVICE, ports=ports, forward=forward))

    def restart(self) -> None:
        """Forgets all flows; new ones get other ports. A device that goes down takes its flows along."""
        self.generation += 1
        self.space.batch(f"link set {WIRE_DEVICE} down\n")
        self.load_rules()
        self.space.batch(f"link set {WIRE_DEVICE} up\n")


def add_neighbour(bed: Bed, nat: Nat) -> Site:
    """A second gateway, with a host, behind a NAT of west's; as its gateway knows it."""
    site = replace(inside(WEST, 3), gateway="west2", host="lan3", net4="10.3.0.0/24")
    for name in (site.gateway, site.host):
        space = bed.topology.spaces[name] = Namespace(bed.topology.prefix + name)
        run("ip", "netns", "add", space.name)
        space.sysctl(SETTINGS)
    gateway, host = bed.topology.gateway(site), bed.topology.host(site)
    gateway.batch(f"link set lo up\nlink add {LAN_DEVICE} type veth peer name eth0 netns {host.name}\n"
                  f"link set {LAN_DEVICE} up\n" + address(site.net4, 1, LAN_DEVICE))
    host.batch("link set lo up\nlink set eth0 up\n" + address(site.net4, 2, "eth0")
               + f"route add default via {member(site.net4, 1)}\n")
    bed.topology.gateway(EAST).batch(Topology.route_line(WEST, site.net4))
    nat.connect(gateway, site)
    bed.before[EAST] = bed.snapshot(EAST)
    return site
