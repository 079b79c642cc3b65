"""What one end wants the other refuses: the reason is said, and neither kernel gets anything.

    west (initiates) --- "no" --- east
"""

from bed import words
from bed.checks import expect_refused
from bed.pairs import PAIRS
from bed.scenario import scenarios
from bed.spec import AES128GCM, AES256CBC, CHACHA, ends, with_phase2_of

MISMATCHES = {
    "wrong-secret": (ends(east={"secret": "not the same key"}), words.WRONG_SECRET),
    "wrong-identity": (ends(west={"local_id": "west.example"}, east={"peer_id": "someone.example"}),
                       words.WRONG_IDENTITY),
    "no-common-proposal": (ends(west={"suites": (AES128GCM,)}, east={"suites": (CHACHA,)}), words.NO_COMMON_PROPOSAL),
    "no-common-esp-proposal": (ends(east={"suites": (with_phase2_of(AES128GCM, AES256CBC),)}),
                               words.NO_COMMON_ESP_PROPOSAL),
    "no-common-selector": (ends(east={"local": ("10.98.0.0/24",), "remote": ("10.99.0.0/24",)}),
                           words.NO_COMMON_SELECTOR),
}


@scenarios({f"{pair}/{name}": (*PAIRS[pair], *MISMATCHES[name]) for pair in PAIRS for name in MISMATCHES})
def refused(bed, initiator, responder, pair, reason):
    """Each xfrmd that takes part says why, and the kernels are as before."""
    expect_refused(bed, bed.daemon(initiator, pair[0]), bed.daemon(responder, pair[1]), reason)
