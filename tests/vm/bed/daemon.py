"""What the scenarios may ask of any IKE daemon."""

from pathlib import Path

from . import sadb
from .shell import Namespace, Process, expect, last_line, wait_for
from .spec import End

UP_SECONDS_MAX = 40
GONE_SECONDS_MAX = 15


class Daemon:
    """One daemon on one gateway. A subclass writes the configuration and knows its commands."""

    kind = ""
    tidy = True  # whether it takes away all of its policies when it stops
    keeps_policies = False  # whether a tunnel that is down has policies that wait for an association
    says_goodbye = True  # whether its stop sends a DELETE

    def __init__(self, space: Namespace, end: End, folder: Path):
        self.space = space
        self.end = end
        self.folder = folder / f"{end.site.gateway}-{self.kind}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process: Process | None = None

    def start(self) -> None:
        """Starts the daemon; returns when it listens. One that initiates by itself may begin at once."""
        raise NotImplementedError

    def initiate(self) -> None:
        """Starts the negotiation, unless the daemon does so by itself. Does not wait for its end."""

    def rekey_child(self) -> None:
        """Asks for a successor of the Child SA now; does not wait for it. xfrmd does so at its limit of octets."""
        raise NotImplementedError

    def rekey_ike(self) -> None:
        """Asks for a successor of the IKE SA now; does not wait for it."""
        raise NotImplementedError

    def stop(self) -> None:
        """A clean stop, as an administrator does it."""
        if self.process and self.process.running():
            status = self.process.stop()
            expect(status == 0, f"{self.kind} ended with status {status}: {last_line(self.log())}")

    def clear_up(self) -> None:
        """Takes away what a stopped daemon leaves for its next start."""

    def kill(self) -> None:
        """Ends it in any case; for the clean-up after a scenario."""
        if self.process:
            self.process.kill()

    def crash(self) -> None:
        """It ends without a word, and its logs are put aside for the next life; its kernel keeps what it has."""
        self.kill()
        for file in self.folder.glob("log"):
            file.rename(file.with_name(f"log-{len(list(self.folder.glob('log-*'))) + 1}"))

    def log(self) -> str:
        """All it has logged so far."""
        return self.process.log() if self.process else ""

    def expect_running(self) -> None:
        """Fails with its last words if it has ended."""
        expect(self.process is not None and self.process.running(),
               f"{self.kind} on {self.end.site.gateway} has ended: {last_line(self.log())}")

    def wait_listening(self, condition, seconds: float = 20) -> None:
        """Waits until `condition()` holds, but no longer than the daemon lives."""
        def ready():
            self.expect_running()
            return condition()
        wait_for(ready, seconds, lambda: f"{self.kind} is not ready: {last_line(self.log())}")

    def wait_refusal(self, reason: str) -> None:
        """Waits until it has told why a negotiation failed. Only xfrmd's words are ours to demand."""

    def wait_up(self) -> None:
        """Waits until the kernel has an association for each direction (which is which, `expect_kernel` looks)."""
        def both():
            self.expect_running()
            return sadb.usable(self.space) >= 2
        wait_for(both, UP_SECONDS_MAX, lambda: f"{self.kind} on {self.end.site.gateway} has no tunnel after "
                                               f"{UP_SECONDS_MAX} s: {last_line(self.log())}")

    def wait_down(self) -> None:
        """Waits until no association is left, as after the peer's DELETE."""
        wait_for(lambda: not sadb.usable(self.space), GONE_SECONDS_MAX,
                 f"{self.kind} on {self.end.site.gateway} still has associations after the peer stopped")
