"""Who talks to whom: the initiator is west, the responder east."""

from .strongswan import StrongSwan
from .xfrmd import Xfrmd

PAIRS = {
    "itself": (Xfrmd, Xfrmd),
    "to-strongswan": (Xfrmd, StrongSwan),
    "from-strongswan": (StrongSwan, Xfrmd),
}
