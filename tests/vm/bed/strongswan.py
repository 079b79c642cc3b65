"""strongSwan's charon, configured over vici."""

import os
import re
import subprocess
from pathlib import Path

from .daemon import Daemon
from .shell import wait_for
from .spec import End
from .topology import WIRE_DEVICE

IF_ID = 4242
# What a shared-key tunnel needs; everything else only costs time at start.
PLUGINS = "random nonce openssl kdf pem pkcs1 pubkey x509 kernel-netlink socket-default vici"

STRONGSWAN_CONF = """charon-systemd {{
  load = {plugins}
  install_routes = no
  filelog {{ main {{ path = {log}
      flush_line = yes
      default = 1
      cfg = 2
  }} }}
  journal {{ default = -1 }}
  plugins {{ vici {{ socket = {socket}
  }} }}
  {settings}
}}
swanctl {{
  load = random pem
}}
"""


class StrongSwan(Daemon):
    """charon-systemd, which needs no systemd and, unlike its sister, no process file: two can run side by side."""

    kind = "strongswan"

    @property
    def settings(self) -> Path:
        """The settings of this instance's programs."""
        return self.folder / "strongswan.conf"

    @property
    def environment(self) -> dict[str, str]:
        """What makes its programs read them."""
        return {"STRONGSWAN_CONF": str(self.settings)}

    @property
    def uri(self) -> str:
        """The socket of this instance; in /run, because the results' file system has no sockets."""
        return f"unix:///run/{self.space.name}.vici"

    def start(self) -> None:
        self.settings.write_text(STRONGSWAN_CONF.format(plugins=PLUGINS, log=self.folder / "log", socket=self.uri,
                                                          settings=settings(self.end)))
        (self.folder / "swanctl.conf").write_text(configuration(self.end))
        if self.end.route_based:
            self.add_interface()
        self.process = self.space.spawn("charon-systemd", log=self.folder / "output",
                                        env=self.environment)
        self.wait_listening(lambda: "worker threads" in self.log())
        self.wait_listening(self.load)

    def add_interface(self) -> None:
        """A route-based tunnel's interface is the administrator's to make."""
        self.space.batch(f"link add {self.end.name} type xfrm dev {WIRE_DEVICE} if_id {IF_ID}\n"
                         f"link set {self.end.name} up\n")

    def load(self) -> str:
        """Loads connections and secrets; fails quietly while charon is not listening yet."""
        printed = self.swanctl("--load-all", "--file", self.folder / "swanctl.conf", check=False)
        return printed if "successfully loaded" in printed else ""

    def swanctl(self, *words, check: bool = True) -> str:
        """A command to this instance."""
        return self.space.run("swanctl", *words, "--uri", self.uri, check=check, env=self.environment)

    def initiate(self) -> None:
        subprocess.Popen(["swanctl", "--initiate", "--child", "net", "--uri", self.uri, "--timeout", "60"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         env={**os.environ, **self.environment})

    def rekey_child(self) -> None:
        self.swanctl("--rekey", "--child", "net")

    def rekey_ike(self) -> None:
        self.swanctl("--rekey", "--ike", "tunnel")

    def delete(self) -> None:
        """Ends the tunnel with a DELETE and goes on running."""
        self.swanctl("--terminate", "--ike", "tunnel")

    def wait_answer(self) -> None:
        """Waits until the peer has answered a negotiation with an error."""
        wait_for(lambda: re.search(r"received (\S+) (error )?notify", self.log()), 30,
                 "strongSwan did not get an answer with the reason")

    def stop(self) -> None:
        super().stop()
        if self.end.route_based:
            self.space.ip("link", "del", self.end.name)

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else super().log()


def configuration(end: End) -> str:
    """The connection and its secret in swanctl's language."""
    identity = {side: f"id = {name}" if name else ""
                for side, name in (("local", end.local_id), ("remote", end.peer_id or "%any"))}
    interface = f"if_id_in = {IF_ID}\n      if_id_out = {IF_ID}" if end.route_based else ""
    return f"""connections {{
  tunnel {{
    version = 2
    local_addrs = {end.site.outer(end.family)}
    remote_addrs = {"%any" if end.dial_up else end.peer.outer(end.family)}
    proposals = {", ".join(ike_proposals(end))}
    {ike_upkeep(end)}
    local {{
      auth = psk
      {identity["local"]}
    }}
    remote {{
      auth = psk
      {identity["remote"]}
    }}
    children {{ net {{
      local_ts = {selectors(end.local, end, end.local_port)}
      remote_ts = {selectors(end.remote, end, end.remote_port)}
      esp_proposals = {", ".join(suite.strongswan_esp for suite in end.suites)}
      mode = {"transport" if end.transport else "tunnel"}
      {interface}
      {child_upkeep(end)}
    }} }}
  }}
}}
secrets {{ ike-tunnel {{
  secret = "{end.secret}"
}} }}
"""


def settings(end: End) -> str:
    """How long it waits for an answer: its own three minutes, unless the peer is watched; and how large its packets are."""
    lines = []
    if end.dpd:
        lines += [f"retransmit_timeout = {end.dpd.interval}", f"retransmit_tries = {end.dpd.count}"]
    if end.fragmentation_mtu:
        lines.append(f"fragment_size = {end.fragmentation_mtu}")
    return "\n  ".join(lines)


def ike_upkeep(end: End) -> str:
    """How long the IKE SA lives, how the peer is watched, how often a first negotiation is tried."""
    lines = []
    if end.keylife:
        lines.append(f"rekey_time = {end.keylife}s")
    if end.dpd:
        lines.append(f"dpd_delay = {end.dpd.interval}s")
    if end.heals:
        lines.append("keyingtries = 0")
    if end.forced_udp:
        lines.append("encap = yes")
    return "\n    ".join(lines)


def child_upkeep(end: End) -> str:
    """When a successor is asked for, and what follows a loss."""
    lines = []
    if end.limit_kilobytes:
        octets = end.limit_kilobytes * 1024
        # Its end lies far off: xfrmd's is to be the one that counts.
        lines.append(f"life_bytes = {2 * octets}\n      rekey_bytes = {octets * 9 // 10}\n      rand_bytes = 0")
    if end.heals:
        # With close_action it would start a second IKE SA for each duplicate that the peer ends.
        lines.append("start_action = start\n      dpd_action = restart")
    return "\n      ".join(lines)


GROUPS = {14: "modp2048", 19: "ecp256", 20: "ecp384", 21: "ecp521", 31: "curve25519"}


def ike_proposals(end: End) -> list[str]:
    """The suites' proposals, with the end's own groups where it has some."""
    if not end.groups:
        return [suite.strongswan_ike for suite in end.suites]
    groups = "-".join(GROUPS[group] for group in end.groups)
    return [suite.strongswan_ike.rsplit("-", 1)[0] + "-" + groups for suite in end.suites]


def selectors(networks: tuple[str, ...], end: End, port: int) -> str:
    """Networks with protocol and port in brackets."""
    suffix = f"[{end.protocol}/{port or ''}]" if end.protocol else ""
    return ", ".join(network + suffix for network in networks)
