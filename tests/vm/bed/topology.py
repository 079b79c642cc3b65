"""Two sites, each a host behind a gateway, and a wire that belongs to neither gateway.

      lan1            west                    wire                    east             lan2
    10.1.0.2 ---- 10.1.0.1  192.0.2.1 ---[west bridge east]--- 192.0.2.2  10.2.0.1 ---- 10.2.0.2
    fd00:1::2     fd00:1::1 2001:db8::1         |       2001:db8::2  fd00:2::1     fd00:2::2
    10.11.0.2     10.11.0.1                  tcpdump                 10.12.0.1     10.12.0.2

Each name is a network namespace. The capture is made on the bridge between the gateways: on a gateway's own
device the kernel shows a packet once more after it was decrypted.
"""

import ipaddress
from dataclasses import dataclass

from .shell import Namespace, run

WIRE_DEVICE = "wan0"
LAN_DEVICE = "lan0"
JUMBO_MTU = 9000


@dataclass(frozen=True)
class Site:
    """One side: its gateway, the host behind it, and their addresses."""

    gateway: str
    host: str
    outer4: str
    outer6: str
    net4: str
    net6: str
    second4: str

    def outer(self, family: int) -> str:
        """The gateway's address on the wire."""
        return self.outer4 if family == 4 else self.outer6

    def networks(self) -> tuple[str, ...]:
        """All networks behind the gateway."""
        return (self.net4, self.net6, self.second4)


WEST = Site("west", "lan1", "192.0.2.1", "2001:db8::1", "10.1.0.0/24", "fd00:1::/64", "10.11.0.0/24")
EAST = Site("east", "lan2", "192.0.2.2", "2001:db8::2", "10.2.0.0/24", "fd00:2::/64", "10.12.0.0/24")

SETTINGS = {
    "net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1",
    "net.ipv4.conf.all.rp_filter": "0", "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.conf.all.send_redirects": "0", "net.ipv4.conf.default.send_redirects": "0",
    "net.ipv6.conf.all.accept_dad": "0", "net.ipv6.conf.default.accept_dad": "0",
}


def member(network: str, number: int) -> str:
    """The address of that number in a network: 1 is the gateway, 2 the host."""
    return str(ipaddress.ip_network(network)[number])


def family_of(network: str) -> int:
    """4 or 6."""
    return ipaddress.ip_network(network, strict=False).version


def address(network: str, number: int, device: str) -> str:
    """The command that gives a device that address of the network."""
    bits = network.split("/")[1]
    return f"addr add {member(network, number)}/{bits} dev {device}{' nodad' if family_of(network) == 6 else ''}\n"


class Topology:
    """The five namespaces; a prefix keeps those of a demo on a shared machine apart from others."""

    def __init__(self, prefix: str = ""):
        self.prefix = prefix
        self.wire = Namespace(prefix + "wire")
        self.spaces = {name: Namespace(prefix + name) for name in ("lan1", "west", "east", "lan2")}

    def gateway(self, site: Site) -> Namespace:
        """The namespace of a site's gateway."""
        return self.spaces[site.gateway]

    def host(self, site: Site) -> Namespace:
        """The namespace of the host behind it."""
        return self.spaces[site.host]

    def create(self) -> None:
        """Makes the namespaces, devices, addresses and routes, in as few commands as can be: each costs time."""
        spaces = [space.name for space in (self.wire, *self.spaces.values())]
        run("ip", "-batch", "-", stdin="".join(map(self.birth, spaces)))
        self.wire.batch("link set lo up\nlink add bridge0 type bridge forward_delay 0 mcast_snooping 0\n"
                        "link set bridge0 up\n" + "".join(self.wiring(site) for site in (WEST, EAST)))
        for site, other in ((WEST, EAST), (EAST, WEST)):
            self.create_site(site, other)

    def birth(self, name: str) -> str:
        """The command that makes a namespace."""
        return f"netns add {name}\n"

    def widen(self) -> None:
        """Lets packets of JUMBO_MTU octets through everywhere: as many octets in a sixth of the packets."""
        self.wire.batch("".join(f"link set {device} mtu {JUMBO_MTU}\n" for device in self.wire_devices()))
        for site in (WEST, EAST):
            self.gateway(site).batch("".join(f"link set {device} mtu {JUMBO_MTU}\n"
                                             for device in (WIRE_DEVICE, LAN_DEVICE)))
            self.host(site).batch(f"link set eth0 mtu {JUMBO_MTU}\n")

    def wire_devices(self) -> tuple[str, ...]:
        """What is on the wire's side."""
        return WEST.gateway, EAST.gateway

    def wiring(self, site: Site) -> str:
        """Commands in the wire's namespace: the gateway's port, and the link to the host, which passes through."""
        gateway, host = self.gateway(site).name, self.host(site).name
        return (f"link add {site.gateway} type veth peer name {WIRE_DEVICE} netns {gateway}\n"
                f"link set {site.gateway} master bridge0 up\n"
                f"link add {LAN_DEVICE} netns {gateway} type veth peer name eth0 netns {host}\n")

    def create_site(self, site: Site, other: Site) -> None:
        """Addresses and routes of one gateway and its host."""
        gateway, host = self.gateway(site), self.host(site)
        for space in (gateway, host):
            space.sysctl(SETTINGS)
        gateway.batch(f"link set lo up\nlink set {LAN_DEVICE} up\nlink set {WIRE_DEVICE} up\n"
                      + f"addr add {site.outer4}/24 dev {WIRE_DEVICE}\n"
                      + f"addr add {site.outer6}/64 dev {WIRE_DEVICE} nodad\n"
                      + "".join(address(network, 1, LAN_DEVICE) for network in site.networks())
                      + "".join(self.route_line(other, network) for network in other.networks()))
        host.batch("link set lo up\nlink set eth0 up\n"
                   + "".join(address(network, 2, "eth0") for network in site.networks())
                   + f"route add default via {member(site.net4, 1)}\n"
                   + f"route add default via {member(site.net6, 1)}\n")

    @staticmethod
    def route_line(other: Site, network: str, device: str | None = None) -> str:
        """The command that sends a network of the other site to its gateway, or into a tunnel interface."""
        way = f"dev {device}" if device else f"via {other.outer(family_of(network))}"
        return f"route replace {network} {way}\n"

    def route(self, site: Site, other: Site, device: str) -> None:
        """Sends the other site's networks into a tunnel interface."""
        self.gateway(site).batch("".join(self.route_line(other, network, device) for network in other.networks()))

    def delete(self) -> None:
        """Removes all of it, whatever there is."""
        names = [space.name for space in (self.wire, *self.spaces.values())]
        run("ip", "-force", "-batch", "-", stdin="".join(f"netns del {name}\n" for name in names), check=False)
