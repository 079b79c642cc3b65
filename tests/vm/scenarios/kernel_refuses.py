"""The kernel takes an algorithm back after xfrmd has found it there: the install is refused half-way.

    west (strongSwan, initiates) ------ east (xfrmd: the kernel refuses its first association)
"""

from contextlib import contextmanager
from pathlib import Path

from bed import words
from bed.checks import expect_as_before, expect_nothing_installed
from bed.scenario import scenarios
from bed.shell import run
from bed.spec import CHACHA, ends
from bed.strongswan import StrongSwan
from bed.xfrmd import Xfrmd

MODULE = "chacha20poly1305"
RULE = Path("/etc/modprobe.d/kernel-refuses.conf")


@contextmanager
def without_module():
    """The guest's kernel without the algorithm's module."""
    run("modprobe", "-r", MODULE)
    RULE.write_text(f"install {MODULE} /bin/false\n")
    try:
        yield
    finally:
        RULE.unlink()


@scenarios()
def nothing_stays(bed):
    """xfrmd says what the kernel said, the peer gets an answer, and nothing stays in either kernel."""
    west, east = (bed.daemon(kind, end) for kind, end in zip((StrongSwan, Xfrmd), ends(suites=(CHACHA,))))
    east.start()
    west.start()
    with without_module():
        west.initiate()
        east.wait_words(words.KERNEL_REFUSED)
        west.wait_answer()
        expect_nothing_installed(bed)
    west.stop()
    east.stop()
    expect_as_before(bed)
