"""The responder stops: it tells the initiator, whose associations vanish too.

    west (initiates) ====== east (stops: DELETE)
"""

from bed.checks import bring_up, expect_as_before
from bed.pairs import PAIRS
from bed.scenario import scenarios
from bed.spec import ends


@scenarios({pair: PAIRS[pair] for pair in PAIRS})
def responder_stops(bed, initiator, responder):
    """The peer's associations go with ours, and after both have stopped nothing is left."""
    west, east = (bed.daemon(kind, end) for kind, end in zip((initiator, responder), ends()))
    bring_up(bed, west, east)
    east.stop()
    west.wait_down()
    west.stop()
    expect_as_before(bed)
