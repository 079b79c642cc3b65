#include "control/interface_description.hpp"

#include <nlohmann/json.hpp>

namespace xfrmd::control {
namespace {

constexpr std::string_view service_description =
    R"(# The Varlink service interface: what is served here.
interface org.varlink.service

# Who serves, and which interfaces.
method GetInfo() -> (
  vendor: string,
  product: string,
  version: string,
  url: string,
  interfaces: []string
)

# The description of an interface.
method GetInterfaceDescription(interface: string) -> (description: string)

error InterfaceNotFound(interface: string)
error MethodNotFound(method: string)
error MethodNotImplemented(method: string)
error InvalidParameter(parameter: string)
error PermissionDenied()
error ExpectedMore()
)";

constexpr std::string_view control_description =
    R"(# Control of xfrmd, the IKEv2 daemon. This is version 1: members may be added to what is
# returned, and none is removed or changes its meaning. Names ending in _seconds are durations
# that count from now, others ending in _ago count back. SPIs are hexadecimal text.
# Members with ? are left out when there is nothing to say.
interface io.xfrmd.Control

# What went wrong last. The codes are those of xfrmctl(8).
type Trouble (
  seconds_ago: int,
  link: string,
  reason: string,
  message: string,
  advice: string,
  peer: ?string
)

# One direction of a Child SA, as the kernel answered when it was last asked.
type KernelSa (
  spi: string,
  cipher: string,
  key_bits: int,
  integrity: ?string,
  esn: bool,
  replay_window: int,
  offload: string,
  offload_device: ?string,
  bytes: int,
  packets: int,
  integrity_failures: int,
  replays: int,
  last_packet_seconds_ago: ?int
)

# Why an IPsec SA has not this mode of offload: packet, crypto or none (software).
type OffloadReason (
  mode: string,
  reason: string
)

# A pair of ESP SAs. The state is one of installing, up, replaced, lost.
type ChildSa (
  state: string,
  initiated: bool,
  suite: string,
  mode: string,
  local: string,
  remote: string,
  spi_in: string,
  spi_out: string,
  age_seconds: int,
  rekey_seconds: ?int,
  expires_seconds: ?int,
  inbound: ?KernelSa,
  outbound: ?KernelSa,
  offload_asked: string,
  offload_required: bool,
  offload_suite_preferred: bool,
  offload_not: []OffloadReason
)

# An IKE SA. The state is one of those of the journal, in lower case.
type IkeSa (
  state: string,
  role: string,
  spi_i: string,
  spi_r: string,
  local: string,
  remote: string,
  encapsulated: bool,
  suite: ?string,
  peer_identity: ?string,
  age_seconds: int,
  negotiation_milliseconds: ?int,
  rekey_seconds: ?int,
  expires_seconds: ?int,
  last_heard_seconds_ago: ?int,
  next_message_id: int,
  transmissions: int,
  gives_up_seconds: ?int
)

# A phase 2. The state is one of up, negotiating, down; desired is one of up, on-demand, passive,
# server. The counters are sums over all its Child SAs since the configuration was applied.
type Phase2 (
  name: string,
  state: string,
  state_seconds: int,
  desired: string,
  keepalive: bool,
  reason: ?string,
  why: ?string,
  next_attempt_seconds: ?int,
  local: string,
  remote: string,
  proposals: string,
  packets_in: int,
  packets_out: int,
  bytes_in: int,
  bytes_out: int,
  trouble: ?Trouble,
  child_sas: []ChildSa
)

# What dead peer detection is set to, and how the peer is doing: unwatched, alive, asked, unknown.
type Dpd (
  mode: string,
  interval_milliseconds: int,
  retries: int,
  state: string
)

# A phase 1 with its phase 2s. The state is one of up (all phase 2s are), partly-up, negotiating,
# down, waiting (for traffic or the peer), held-down, standby, out-of-service. The unproved caller
# is the last one that failed before it had proved who it is: the peer, or anybody.
type Tunnel (
  name: string,
  state: string,
  state_seconds: int,
  type: string,
  passive: bool,
  route_based: bool,
  interface: string,
  interface_up: bool,
  local: ?string,
  remote: ?string,
  remote_name: ?string,
  phase2_up: int,
  phase2_total: int,
  bytes_in: int,
  bytes_out: int,
  next_event: ?string,
  next_event_seconds: ?int,
  dpd: Dpd,
  trouble: ?Trouble,
  unproved_caller: ?Trouble,
  ike_sas: []IkeSa,
  phase2s: []Phase2
)

# One link of the chain from the configuration to traffic. The verdict is one of ok, broken,
# pending, not-reached.
type Finding (link: string, verdict: string, text: string)

# Why a phase 2 is as it is. The link is the first one that is not ok; without one all is well.
type Explanation (
  phase1: string,
  phase2: string,
  state: string,
  link: ?string,
  reason: ?string,
  message: ?string,
  ours: ?string,
  theirs: ?string,
  advice: ?string,
  next_attempt_seconds: ?int,
  chain: []Finding
)

# An event of the journal.
type Event (
  message_id: string,
  kind: string,
  level: string,
  message: string,
  phase1: ?string,
  phase2: ?string,
  peer: ?string,
  spi_i: ?string,
  spi_r: ?string,
  esp_spi_in: ?string,
  esp_spi_out: ?string,
  reason: ?string,
  advice: ?string
)

# An option whose effect differs. Texts are those of --show-full; a secret is never one of them.
type OptionChange (option: string, before: string, after: string, impact: string)

# An entry that a reload adds, removes or changes (kind). Without names: the section daemon. The
# impact on what runs is one of none, rekey, restart.
type Change (
  kind: string,
  phase1: ?string,
  phase2: ?string,
  impact: string,
  text: string,
  options: []OptionChange
)

# What became of a mode (packet, crypto) in a direction (in, out) for a suite. The outcome is one of
# taken, fell-back (the kernel said yes and would do it in software), refused. With of_policy it was
# not the SA but the policy for it. error is the name of an errno, message what the kernel said.
type OffloadTrial (
  mode: string,
  direction: string,
  outcome: string,
  of_policy: ?bool,
  error: ?string,
  message: ?string
)

# ESP algorithms in one kind of SA: mode is tunnel or transport; interface_id says whether it is
# bound to an XFRM interface, as those of phase1-interface are.
type OffloadSuite (
  suite: string,
  esn: bool,
  mode: string,
  interface_id: bool,
  ip_version: int,
  trials: []OffloadTrial
)

# A device that phase 1s use. Nothing is tried unless it is present and announces ESP offload.
# leftovers names what could not be deleted again.
type OffloadDevice (
  name: string,
  present: bool,
  announces: bool,
  driver: ?string,
  suites: []OffloadSuite,
  leftovers: []string
)

type Exchange (name: string, started: int, answered: int)
type Failure (reason: string, count: int)

# All tunnels, or one. With more: a few tunnels a reply; without it: one reply, as long as there
# are no more than 64 tunnels (ExpectedMore otherwise).
method Status(phase1: ?string) -> (version: int, tunnels: []Tunnel)

# Establishes a phase 2 now, or all of a phase 1, and ends what Down has begun.
method Up(phase1: string, phase2: ?string) -> ()

# Ends a phase 1 and starts nothing of it until Up. The peer may begin, and is answered.
method Down(phase1: string) -> ()

# New keys, without a gap: for a phase 2, or for the IKE SA.
method Rekey(phase1: string, phase2: ?string) -> ()

# Reads the configuration again, as SIGHUP does.
method Reload() -> (warnings: []string)

# What Reload would do now; nothing is done. Changes in the order in which they would be made.
method Plan() -> (summary: string, changes: []Change, warnings: []string)

# Tries which devices of the configuration take which of its ESP suites, with SAs that no packet can
# meet and that are deleted again. With more: a device a reply; without it: one reply, as long as
# there are no more than 64 devices (ExpectedMore otherwise). Busy while somebody else's trials run.
method Offload() -> (devices: []OffloadDevice)

# Why the phase 2s of a phase 1, or one of them, are as they are.
method Explain(phase1: string, phase2: ?string) -> (explanations: []Explanation)

# Events from now on, of one phase 1 or of all, down to a level (info unless given). Needs more.
# The first reply has no event; lost counts those that came too fast for the client since the reply
# before.
method Monitor(phase1: ?string, level: ?string) -> (event: ?Event, lost: int)

# What was done since the daemon's start.
method Counters() -> (
  uptime_seconds: int,
  tunnels: int,
  ike_sas: int,
  half_open: int,
  ike_sas_established: int,
  ike_sas_rekeyed: int,
  child_sas_established: int,
  child_sas_rekeyed: int,
  retransmissions: int,
  messages_dropped: int,
  journal_entries_lost: int,
  exchanges: []Exchange,
  failures: []Failure
)

# What goes into the journal: error, warning, notice, info or debug, and all that is more severe.
method SetLogLevel(level: string) -> ()

error NoSuchTunnel(name: string)

# What is asked for has no effect, for this reason.
error NotPossible(reason: string)
error ConfigurationWrong(errors: []string)
error Stopping()
error Busy()
error TooManyClients()
)";

}  // namespace

std::string_view interface_description(std::string_view interface) {
    if (interface == control_interface) return control_description;
    if (interface == service_interface) return service_description;
    return {};
}

Json service_info() {
    Json info = Json::object();
    info["vendor"] = "xfrmd";
    info["product"] = "xfrmd";
    info["version"] = XFRMD_VERSION;
    info["url"] = "man:xfrmctl(8)";
    info["interfaces"] = {service_interface, control_interface};
    return info;
}

}  // namespace xfrmd::control
