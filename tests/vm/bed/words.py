"""The words of xfrmd's events that scenarios wait for: the one place to change when an event's text changes.

Each is a regular expression that is searched in what xfrmd has logged, ignoring case.
"""

LISTENING = r"ready|listening|started"

# Why a negotiation failed, in either role. The administrator acts on these words.
WRONG_SECRET = r"psksecret|pre-?shared key|AUTHENTICATION_FAILED"
WRONG_IDENTITY = r"peerid|identity|AUTHENTICATION_FAILED"
NO_COMMON_PROPOSAL = r"proposal"
NO_COMMON_SELECTOR = r"selector|TS_UNACCEPTABLE"
KERNEL_REFUSED = r"kernel"
