"""The bed proves itself with strongSwan at both ends, so that a failure elsewhere is not the bed's.

    lan1 -- west (strongSwan, initiates) ====== east (strongSwan) -- lan2
"""

from bed.checks import tunnel_carries
from bed.scenario import scenarios
from bed.spec import AES128GCM, SUITES, ends
from bed.strongswan import StrongSwan

TUNNELS = {
    **{suite.name: ends(suites=(suite,)) for suite in SUITES},
    "outer-ipv6": ends(family=6),
    "inner-ipv6": ends(inner=("net6",), route_based=True),
    "transport": ends(transport=True),
    "two-networks": ends(inner=("net4", "second4")),
    "udp-port": ends(protocol=17, service_port=4000),
}


@scenarios({name: (pair,) for name, pair in TUNNELS.items()}, needs_xfrmd=False)
def strongswan_to_itself(bed, pair):
    """Tunnels of every shape come up, carry, and leave nothing behind."""
    tunnel_carries(bed, StrongSwan, StrongSwan, pair)
