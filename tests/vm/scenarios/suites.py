"""Every suite with ourselves, and in each direction with strongSwan.

    lan1 -- west (initiates) ====== east -- lan2
"""

from bed.checks import tunnel_carries
from bed.pairs import PAIRS
from bed.scenario import scenarios
from bed.spec import SUITES, ends


@scenarios({f"{pair}/{suite.name}": (*PAIRS[pair], ends(suites=(suite,))) for pair in PAIRS for suite in SUITES})
def suite_carries(bed, initiator, responder, pair):
    """The tunnel comes up with the suite and carries in both directions."""
    tunnel_carries(bed, initiator, responder, pair)
