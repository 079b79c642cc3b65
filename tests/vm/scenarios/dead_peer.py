"""A peer that does not answer: what is said of it, when, and in which order.

    lan1 (pings) -- west (xfrmd) ====== east (is not heard any more) -- lan2
"""

import re
import time

from bed import faults, sadb, words
from bed.capture import expect_no_clear_text
from bed.checks import bring_up
from bed.flood import Flood
from bed.kernel import policy_text
from bed.rekeying import Burst
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.spec import Dpd, ends
from bed.strongswan import StrongSwan
from bed.topology import EAST, WEST, member
from bed.xfrmd import Xfrmd

ADDRESSES = [member(site.net4, 2) for site in (WEST, EAST)]
PINGS_PER_SECOND = 5
# dpd-retryinterval of silence, as long again for the answer, and a second for the reading of counters.
DPD_SECONDS_MAX = 2 + 2 + 2
TRANSMISSIONS = (0, 3, 9, 21, 45)
CEILING_SECONDS, TOLERANCE_SECONDS = 93, 1


def expect_flush(west: Xfrmd) -> None:
    """The lines of a flush follow each other in west's log, and its kernel has policies and no association."""
    lines = west.log().splitlines()
    first = next(number for number, line in enumerate(lines) if re.search(words.RETRANSMISSION_TIMEOUT, line))
    for line, expression in zip(lines[first:], words.FLUSH):
        expect(re.search(expression, line) is not None, f"/{expression}/ is not in its place, but: {line}")
    expect(len(lines) >= first + len(words.FLUSH), "the flush ends early")
    wait_for(lambda: not sadb.usable(west.space), 2, "associations after the flush")
    expect("dir out" in policy_text(west.space), "no policy after the flush")


@scenarios({"on-demand/itself": (Xfrmd,)})
@scenarios({"on-demand/strongswan": (StrongSwan,)}, long=True)
def silence_is_noticed(bed, responder):
    """DPD on demand, once two seconds: the tunnel is flushed, with the lines of a FortiGate in their order."""
    pair = ends(west={"dpd": Dpd("on-demand")})
    west, east = bed.daemon(Xfrmd, pair[0]), bed.daemon(responder, pair[1])
    bring_up(bed, west, east)
    flood = Flood(bed.topology.host(WEST), *ADDRESSES, PINGS_PER_SECOND)
    wait_for(lambda: flood.tally().answers, 5, "no answer through the tunnel")
    faults.silence(bed, EAST)
    start = time.time()
    west.wait_words(words.RETRANSMISSION_TIMEOUT, DPD_SECONDS_MAX + 10)
    bed.note(f"flushed {time.time() - start:.1f} s after the last packet")
    expect_flush(west)
    flood.stop()
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())


@scenarios(long=True)
def unanswered_rekey(bed):
    """Without DPD: an unanswered CREATE_CHILD_SA goes out five times, and takes the tunnel down after 93 seconds."""
    bed.topology.widen()
    bed.capture_all_but_esp()
    pair = ends(west={"dpd": Dpd("disable"), "limit_kilobytes": 5120}, east={"dpd": Dpd("disable")})
    west, east = (bed.daemon(Xfrmd, end) for end in pair)
    bring_up(bed, west, east)
    flood = Flood(bed.topology.host(WEST), *ADDRESSES, PINGS_PER_SECOND)
    wait_for(lambda: flood.tally().answers, 5, "no answer through the tunnel")
    faults.silence(bed, EAST)
    silenced = time.time()
    Burst(bed, 5120).send()
    west.wait_words(words.RETRANSMISSION_TIMEOUT, CEILING_SECONDS + 20)
    ended = time.time()
    sent = [seen for seen in bed.capture.ike_from(WEST.outer4) if silenced < seen < ended - 1]
    bed.note(f"CREATE_CHILD_SA sent at {', '.join(f'{seen - sent[0]:.1f}' for seen in sent)} s, "
             f"given up after {ended - sent[0]:.1f} s")
    expect_flush(west)
    flood.stop()
    bed.capture.stop()
    expect_no_clear_text(bed.capture.counts())
    expect(len(sent) == len(TRANSMISSIONS), f"{len(sent)} transmissions")
    expect(abs(ended - sent[0] - CEILING_SECONDS) <= TOLERANCE_SECONDS, "not given up at 93 s")
