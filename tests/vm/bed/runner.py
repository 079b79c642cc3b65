"""The host's side of a run: two machines share the list of scenarios; each result is printed as it comes."""

import json
import shutil
import textwrap
import threading
import time

from . import cache, dissect, kernels, offloadsim
from .machine import Machine, MachineDied
from .paths import BUILD, RESULTS
from .progress import step
from .scenario import Scenario
from .shell import Failure

MACHINES = 2
RUN_SECONDS_MAX = 1500
LONG_RUN_SECONDS_MAX = 7200
SHARED = BUILD / "vm-shared"
REASON_LENGTH_MAX = 300


class Report:
    """Counts outcomes and prints one line a scenario; called from the threads of all machines."""

    def __init__(self):
        self.lock = threading.Lock()
        self.outcomes: dict[str, str] = {}
        self.started: dict[str, float] = {}

    def add(self, name: str, outcome: str, reason: str, seconds: float) -> None:
        """One result; a passed scenario's evidence is dropped, another's is kept."""
        with self.lock:
            self.outcomes[name] = outcome
            word = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}[outcome]
            print(f"{word:<8} {seconds:5.1f} s  {name}{': ' + one_line(reason) if reason else ''}", flush=True)
            table = SHARED / "results" / name / "table"
            if table.exists():  # what a scenario has to say in more than one line
                print(textwrap.indent(table.read_text().rstrip(), "         "), flush=True)
        if outcome == "failed":
            shutil.rmtree(RESULTS / name, ignore_errors=True)
            if (SHARED / "results" / name).exists():
                shutil.copytree(SHARED / "results" / name, RESULTS / name)

    def count(self, outcome: str) -> int:
        """How many ended so."""
        return list(self.outcomes.values()).count(outcome)

    def summary(self) -> str:
        """The closing line."""
        skipped = self.count("skipped")
        return (f"{self.count('passed')} passed, {self.count('failed')} failed"
                + (f", {skipped} skipped" if skipped else ""))


def one_line(text: str) -> str:
    """A reason fits on one line of a terminal."""
    words = " ".join(text.split())
    return words if len(words) <= REASON_LENGTH_MAX else words[:REASON_LENGTH_MAX - 1] + "…"


def run(chosen: list[Scenario], machine_class: type[Machine] = Machine, release: str = kernels.BOOKWORM) -> int:
    """Runs the scenarios and prints the summary; the status is 0 if none has failed.

    `release` names the kernel of those scenarios that do not ask for one.
    """
    cache.prepare()
    for folder in (SHARED, RESULTS):
        shutil.rmtree(folder, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    report = Report()
    for_each_kernel(chosen, report, machine_class, release)
    # A machine that died takes its scenario along: that is tried once more, in a new machine.
    lost = [one for one in chosen if one.name not in report.outcomes]
    if lost:
        print(f"{len(lost)} scenarios without a result: trying them again", flush=True)
        for one in lost:
            (SHARED / "claims" / one.name.replace("/", "+")).rmdir() if one.name in report.started else None
        for_each_kernel(lost, report, machine_class, release)
    for one in chosen:
        if one.name not in report.outcomes:
            report.add(one.name, "failed", "the virtual machine died twice", 0)
    print(report.summary(), flush=True)
    return 1 if report.count("failed") else 0


def for_each_kernel(chosen: list[Scenario], report: Report, machine_class: type[Machine], release: str) -> None:
    """Those that want the same kernel share machines; a kernel that nobody wants is not fetched."""
    for wanted in kernels.RELEASES:
        group = [one for one in chosen if (one.kernel or release) == wanted]
        if not group:
            continue
        kernels.prepare(wanted)
        if any(one.topology is offloadsim.OffloadTopology for one in group):
            offloadsim.build(wanted)
        attempt(group, report, machine_class, wanted)


def attempt(chosen: list[Scenario], report: Report, machine_class: type[Machine], release: str) -> None:
    """One round in as many machines as there is work for."""
    (SHARED / "claims").mkdir(parents=True, exist_ok=True)
    (SHARED / "results").mkdir(exist_ok=True)
    limit = LONG_RUN_SECONDS_MAX if any(one.is_long for one in chosen) else RUN_SECONDS_MAX
    command = ["python3", "-m", "bed.guest", *(one.name for one in chosen)]
    machines = [machine_class(SHARED, command, f"{release}-{number}", release)
                for number in range(min(MACHINES, len(chosen)))]
    threads = [threading.Thread(target=boot, args=(machine, report, limit)) for machine in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def boot(machine: Machine, report: Report, seconds_max: int) -> None:
    """One machine's life."""
    try:
        machine.run(lambda line: on_line(line, report), seconds_max)
    except MachineDied as reason:
        print(f"{machine.name} died: {one_line(str(reason)[-180:])}", flush=True)


def on_line(line: str, report: Report) -> None:
    """A line of a guest: a scenario begins or ends. The dissector looks at the capture before the verdict."""
    try:
        facts = json.loads(line)
    except ValueError:
        return
    if facts["outcome"] == "started":
        report.started[facts["name"]] = time.monotonic()
        return
    outcome, reason = facts["outcome"], facts["reason"]
    if outcome == "passed":
        try:
            dissect.expect_well_formed(SHARED / "results" / facts["name"])
            expect_fields(facts)
        except Failure as failure:
            outcome, reason = "failed", str(failure)
    report.add(facts["name"], outcome, reason, facts["seconds"])


def expect_fields(facts: dict) -> None:
    """What a scenario wants to be seen in its capture once it is decrypted: it lists the fields in a file."""
    wanted = SHARED / "results" / facts["name"] / "expect-fields"
    if wanted.exists():
        for field in wanted.read_text().split():
            dissect.expect_decrypted(wanted.parent, field)
