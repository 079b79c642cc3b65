"""Streams of echo requests that run while something happens to the tunnel: not one answer may be missing.

`ping` prints each answer with its number and the time, so a hole is seen with its place and its length.
"""

import re
import signal
from dataclasses import dataclass
from pathlib import Path

from .shell import Namespace, Process, expect

PACKETS_PER_SECOND = 200
ANSWER = re.compile(r"^\[(\d+\.\d+)\] \d+ bytes from \S+ icmp_seq=(\d+) ttl", re.MULTILINE)
NUMBERS = 1 << 16  # of icmp_seq, which begins anew after these
# Requests that were sent in the last moment; their answers are not in what was read.
UNDER_WAY_MAX = 3


@dataclass(frozen=True)
class Tally:
    """What came of a stream: numbers without an answer, and the time of each answer by its number."""

    sent: int
    lost: tuple[int, ...]
    answers: dict[int, float]

    @property
    def longest_gap(self) -> float:
        """Seconds between two answers that follow each other, at most."""
        times = sorted(self.answers.values())
        return max((later - earlier for earlier, later in zip(times, times[1:])), default=0.0)

    def first_answer_after(self, moment: float) -> float | None:
        """When the first request after a moment of the wall clock was answered; None if none was."""
        return min((seen for seen in self.answers.values() if seen > moment), default=None)


class Flood:
    """One stream from a host behind one gateway to a host behind the other, until `stop`."""

    def __init__(self, space: Namespace, source: str, destination: str, rate: int = PACKETS_PER_SECOND,
                 size: int = 56):
        # Not in the results: their file system is slow to write to.
        self.ping: Process = space.spawn("ping", "-n", "-D", "-i", 1 / rate, "-s", size, "-I", source, destination,
                                         log=Path(f"/run/ping-{space.name}"))

    def tally(self) -> Tally:
        """What came of it so far."""
        printed = self.ping.log()
        answers = numbered(ANSWER.findall(printed))
        last = max(answers, default=0)
        found = re.search(r"^(\d+) packets transmitted", printed, re.MULTILINE)
        sent = int(found.group(1)) if found else last
        # What is missing at the very end may be under way, unless it is too much for that.
        end = last if sent - last <= UNDER_WAY_MAX else sent
        return Tally(sent, tuple(number for number in range(1, end + 1) if number not in answers), answers)

    def stop(self) -> Tally:
        """Ends the stream and tells what came of all of it."""
        self.ping.stop(signal.SIGINT)
        return self.tally()


def numbered(found: list[tuple[str, str]]) -> dict[int, float]:
    """Times by the number of the request since the start."""
    answers: dict[int, float] = {}
    last = 0
    for seen, text in found:
        number = last + (int(text) - last + NUMBERS // 2) % NUMBERS - NUMBERS // 2
        answers.setdefault(number, float(seen))
        last = max(last, number)
    return answers


def expect_none_lost(*tallies: Tally, excused: int = 0) -> str:
    """Fails if more answers are missing than are excused; else says how many came, and the longest pause among them."""
    lost = [tally.lost for tally in tallies]
    count, sent = sum(map(len, lost)), sum(tally.sent for tally in tallies)
    expect(all(tally.answers for tally in tallies), "a flood without an answer")
    first = [list(numbers[:8]) for numbers in lost]
    expect(count <= excused, f"{count} of {sent} pings lost; the first of each stream: {first}")
    return f"{sent} pings, {count} lost, longest pause {1000 * max(tally.longest_gap for tally in tallies):.0f} ms"
