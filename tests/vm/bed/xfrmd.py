"""xfrmd, the daemon under test."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

from . import unit, words
from .daemon import Daemon
from .paths import xfrmd as executable
from .shell import Process, expect, last_line, wait_for
from .spec import End
from .topology import WIRE_DEVICE, family_of

RELOAD_SECONDS_MAX = 15


class Xfrmd(Daemon):
    """xfrmd in the foreground, with its events in a file and its IKE keys in another for the dissector."""

    kind = "xfrmd"
    keeps_policies = True

    def configuration(self) -> dict:
        """What its file says."""
        return configuration(self.end)

    def write_configuration(self):
        """Writes the file anew and returns its path."""
        config = self.folder / "xfrmd.json"
        config.write_text(json.dumps(self.configuration(), indent=2) + "\n")
        return config

    def reload(self) -> None:
        """Writes the file anew and has it applied, as `systemctl reload` does."""
        applied = len(re.findall(words.CONFIGURATION_APPLIED, self.log()))
        self.write_configuration()
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(re.findall(words.CONFIGURATION_APPLIED, self.log())) > applied, RELOAD_SECONDS_MAX,
                 lambda: f"the configuration is not applied: {last_line(self.log())}")

    def start(self) -> None:
        self.run_with(self.write_configuration())

    def run_with(self, config: Path) -> None:
        """Starts it with this file; returns when it says that it has started."""
        # Without a journal's socket the events go to stderr.
        self.process = self.spawn(executable(), "--config", config, "--control", self.control,
                                  "--debug-key-log", self.folder / "keys", log=self.folder / "log")
        # Its sockets are bound before the kernel's algorithms are probed: only its own word tells.
        self.wait_listening(lambda: re.search(words.STARTED, self.log()))

    def spawn(self, *command, log: Path) -> Process:
        """A process of the gateway's, or, where the machine has the installed service, that with its sandbox."""
        if os.environ.get("XFRMD_AS_SERVICE"):
            return unit.spawn(self.space, *command, log=log)
        return self.space.spawn(*command, log=log)

    @property
    def control(self) -> Path:
        """Its control socket: in a folder of /run, which an installed service has as its own."""
        return Path(f"/run/xfrmd-{self.space.name}/io.xfrmd.Control")

    def xfrmctl(self, *arguments, code: int = 0) -> str:
        """What xfrmctl prints; it must end with `code`."""
        done = subprocess.run([executable().with_name("xfrmctl"), "--socket", self.control, *arguments],
                              capture_output=True, text=True, check=False, timeout=60)
        expect(done.returncode == code, f"xfrmctl {' '.join(arguments)} ends with {done.returncode}: "
                                        f"{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def explain(self) -> str:
        """What it says about the tunnel."""
        return self.xfrmctl("explain", self.end.name)

    def status(self) -> dict:
        """Its tunnel as the API tells."""
        return json.loads(self.xfrmctl("status", self.end.name, "--json"))["tunnels"][0]

    def sweep(self, code: int = 0) -> str:
        """What `xfrmd --sweep` prints; it must end with `code`."""
        done = subprocess.run(["ip", "netns", "exec", self.space.name, executable(), "--sweep", "--control", self.control],
                              capture_output=True, text=True, check=False, timeout=60)
        expect(done.returncode == code, f"xfrmd --sweep ends with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def clear_up(self) -> None:
        """The interfaces of route-based tunnels outlive the daemon."""
        if self.end.route_based:
            self.sweep()

    def wait_refusal(self, reason: str) -> None:
        self.wait_words(reason)

    def wait_words(self, expression: str, seconds: float = 40) -> None:
        """Waits for an event; the expressions are in `words`."""
        def said():
            self.expect_running()
            return re.search(expression, self.log(), re.IGNORECASE)
        wait_for(said, seconds, lambda: f"xfrmd on {self.end.site.gateway} does not say /{expression}/ but: "
                                        f"{last_line(self.log())}")


def configuration(end: End) -> dict:
    """The configuration of one tunnel; policy-based tunnels have sections of their own."""
    suffix = "-interface" if end.route_based else ""
    addresses, phase2 = phase2_of(end)
    return {**addresses, "phase1" + suffix: {end.name: phase1_of(end)}, "phase2" + suffix: {end.name: phase2}}


def phase1_of(end: End) -> dict:
    """Who the peer is and how the IKE SA is protected."""
    remote = "remote-gw" if end.family == 4 else "remote-gw6"
    phase1 = {"interface": WIRE_DEVICE, remote: end.peer.outer(end.family),
              "proposal": [suite.phase1 for suite in end.suites], "dhgrp": list(end.key_exchange_groups()),
              "psksecret": end.secret}
    if end.family == 6:
        phase1["ip-version"] = 6
    if end.dial_up:
        del phase1[remote]
        phase1["type"] = "dynamic"
    phase1.update({**upkeep_of(end), **offload_of(end)})
    if end.local_id:
        phase1["localid"] = end.local_id
    if end.peer_id:
        phase1.update({"peertype": "one", "peerid": end.peer_id})
    else:
        phase1["peertype"] = "any"
    return phase1


def upkeep_of(end: End) -> dict:
    """How long the IKE SA lives, how the peer is watched, and who may begin."""
    upkeep: dict = {}
    if end.dpd:
        upkeep = {"dpd": end.dpd.mode, "dpd-retrycount": end.dpd.count, "dpd-retryinterval": end.dpd.interval}
    if end.keylife:
        upkeep["keylife"] = end.keylife
    if end.passive:
        upkeep["passive-mode"] = True
    if end.esn:
        upkeep["esn"] = end.esn
    if end.fragmentation_mtu:
        upkeep["fragmentation-mtu"] = end.fragmentation_mtu
    if end.forced_udp:
        upkeep["nattraversal"] = "forced"
    return upkeep


def offload_of(end: End) -> dict:
    """Which card may do the work, and whether it has to."""
    words: dict = {"offload": end.offload} if end.offload else {}
    return {**words, "offload-require": True} if end.offload_require else words


def phase2_of(end: End) -> tuple[dict, dict]:
    """The address objects that the selectors need, and the phase 2."""
    phase2 = {"phase1name": end.name, "proposal": [suite.phase2 for suite in end.suites], "pfs": False}
    addresses: dict = {}
    for side, networks in (("src", end.local), ("dst", end.remote)):
        phase2.update(selector(side, networks, addresses))
    ports = {"protocol": end.protocol, "src-port": end.local_port, "dst-port": end.remote_port}
    phase2.update({key: value for key, value in ports.items() if value})
    if end.transport:
        phase2["encapsulation"] = "transport-mode"
    if end.limit_kilobytes:
        phase2.update({"keylife-type": "kbs", "keylifekbs": end.limit_kilobytes})
    if end.initiate:
        phase2["auto-negotiate"] = True
    return addresses, phase2


def selector(side: str, networks: tuple[str, ...], addresses: dict) -> dict:
    """One side's selector: a subnet, or an address group when there are several."""
    if len(networks) == 1:
        kind = "subnet" if family_of(networks[0]) == 4 else "subnet6"
        return {f"{side}-addr-type": kind, f"{side}-{kind}": networks[0]}
    suffix = "" if family_of(networks[0]) == 4 else "6"
    members = {f"{side}-{number}": {"subnet": network} for number, network in enumerate(networks, start=1)}
    addresses.setdefault("address", {}).update(members)
    addresses.setdefault("addrgrp", {})[f"{side}-group"] = {"member": list(members)}
    return {f"{side}-addr-type": f"name{suffix}", f"{side}-name{suffix}": f"{side}-group"}
