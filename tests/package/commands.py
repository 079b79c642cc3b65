"""What the command line can ask for, on the host's side."""

import json
import shutil
import subprocess

from bed import cache, runner, scenario
from bed.machine import MachineDied
from bed.paths import BUILD, CHECKOUT

from . import debian_root, packages, rpm_package
from .service_machine import SandboxMachine, ServiceMachine

OUT = BUILD / "package-out"
LIFE_SECONDS_MAX = 1500


def setup() -> None:
    """What all of it needs on the host."""
    subprocess.run([CHECKOUT / "tests/setup", "service"], check=True)
    cache.prepare()


def life(suite_name: str, chosen: list[str]) -> int:
    """The course of `life.py` in a guest, or the chosen steps of it; each is a line here."""
    setup()
    suite = debian_root.SUITES[suite_name]
    debian_root.prepare(suite)
    packages.prepare(suite)
    shutil.rmtree(OUT, ignore_errors=True)
    folder = str(packages.folder(suite).relative_to(CHECKOUT))
    machine = ServiceMachine(OUT, ["python3", "-m", "package.life", folder, *chosen])
    machine.suite = suite
    failed: list[str] = []
    try:
        status = machine.run(lambda line: on_line(line, failed), LIFE_SECONDS_MAX)
    except MachineDied as reason:
        print(f"the virtual machine died: {reason}")
        return 1
    return 1 if status or failed else 0


def on_line(line: str, failed: list[str]) -> None:
    """A step's result, or something else that the guest says."""
    try:
        facts = json.loads(line)
    except ValueError:
        print(line, flush=True)
        return
    print(f"{facts['outcome']:<8} {facts['seconds']:5.1f} s  {facts['name']}"
          f"{': ' + facts['reason'] if facts['reason'] else ''}", flush=True)
    if facts["outcome"] == "FAILED":
        failed.append(facts["name"])


def sandbox(patterns: list[str]) -> int:
    """The scenarios of tests/vm, all that are not long without a pattern, with the installed service in each."""
    setup()
    debian_root.prepare(SandboxMachine.suite)
    packages.prepare(SandboxMachine.suite)
    chosen = [one for one in scenario.find(patterns) if has_its_peers(one.name)]
    return runner.run(chosen, SandboxMachine)


def has_its_peers(name: str) -> bool:
    """Whether the machine has the peers of a scenario (some cannot be installed beside each other), and its kernel."""
    return not any(word in name for word in ("libreswan", "openiked", "dissector", "offload"))


def rpm() -> int:
    """Contents and scriptlets, by RPM's own tools."""
    setup()
    suite = debian_root.SUITES["bookworm"]
    debian_root.prepare(suite)
    return rpm_package.check(suite)
