"""Tunnels with Libreswan, in each direction.

    lan1 -- west (initiates) ====== east -- lan2
"""

from bed.checks import tunnel_carries
from bed.libreswan import Libreswan
from bed.scenario import scenarios
from bed.spec import AES128GCM, AES256CBC, ends
from bed.xfrmd import Xfrmd

SUITES = (AES128GCM, AES256CBC)


@scenarios({f"to/{suite.name}": (suite,) for suite in SUITES})
def xfrmd_initiates(bed, suite):
    """xfrmd calls Libreswan."""
    tunnel_carries(bed, Xfrmd, Libreswan, ends(suites=(suite,)))


@scenarios({f"from/{suite.name}": (suite,) for suite in SUITES})
def libreswan_initiates(bed, suite):
    """Libreswan calls xfrmd."""
    tunnel_carries(bed, Libreswan, Xfrmd, ends(suites=(suite,)))
