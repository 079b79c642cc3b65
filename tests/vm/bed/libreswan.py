"""Libreswan's pluto."""

from .daemon import Daemon
from .shell import Failure, run
from .spec import End


class Libreswan(Daemon):
    """pluto with a key store, a socket and a log of its own, so that it needs nothing of /etc."""

    kind = "libreswan"
    tidy = False  # its exemptions for neighbour discovery stay

    @property
    def run_folder(self) -> str:
        """Where its socket is; the results' file system has no sockets."""
        return f"/run/pluto-{self.space.name}"

    def start(self) -> None:
        run("rm", "-rf", self.run_folder)
        run("mkdir", "-p", f"{self.run_folder}/nss")
        run("certutil", "-N", "-d", f"sql:{self.run_folder}/nss", "--empty-password")
        (self.folder / "ipsec.conf").write_text(configuration(self.end))
        (self.folder / "ipsec.secrets").write_text(f': PSK "{self.end.secret}"\n')
        self.process = self.space.spawn(
            "/usr/libexec/ipsec/pluto", "--nofork", "--stderrlog", "--use-xfrm",
            "--config", self.folder / "ipsec.conf", "--secretsfile", self.folder / "ipsec.secrets",
            "--ipsecdir", self.run_folder, "--nssdir", f"{self.run_folder}/nss", "--rundir", self.run_folder,
            log=self.folder / "log")
        self.wait_listening(lambda: "listening for IKE" in self.whack("--listen"), seconds=40)
        printed = self.space.run("/usr/libexec/ipsec/addconn", "--config", self.folder / "ipsec.conf",
                                 "--ctlsocket", f"{self.run_folder}/pluto.ctl", "net", check=False)
        self.wait_listening(lambda: "added IKEv2 connection" in self.log() or printed)
        if "added IKEv2 connection" not in self.log():
            raise Failure(f"Libreswan does not take the connection: {printed}")

    def whack(self, *words: str) -> str:
        """A command to this instance."""
        return self.space.run("/usr/libexec/ipsec/whack", "--ctlsocket", f"{self.run_folder}/pluto.ctl", *words,
                              check=False)

    def initiate(self) -> None:
        self.whack("--asynchronous", "--initiate", "--name", "net")

    def rekey_child(self) -> None:
        self.whack("--asynchronous", "--rekey-ipsec", "--name", "net")

    def rekey_ike(self) -> None:
        self.whack("--asynchronous", "--rekey-ike", "--name", "net")

    def stop(self) -> None:
        self.whack("--shutdown")
        super().stop()


def configuration(end: End) -> str:
    """The connection in Libreswan's language: left is this end."""
    outer = f"left={end.site.outer(end.family)}\n  right={end.peer.outer(end.family)}"
    inner = "" if end.transport else f"leftsubnet={end.local[0]}\n  rightsubnet={end.remote[0]}"
    return f"""config setup

conn net
  authby=secret
  ikev2=insist
  {outer}
  {inner}
  ike={end.suite.libreswan_ike}
  esp={end.suite.libreswan_esp}
  pfs=no
  type={"transport" if end.transport else "tunnel"}
  leftupdown=%disabled
  auto=ignore
"""
