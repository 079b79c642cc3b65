"""The bed proves itself with strongSwan at both ends, so that a failure elsewhere is not the bed's.

    lan1 -- west (strongSwan, initiates) ====== east (strongSwan) -- lan2
"""

from bed.checks import tunnel_carries
from bed.scenario import scenarios
from bed.spec import ends
from bed.strongswan import StrongSwan

TUNNELS = {
    "policy-based": (ends(),),
    "route-based": (ends(inner=("net6",), route_based=True),),
    "udp-port": (ends(protocol=17, service_port=4000),),
}


@scenarios(TUNNELS, needs_xfrmd=False)
def strongswan_to_itself(bed, pair):
    """Tunnels of several shapes come up, carry, and leave nothing behind."""
    tunnel_carries(bed, StrongSwan, StrongSwan, pair)
