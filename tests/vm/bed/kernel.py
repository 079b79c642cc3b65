"""What the kernel has: security associations, policies and devices of a namespace, read with `ip`."""

import re
from dataclasses import dataclass

from .shell import Namespace

KEY = re.compile(r"0x[0-9a-f]{16,}")
INTERRUPTED = "Dump was interrupted"


def masked(text: str) -> str:
    """The text with only the length of each key; SPIs, marks and counters are shorter and stay."""
    return KEY.sub(lambda key: f"0x<{4 * (len(key.group()) - 2)} bit key>", text)


@dataclass(frozen=True)
class Association:
    """One security association as `ip xfrm state` prints it, keys masked."""

    source: str
    destination: str
    spi: str
    mode: str
    text: str

    @property
    def complete(self) -> bool:
        """False for the kernel's placeholder while a negotiation is pending: it has no algorithm yet."""
        return "aead " in self.text or "enc " in self.text


def state_text(space: Namespace, *options: str) -> str:
    """`ip xfrm state` with its keys masked."""
    return masked(space.ip(*options, "xfrm", "state"))


def associations(space: Namespace, *options: str) -> list[Association]:
    """The usable security associations of a namespace."""
    found = []
    for block in re.split(r"^(?=src )", state_text(space, *options), flags=re.MULTILINE):
        head = re.match(r"src (\S+) dst (\S+)\s+proto esp spi (0x\w+)\S* reqid \S+ mode (\S+)", block)
        if head:
            association = Association(*head.groups(), block)
            if association.complete:
                found.append(association)
    return found


def policy_text(space: Namespace) -> str:
    """The policies, without those that belong to a daemon's own sockets."""
    return space.ip("xfrm", "policy", "list", "nosock")


def drops(space: Namespace) -> str:
    """Why packets were dropped: the counters of IPsec that are not zero, and those of the devices."""
    counters = [line for line in space.run("cat", "/proc/net/xfrm_stat").splitlines() if not line.endswith("\t0")]
    return "\n".join([*counters, space.ip("-s", "link")])


def without_association(space: Namespace) -> int:
    """How many packets came with an SPI that this kernel did not know."""
    return int(re.search(r"^XfrmInNoStates\s+(\d+)", space.run("cat", "/proc/net/xfrm_stat"), re.MULTILINE).group(1))


def devices(space: Namespace) -> str:
    """Names and addresses of all devices."""
    return "\n".join(re.sub(r"\s+", " ", re.sub(r"@\S+", "", line)).strip()
                     for line in undisturbed(space, "-br", "addr").splitlines())


def undisturbed(space: Namespace, *arguments: str) -> str:
    """What `ip` lists; once more if something changed while the kernel was listing."""
    for _ in range(10):
        text = space.ip(*arguments)
        if INTERRUPTED not in text:
            break
    return text


@dataclass(frozen=True)
class Snapshot:
    """All that a daemon could leave behind in its namespace."""

    states: str
    policies: str
    devices: str

    def difference(self, other: "Snapshot") -> str:
        """Empty when equal, else one line that names what is left or missing."""
        for what in ("states", "policies", "devices"):
            before, after = (getattr(snapshot, what).splitlines() for snapshot in (self, other))
            for word, lines in (("left behind", [line for line in after if line not in before]),
                                ("missing", [line for line in before if line not in after])):
                if lines:
                    return f"{what} {word}: {lines[0].strip()} ({len(lines)} lines)"
        return ""


def snapshot(space: Namespace) -> Snapshot:
    """The namespace as it is now."""
    return Snapshot(state_text(space), policy_text(space), devices(space))
