"""Where things are, on the host and in the guest alike (the guest sees the host's file system)."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
BUILD = CHECKOUT / "build"
CACHE = BUILD / "vm-cache"
RESULTS = BUILD / "vm-results"
SCENARIOS = CHECKOUT / "tests" / "vm" / "scenarios"


def xfrmd() -> Path:
    """The daemon under test: in the meson build folder that XFRMD_BUILD names, or in build/release."""
    return build() / "daemon" / "xfrmd"


def build() -> Path:
    """The meson build folder that XFRMD_BUILD names, or build/release."""
    return Path(os.environ.get("XFRMD_BUILD", BUILD / "release")).absolute()
