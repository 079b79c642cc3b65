"""Many tunnels between the two gateways: west has an address for each, east one for all.

    lan1 (10.1.0.2) -- west (198.18.0.1, .2, ...) ======== east (192.0.2.2) -- lan2, with 10.64.N.0/24 and on behind it
"""

import json
import socket

from . import sadb
from .scenario import Bed
from .shell import wait_for
from .spec import SECRET, ends
from .topology import EAST, WEST, WIRE_DEVICE, member
from .xfrmd import Xfrmd, offload_of

WEST_ADDRESSES, REMOTE_NETWORKS = "198.18.0.0/15", "10.64.0.0/10"
UP_SECONDS_MAX = 120
DISCARD_PORT = 9


def of_west(number: int) -> str:
    """West's address for a tunnel."""
    return member(WEST_ADDRESSES, 1 + number)


def remote_network(number: int) -> str:
    """What is behind east for a tunnel."""
    return f"{member(REMOTE_NETWORKS, number << 8)}/24"


class ManyTunnels(Xfrmd):
    """xfrmd with that many tunnels; west's bring themselves up. `options` are those of the section "daemon".

    Each has an IKE SA of its own, or so many share one.
    """

    count = 1
    sharing = 1
    options: dict = {}

    def start(self) -> None:
        configuration = {"daemon": self.options, "phase1": {}, "phase2": {}}
        for number in range(self.count):
            name = f"t{number // self.sharing:03}"
            configuration["phase1"].setdefault(name, self.phase1(number // self.sharing))
            child = name if self.sharing == 1 else f"{name}-{number % self.sharing}"
            configuration["phase2"][child] = self.phase2(name, number)
        config = self.folder / "xfrmd.json"
        config.write_text(json.dumps(configuration, indent=2) + "\n")
        self.run_with(config)

    def phase1(self, number: int) -> dict:
        """A tunnel between one of west's addresses and east's only one."""
        local, remote = of_west(number), EAST.outer4
        if self.end.site is EAST:
            local, remote = remote, local
        return {"interface": WIRE_DEVICE, "local-gw": local, "remote-gw": remote, "peertype": "any",
                "proposal": [self.end.suite.phase1], "dhgrp": [self.end.suite.group], "psksecret": SECRET,
                **offload_of(self.end)}

    def phase2(self, name: str, number: int) -> dict:
        """From west's network to one of those behind east."""
        networks = WEST.net4, remote_network(number)
        local, remote = networks if self.end.site is WEST else reversed(networks)
        phase2 = {"phase1name": name, "proposal": [self.end.suite.phase2], "pfs": False,
                  "src-subnet": local, "dst-subnet": remote}
        if self.end.site is WEST:
            phase2["auto-negotiate"] = True
        return phase2


def prepare(bed: Bed, count: int, of_ends: tuple[dict, dict] = ({}, {}), sharing: int = 1,
            **options) -> tuple[ManyTunnels, ManyTunnels]:
    """Addresses and routes for that many tunnels, and the two daemons, not started yet."""
    gateway = bed.topology.gateway(WEST)
    gateway.batch("".join(f"addr add {of_west(number)}/32 dev {WIRE_DEVICE}\n" for number in range(count // sharing))
                  + f"route add {REMOTE_NETWORKS} via {EAST.outer4}\n")
    # What comes out of the tunnels there goes no further, and nobody is told: that would be clear text on the wire.
    bed.topology.gateway(EAST).batch(f"route add blackhole {REMOTE_NETWORKS}\n"
                                     f"route add {WEST_ADDRESSES} via {WEST.outer4}\n")
    kind = type("ManyTunnels", (ManyTunnels,), {"count": count, "options": options, "sharing": sharing})
    west, east = (bed.daemon(kind, end) for end in ends(west=of_ends[0], east=of_ends[1]))
    return west, east


def wait_up(bed: Bed, count: int, seconds: float = UP_SECONDS_MAX) -> None:
    """Both kernels have a pair of associations for each tunnel, and no more."""
    spaces = [bed.topology.gateway(site) for site in (WEST, EAST)]
    wait_for(lambda: all(sadb.usable(space) == 2 * count for space in spaces), seconds,
             lambda: f"{[sadb.usable(space) for space in spaces]} associations instead of {2 * count} each")


def send_to_all(bed: Bed, count: int, times: int = 1) -> None:
    """A packet from west's host for each tunnel."""
    with bed.topology.host(WEST).socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((member(WEST.net4, 2), 0))
        for _ in range(times):
            for number in range(count):
                sender.sendto(b"user traffic", (member(remote_network(number), 9), DISCARD_PORT))
