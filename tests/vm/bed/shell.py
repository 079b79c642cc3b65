"""Commands, daemons and waiting. All of it runs in the guest (or, for the demo, in namespaces of the host)."""

import ctypes
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

CLONE_NEWNET = 0x40000000
POLL_SECONDS = 0.2
COMMAND_SECONDS_MAX = 60
STOP_SECONDS_MAX = 15


class Failure(Exception):
    """A scenario's expectation does not hold; the text is the one line that a person reads."""


def expect(condition: bool, reason: str) -> None:
    """Fails the scenario with `reason` unless `condition` holds."""
    if not condition:
        raise Failure(reason)


def wait_for(condition, seconds: float, reason: str):
    """Polls until `condition()` is true and returns its value; fails with `reason` (text or function)."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(reason() if callable(reason) else reason)
        time.sleep(POLL_SECONDS)


def run(*command, check: bool = True, stdin: str | None = None, env: dict | None = None) -> str:
    """Runs a command and returns its output, stderr included."""
    done = subprocess.run([str(word) for word in command], input=stdin, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS_MAX,
                          env={**os.environ, **env} if env else None,
                          stdin=subprocess.DEVNULL if stdin is None else None)
    if check and done.returncode != 0:
        raise Failure(f"`{' '.join(map(str, command))}` ended with {done.returncode}: {last_line(done.stdout)}")
    return done.stdout


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


class Process:
    """A daemon in the background with its output in a file."""

    def __init__(self, command: list, log: Path, env: dict | None = None):
        self.log_file = log
        with log.open("wb") as output:
            self.popen = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                          stdout=output, stderr=subprocess.STDOUT,
                                          env={**os.environ, **(env or {})})

    def log(self) -> str:
        """All it has printed so far."""
        return self.log_file.read_text(errors="replace")

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.popen.poll() is None

    def send_signal(self, signal_number: int) -> None:
        """Sends it a signal."""
        self.popen.send_signal(signal_number)

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Asks it to end, waits, and returns its status; one that does not obey is killed, which is a failure."""
        if self.running():
            self.send_signal(signal_number)
        try:
            return self.popen.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"{self.popen.args[0]} did not stop within {STOP_SECONDS_MAX} s") from None

    def kill(self) -> None:
        """Ends it in any case."""
        if self.running():
            self.popen.kill()
            self.popen.wait()


class Namespace:
    """A network namespace, by its name."""

    def __init__(self, name: str):
        self.name = name

    def ip(self, *words, check: bool = True) -> str:
        """`ip` in this namespace."""
        return run("ip", "-n", self.name, *words, check=check)

    def batch(self, script: str) -> None:
        """Several `ip` commands, one a line."""
        run("ip", "-n", self.name, "-batch", "-", stdin=script)

    def run(self, *command, **options) -> str:
        """Runs a command in this namespace."""
        return run("ip", "netns", "exec", self.name, *command, **options)

    def spawn(self, *command, log: Path, env: dict | None = None) -> Process:
        """Starts a daemon in this namespace; the process is the daemon itself, so signals reach it."""
        return Process(["ip", "netns", "exec", self.name, *command], log, env)

    def within(self, action):
        """Calls `action` in this namespace, in a thread of our own process, and returns what it returns."""
        result = []

        def enter() -> None:
            libc = ctypes.CDLL(None, use_errno=True)
            with open(f"/run/netns/{self.name}", "rb") as handle:
                if libc.setns(handle.fileno(), CLONE_NEWNET) == 0:
                    result.append(action())

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        expect(bool(result), f"namespace {self.name}: cannot enter or act there")
        return result[0]

    def socket(self, *arguments) -> socket.socket:
        """A socket of this namespace in our own process."""
        return self.within(lambda: socket.socket(*arguments))

    def sysctl(self, settings: dict[str, str]) -> None:
        """Changes kernel settings of this namespace."""
        def write() -> bool:
            for name, value in settings.items():
                Path("/proc/sys", *name.split(".")).write_text(value)
            return True
        self.within(write)
