"""Wireshark's dissector reads our handshake with the keys that xfrmd has exported.

    west (xfrmd, initiates; keys) ====== east (xfrmd) -- the capture is decrypted on the host

ChaCha20-Poly1305 is left out: the dissector of Debian 12 cannot decrypt it in IKE.
"""

from bed.checks import tunnel_carries
from bed.scenario import scenarios
from bed.spec import SUITES, ends
from bed.xfrmd import Xfrmd


@scenarios({suite.name: (suite,) for suite in SUITES if "chacha" not in suite.name})
def handshake_is_readable(bed, suite):
    """The AUTH payload and the traffic selectors of IKE_AUTH are seen in the capture."""
    tunnel_carries(bed, Xfrmd, Xfrmd, ends(suites=(suite,)))
    bed.expect_fields("isakmp.auth.data", "isakmp.ts.start_ipv4")
