"""Tunnels of every shape, with ourselves and in each direction with strongSwan.

    lan1 -- west (initiates) ====== east -- lan2
    net4, net6, second4                net4, net6, second4
"""

from bed.checks import tunnel_carries
from bed.pairs import PAIRS
from bed.scenario import scenarios
from bed.spec import ends

SHAPES = {
    "outer-ipv6": ends(family=6, route_based=True),
    "inner-ipv6": ends(inner=("net6",), route_based=True),
    "both-ipv6": ends(family=6, inner=("net6",), route_based=True),
    "transport": ends(transport=True),
    "route-based": ends(route_based=True),
    "address-group": ends(inner=("net4", "second4")),
    "udp-port": ends(protocol=17, service_port=4000),
}


@scenarios({f"{pair}/{shape}": (*PAIRS[pair], SHAPES[shape]) for pair in PAIRS for shape in SHAPES})
def shape_carries(bed, initiator, responder, pair):
    """The tunnel comes up in this shape and carries in both directions."""
    tunnel_carries(bed, initiator, responder, pair)
