"""Tunnels with OpenIKED, in each direction; it knows policy-based tunnels only.

    lan1 -- west (initiates) ====== east -- lan2
"""

from bed.checks import tunnel_carries
from bed.openiked import OpenIked
from bed.scenario import scenarios
from bed.spec import AES256SHA1, ends
from bed.xfrmd import Xfrmd


@scenarios({"to": (Xfrmd, OpenIked), "from": (OpenIked, Xfrmd)})
def tunnel_with_openiked(bed, initiator, responder):
    """The tunnel comes up and carries in both directions."""
    tunnel_carries(bed, initiator, responder, ends(suites=(AES256SHA1,)))
