"""An administrator's day with xfrmctl: what it shows is what the kernel has, and what it asks for happens.

    west (xfrmd, initiates) ====== east (xfrmd)
"""

import json
import socket

from bed import sadb
from bed.checks import expect_both_ways, expect_stop
from bed.kernel import associations, policy_text
from bed.scenario import scenarios
from bed.shell import expect, wait_for
from bed.spec import ends
from bed.topology import EAST, WEST, WIRE_DEVICE, member
from bed.xfrmd import Xfrmd


@scenarios()
def up_and_down(bed):
    """Status before, while and after a tunnel is there; down, up and wait; no daemon, no answer."""
    west, east = (bed.daemon(Xfrmd, end) for end in ends())
    west.xfrmctl("status", code=6)
    for daemon in (east, west):
        daemon.start()
    name = west.end.name
    west.xfrmctl("wait", name, "--timeout", "30")
    expect_both_ways(bed, WEST, member(WEST.net4, 2), EAST, member(EAST.net4, 2))
    expect_same_as_kernel(bed, west)
    expect(" up " in west.xfrmctl("status"), "the table does not say up")
    expect("broken" not in west.xfrmctl("explain", name), "a tunnel that carries is explained as broken")

    west.xfrmctl("down", name)
    wait_for(lambda: not sadb.usable(west.space), 10, "associations are left after down")
    expect(west.status()["state"] == "held-down", "it is not held down")
    expect("stopped" in west.xfrmctl("explain", name), "explain does not say who stopped it")
    west.xfrmctl("wait", name, "--timeout", "1", code=7)
    expect("is down" in west.xfrmctl("rekey", name, code=1), "a rekey of a tunnel that is down is not refused")
    west.xfrmctl("wait", name, "no-such-phase2", code=1)
    west.xfrmctl("up", name)
    west.xfrmctl("wait", name, "--timeout", "30")
    west.xfrmctl("up", "no-such-name", code=1)
    expect("nothing has changed" in west.xfrmctl("plan"), "a plan without a change has changes")
    west.xfrmctl("reload")
    expect(west.status()["state"] == "up", "a reload without a change took the tunnel down")
    expect_rekey(west, name)
    expect_stop(bed, west, east)
    west.xfrmctl("status", code=6)


@scenarios()
def explains(bed):
    """The peer has another secret: explain names the link, the reason and the next attempt, and the called end the
    caller, who has proved nothing."""
    west, east = (bed.daemon(Xfrmd, end) for end in ends(east={"secret": "not the same key"}))
    for daemon in (east, west):
        daemon.start()
    west.wait_refusal("authentication-failed")
    for daemon, link, reason in ((west, "authentication   broken", "authentication-failed-local"),
                                 (east, "configuration    pending", "[authentication-failed-remote]")):
        text = daemon.xfrmctl("explain", daemon.end.name)
        expect(link in text and reason in " ".join(text.split()), f"explained otherwise: {text}")
    expect("next attempt" in west.xfrmctl("explain", west.end.name), "the next attempt is not told")


class Measured(Xfrmd):
    """It serves metrics at an address that the machine does not have at first."""

    metrics = "198.51.100.77"

    def configuration(self) -> dict:
        return super().configuration() | {"daemon": {"metrics": f"{self.metrics}:9578"}}

    def scrape(self) -> str:
        """What a GET of the metrics begins with; empty if nobody listens."""
        with self.space.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            try:
                client.connect((self.metrics, 9578))
                client.sendall(b"GET /metrics HTTP/1.1\r\nHost: west\r\n\r\n")
                return client.recv(4096).decode()
            except OSError:
                return ""


@scenarios()
def metrics_come_with_their_address(bed):
    """What could not be listened at is tried again when an address comes."""
    west = bed.daemon(Measured, ends()[0])
    west.start()
    west.wait_words("no metrics for now")
    west.space.ip("link", "set", "lo", "up")
    west.space.ip("address", "add", west.metrics, "dev", "lo")
    wait_for(lambda: "200 OK" in west.scrape(), 30, "no metrics though their address is there")
    expect(west.log().count("no metrics") == 1, "told more than once")


@scenarios()
def offload_without_a_device(bed):
    """Ordinary devices announce no ESP offload: one line says so, and nothing is tried with the kernel."""
    west, east = (bed.daemon(Xfrmd, end) for end in ends())
    for daemon in (east, west):
        daemon.start()
    west.xfrmctl("wait", west.end.name, "--timeout", "30")
    held = sadb.spis(west.space), policy_text(west.space)
    expect(west.xfrmctl("offload") == f"no device of the configuration offers ESP offload: {WIRE_DEVICE}\n",
           "offload says something else")
    device, = json.loads(west.xfrmctl("offload", "--json"))["devices"]
    expect(device["name"] == WIRE_DEVICE and device["present"] and not device["announces"] and not device["suites"],
           f"the JSON tells otherwise: {device}")
    expect(held == (sadb.spis(west.space), policy_text(west.space)), "offload changed the kernel's tables")
    expect_both_ways(bed, WEST, member(WEST.net4, 2), EAST, member(EAST.net4, 2))
    expect_stop(bed, west, east)


def expect_same_as_kernel(bed, daemon) -> None:
    """The SPIs and packet counts of status are those of the kernel's associations."""
    child = daemon.status()["phase2s"][0]["child_sas"][0]
    shown = {child["inbound"]["spi"], child["outbound"]["spi"]}
    held = {f"{int(str(found.spi), 0):08x}" for found in associations(bed.topology.gateway(daemon.end.site))}
    expect(shown == held, f"status shows the SPIs {shown}, the kernel has {held}")
    expect(child["inbound"]["packets"] > 0 and child["outbound"]["packets"] > 0, "no packet is counted")


def expect_rekey(daemon, name: str) -> None:
    """New SPIs after rekey, and the tunnel never leaves its state."""
    before = daemon.status()["phase2s"][0]["child_sas"][0]["spi_in"]
    daemon.xfrmctl("rekey", name, daemon.status()["phase2s"][0]["name"])
    wait_for(lambda: before not in {child["spi_in"] for child in daemon.status()["phase2s"][0]["child_sas"]
                                    if child["state"] == "up"}, 10, "no new SA after rekey")
    expect(daemon.status()["state"] == "up", "the tunnel went down with its rekey")
