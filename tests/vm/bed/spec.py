"""What a tunnel shall be, in words that fit every daemon; each peer class puts it into its own configuration."""

from dataclasses import dataclass, replace

from .topology import EAST, WEST, Site

SECRET = "a shared key of the test bed"


@dataclass(frozen=True)
class Suite:
    """One choice of algorithms, in the spelling of each daemon and of the kernel (keys with their salt)."""

    name: str
    phase1: str
    group: int
    phase2: str
    strongswan_ike: str
    strongswan_esp: str
    libreswan_ike: str
    libreswan_esp: str
    kernel: tuple[str, ...]


AES128GCM = Suite("aes128gcm-31", "aes128gcm-prfsha256", 31, "aes128gcm",
                  "aes128gcm16-prfsha256-curve25519", "aes128gcm16",
                  "aes_gcm_c_128-sha2_256-dh31", "aes_gcm_c_128-null", ("aead rfc4106(gcm(aes)) 0x<160 bit key> 128",))
AES256CBC = Suite("aes256-14", "aes256-sha256", 14, "aes256-sha256",
                  "aes256-sha256-modp2048", "aes256-sha256",
                  "aes256-sha2_256-dh14", "aes256-sha2_256", ("auth-trunc hmac(sha256) 0x<256 bit key> 128", "enc cbc(aes) 0x<256 bit key>"))
CHACHA = Suite("chacha20poly1305-20", "chacha20poly1305-prfsha256", 20, "chacha20poly1305",
               "chacha20poly1305-prfsha256-ecp384", "chacha20poly1305",
               "chacha20_poly1305-sha2_256-dh20", "chacha20_poly1305-null",
               ("aead rfc7539esp(chacha20,poly1305) 0x<288 bit key> 128",))
AES256GCM = Suite("aes256gcm-21", "aes256gcm-prfsha384", 21, "aes256gcm",
                  "aes256gcm16-prfsha384-ecp521", "aes256gcm16",
                  "aes_gcm_c_256-sha2_384-dh21", "aes_gcm_c_256-null", ("aead rfc4106(gcm(aes)) 0x<288 bit key> 128",))
AES256SHA1 = replace(AES256CBC, name="aes256-sha1", phase2="aes256-sha1", strongswan_esp="aes256-sha1",
                     libreswan_esp="aes256-sha1",
                     kernel=("auth-trunc hmac(sha1) 0x<160 bit key> 96", "enc cbc(aes) 0x<256 bit key>"))
SUITES = (AES128GCM, AES256CBC, CHACHA, AES256GCM)


def with_phase2_of(suite: Suite, other: Suite) -> Suite:
    """The suite with the phase 2 of another one."""
    return replace(suite, phase2=other.phase2, strongswan_esp=other.strongswan_esp,
                   libreswan_esp=other.libreswan_esp, kernel=other.kernel)


@dataclass(frozen=True)
class Dpd:
    """When a silent peer is asked, and for how long: `count` times `interval` seconds."""

    mode: str = "on-idle"
    count: int = 1
    interval: int = 2


@dataclass(frozen=True)
class End:
    """One gateway's view of the tunnel. Selectors: every network of `local` with every one of `remote`."""

    site: Site
    peer: Site
    suites: tuple[Suite, ...] = (AES128GCM,)
    groups: tuple[int, ...] = ()  # empty: those of the suites
    family: int = 4
    local: tuple[str, ...] = ()
    remote: tuple[str, ...] = ()
    protocol: int = 0
    local_port: int = 0
    remote_port: int = 0
    transport: bool = False
    route_based: bool = False
    initiate: bool = False
    secret: str = SECRET
    local_id: str = ""  # empty: the address
    peer_id: str = ""
    keylife: int = 0  # of the IKE SA in seconds; 0: the daemon's own
    limit_kilobytes: int = 0  # of the Child SA; 0: none
    dpd: Dpd | None = None  # None: the daemon's own
    passive: bool = False
    dial_up: bool = False  # the peer's address is not known
    fragmentation_mtu: int = 0  # the largest packet of IKE; 0: the daemon's own
    forced_udp: bool = False  # ESP goes in UDP, whether there is a NAT or not
    esn: str = ""  # xfrmd alone: disable, allow or require; empty is its own default
    offload: str = ""  # xfrmd alone: empty is its own default
    offload_require: bool = False
    heals: bool = False  # strongSwan alone: brings the tunnel up by itself, and again when the peer was silent

    @property
    def name(self) -> str:
        """What the tunnel and its interface are called."""
        return "to-" + self.peer.gateway

    @property
    def suite(self) -> Suite:
        """The suite that comes out when both ends have the same list."""
        return self.suites[0]

    def key_exchange_groups(self) -> tuple[int, ...]:
        """The groups to propose, in order of preference."""
        return self.groups or tuple(dict.fromkeys(suite.group for suite in self.suites))


def ends(inner: tuple[str, ...] = ("net4",), west: dict | None = None, east: dict | None = None,
         **both) -> tuple[End, End]:
    """The two ends of one tunnel between the sites' networks named by `inner`; west initiates.

    `west` and `east` change one end alone, which is how a mismatch is made.
    """
    networks = {site: tuple(getattr(site, name) for name in inner) for site in (WEST, EAST)}
    if both.get("transport"):
        bits = 32 if both.get("family", 4) == 4 else 128
        networks = {site: (f"{site.outer(both.get('family', 4))}/{bits}",) for site in (WEST, EAST)}

    def end(site: Site, peer: Site, own: dict) -> End:
        words = {"local": networks[site], "remote": networks[peer], **both, **own}
        return End(site, peer, **words)
    port = both.pop("service_port", 0)
    west_ports, east_ports = {"remote_port": port}, {"local_port": port}
    return (end(WEST, EAST, {"initiate": True, **west_ports, **(west or {})}),
            end(EAST, WEST, {**east_ports, **(east or {})}))
