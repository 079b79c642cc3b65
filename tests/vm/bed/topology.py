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

from .shell import Namespace

WIRE_DEVICE = "wan0"
LAN_DEVICE = "lan0"


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

SETTINGS = ("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv4.conf.all.rp_filter=0",
            "net.ipv4.conf.default.rp_filter=0", "net.ipv4.conf.all.send_redirects=0",
            "net.ipv4.conf.default.send_redirects=0", "net.ipv6.conf.default.accept_dad=0",
            "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.router_solicitations=0")


def member(network: str, number: int) -> str:
    """The address of that number in a network: 1 is the gateway, 2 the host."""
    return str(ipaddress.ip_network(network)[number])


def family_of(network: str) -> int:
    """4 or 6."""
    return ipaddress.ip_network(network, strict=False).version


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
        """Makes the namespaces, devices, addresses and routes."""
        for space in (self.wire, *self.spaces.values()):
            space.create()
        self.wire.batch("link add bridge0 type bridge forward_delay 0 mcast_snooping 0\nlink set bridge0 up\n")
        for site, other in ((WEST, EAST), (EAST, WEST)):
            self.create_site(site, other)

    def create_site(self, site: Site, other: Site) -> None:
        """One gateway and its host, and the gateway's end of the wire."""
        gateway, host = self.gateway(site), self.host(site)
        for space in (gateway, host):
            space.run("sh", "-c", "".join(f"echo {value} >/proc/sys/{name.replace('.', '/')};"
                                          for name, value in (line.split("=") for line in SETTINGS)))
        self.wire.batch(f"link add {site.gateway} type veth peer name {WIRE_DEVICE} netns {gateway.name}\n"
                        f"link set {site.gateway} master bridge0 up\n")
        gateway.batch(f"link add {LAN_DEVICE} type veth peer name eth0 netns {host.name}\n"
                      f"link set {LAN_DEVICE} up\nlink set {WIRE_DEVICE} up\n"
                      f"addr add {site.outer4}/24 dev {WIRE_DEVICE}\n"
                      f"addr add {site.outer6}/64 dev {WIRE_DEVICE} nodad\n"
                      + "".join(f"addr add {member(network, 1)}/{network.split('/')[1]} dev {LAN_DEVICE}"
                                f"{' nodad' if family_of(network) == 6 else ''}\n" for network in site.networks()))
        host.batch("link set eth0 up\n" + "".join(
            f"addr add {member(network, 2)}/{network.split('/')[1]} dev eth0"
            f"{' nodad' if family_of(network) == 6 else ''}\n" for network in site.networks())
            + f"route add default via {member(site.net4, 1)}\n"
            + f"route add default via {member(site.net6, 1)}\n")
        self.route(site, other, device=None)

    def route(self, site: Site, other: Site, device: str | None) -> None:
        """Sends the other site's networks to its gateway, or into a tunnel interface."""
        def line(network: str) -> str:
            way = f"dev {device}" if device else f"via {other.outer(family_of(network))}"
            return f"route replace {network} {way}\n"
        self.gateway(site).batch("".join(line(network) for network in other.networks()))

    def delete(self) -> None:
        """Removes all of it."""
        for space in (self.wire, *self.spaces.values()):
            space.delete()
