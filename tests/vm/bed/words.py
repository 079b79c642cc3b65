"""The words of xfrmd's events that scenarios wait for: the one place to change when an event's text changes.

Each is a regular expression that is searched in what xfrmd has logged, ignoring case. For a refusal the stable
reason codes will do: they are what an administrator looks up.
"""

STARTED = r"xfrmd \S+ has started"
CONFIGURATION_APPLIED = r"configuration applied"
WRONG_SECRET = r"authentication-failed-(local|remote)"
WRONG_IDENTITY = r"identity-mismatch|no-gateway|authentication-failed-(local|remote)"
NO_COMMON_PROPOSAL = r"no-proposal-chosen"
NO_COMMON_ESP_PROPOSAL = r"esp-no-proposal-chosen"
NO_COMMON_SELECTOR = r"traffic-selectors-unacceptable"
KERNEL_REFUSED = r"kernel-refused"
IPSEC_SA_ESTABLISHED = r"IPsec SA established"
OFFLOAD_REQUIRED = r"offload-required"
PEER_MOVED = r"the peer's NAT has moved it"
IKE_SA_REKEYED = r"IKE SA \S+ rekeyed as"
RETRANSMISSION_TIMEOUT = r"[0-9a-f]{16}/[0-9a-f]{16} retransmission timeout"
# What a dead peer logs, in this order.
FLUSH = (RETRANSMISSION_TIMEOUT, r"expiring IKE SA [0-9a-f]{16}/[0-9a-f]{16}", r"going to be deleted", r"flushing",
         r"deleting IPsec SA with SPI [0-9a-f]{8}")
PASSIVE = r"ignoring request to establish IPsec SA, gateway is in passive mode"
