"""The initiator guesses a key exchange group that the responder does not take; it is told and tries again.

    west: KE(14) --> east       west <-- N(INVALID_KE_PAYLOAD, 31)       west: KE(31) --> east
"""

from bed.checks import tunnel_carries
from bed.pairs import PAIRS
from bed.scenario import scenarios
from bed.spec import ends


@scenarios({pair: PAIRS[pair] for pair in PAIRS})
def second_guess_is_right(bed, initiator, responder):
    """The tunnel comes up with the second group."""
    tunnel_carries(bed, initiator, responder, ends(west={"groups": (14, 31)}, east={"groups": (31,)}))
