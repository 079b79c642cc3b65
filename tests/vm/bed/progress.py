"""Progress for a person who waits: one line a step, with its seconds."""

import sys
import time
from contextlib import contextmanager


@contextmanager
def step(text: str):
    """Prints `text` at once and the seconds that the block took when it is done."""
    start = time.monotonic()
    print(f"{text:<46}", end="", flush=True)
    try:
        yield
    except BaseException:
        print("FAILED", flush=True)
        raise
    print(f"{time.monotonic() - start:4.0f} s", flush=True)
    sys.stdout.flush()
