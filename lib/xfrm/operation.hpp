// What the engine asks of the kernel and what the kernel answers, as values.
//
// An operation becomes netlink bytes in encode_*; the answers are read in decode_*. Neither knows a
// socket. Operations of one request are sent together and run in order, each on its own: one that
// fails does not stop those behind it, so whoever asked decides what to undo.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ip_address.hpp"
#include "base/secret.hpp"
#include "base/strong.hpp"
#include "crypto/suite.hpp"

namespace xfrmd::xfrm {

/// All our reqids have this in the high octet: that is how our SAs are told from anybody else's.
inline constexpr std::uint32_t own_reqid_prefix = 0x58000000;
/// All our policy indices have this in the high octet; the low three bits are the direction's.
inline constexpr std::uint32_t own_index_prefix = 0x58000000;
inline constexpr std::uint32_t own_prefix_mask = 0xff000000;

constexpr bool is_own(Reqid reqid) {
    return (reqid.value() & own_prefix_mask) == own_reqid_prefix;
}
constexpr bool is_own(PolicyIndex index) {
    return (index.value() & own_prefix_mask) == own_index_prefix;
}

/// The kernel's numbers: they are the low bits of a policy index.
enum class Direction : std::uint8_t { in = 0, out = 1, forward = 2 };

/// The policies for one selector share a slot: inbound, outbound, forward. A slot is unique among
/// all our policies, for it becomes their index.
inline constexpr std::uint32_t policy_slots = 1U << 21;

PolicyIndex policy_index(std::uint32_t slot, Direction direction);
/// The slot of an index of ours.
std::uint32_t policy_slot(PolicyIndex index);

enum class Mode : std::uint8_t { transport = 0, tunnel = 1 };

/// How much of ESP the device does.
enum class OffloadMode : std::uint8_t { none, crypto, packet };

/// A set of packets as the kernel can match it: address blocks, a protocol, a masked port or all.
struct Selector {
    Subnet source;
    Subnet destination;
    std::uint8_t protocol = 0;  ///< 0: all
    std::uint16_t source_port = 0;
    std::uint16_t source_port_mask = 0;  ///< 0: all ports
    std::uint16_t destination_port = 0;
    std::uint16_t destination_port_mask = 0;

    std::string to_text() const;
    friend auto operator<=>(const Selector&, const Selector&) = default;
};

/// ESP in UDP (RFC 3948); ports in host order.
struct Encapsulation {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;

    friend auto operator<=>(const Encapsulation&, const Encapsulation&) = default;
};

/// Limits the kernel watches; absent is "no limit". Seconds follow the wall clock there, so they
/// are a safety net only.
struct KernelLimits {
    std::optional<std::uint64_t> soft_bytes, hard_bytes;
    std::optional<std::uint64_t> soft_packets, hard_packets;
    std::optional<std::uint64_t> hard_seconds;
};

/// A request for offload: the device and how much it shall do.
struct OffloadRequest {
    std::uint32_t interface_index = 0;
    OffloadMode mode = OffloadMode::none;

    friend bool operator==(const OffloadRequest&, const OffloadRequest&) = default;
};

struct SaKeys {
    Secret encryption;  ///< with the salt for AEAD
    Secret integrity;   ///< empty for AEAD
};

/// Adds one ESP SA with its keys in one NEWSA.
struct InstallSa {
    Direction direction = Direction::in;
    IpAddress source;
    IpAddress destination;
    EspSpi spi;
    Reqid reqid;
    IfId if_id;
    Mode mode = Mode::tunnel;
    crypto::EspSuite suite;  ///< its `esn` counts, its `key_exchange` does not
    SaKeys keys;
    std::uint32_t replay_window = 0;   ///< packets; 0: no anti-replay
    std::optional<Selector> selector;  ///< packets outside of it are dropped
    std::optional<Encapsulation> encapsulation;
    KernelLimits limits;
    std::optional<OffloadRequest> offload;
    std::uint32_t acquire_sequence = 0;  ///< of the ACQUIRE that this answers
    /// Outbound with encapsulation: the kernel sends NAT keepalives after this much silence, if it
    /// can (Features::nat_keepalive). 0: it does not.
    std::uint32_t nat_keepalive_seconds = 0;
};

/// Gives the two ends of an SA that has UDP encapsulation other ports (UPDSA): at once, and with
/// its keys, counters and sequence numbers as they are. The kernel leaves all else of the SA alone,
/// yet wants to be told it: `sa` is what was installed, with the new ports, and with keys that are
/// only of the right size. Addresses cannot be changed.
struct UpdatePorts {
    InstallSa sa;
};

struct DeleteSa {
    IpAddress source;
    IpAddress destination;
    EspSpi spi;
};

/// Gives the outbound SA that an ACQUIRE waits for an SPI, with which it can be deleted: without
/// one it stays until it times out, and no other packet raises an ACQUIRE while it is there.
struct AllocateSpi {
    IpAddress source;
    IpAddress destination;
    EspSpi spi;
    std::uint32_t sequence = 0;  ///< of the ACQUIRE
    Reqid reqid;
    IfId if_id;
    Mode mode = Mode::tunnel;
};

/// Reads an SA back; its answer is a SaStatus.
struct QuerySa {
    IpAddress source;
    IpAddress destination;
    EspSpi spi;
};

enum class PolicyAction : std::uint8_t { allow, block };

/// What IPsec a policy asks for.
struct PolicyTemplate {
    IpAddress source;  ///< of the tunnel; any for transport mode
    IpAddress destination;
    Reqid reqid;
    Mode mode = Mode::tunnel;
    std::optional<EspSpi> spi;  ///< pins one SA

    friend auto operator<=>(const PolicyTemplate&, const PolicyTemplate&) = default;
};

/// Creates, or replaces what is ours already. Without a template: plain allow or block.
struct InstallPolicy {
    Direction direction = Direction::out;
    Selector selector;
    IfId if_id;
    PolicyIndex index;
    std::uint32_t priority = 0;  ///< lower wins
    PolicyAction action = PolicyAction::allow;
    std::optional<PolicyTemplate> tmpl;
    std::optional<OffloadRequest> offload;
    /// UPDPOLICY, which replaces whatever has the same selector; else NEWPOLICY, which is refused
    /// (EEXIST) then: what is there may be somebody else's.
    bool replace = true;
};

/// Deletes by selector, interface id and direction.
struct DeletePolicy {
    Direction direction = Direction::out;
    Selector selector;
    IfId if_id;
};

/// What is done about policies, as a value that can be copied.
using PolicyOperation = std::variant<InstallPolicy, DeletePolicy>;

/// Reads a policy back; its answer is a PolicyStatus.
struct QueryPolicy {
    Direction direction = Direction::out;
    Selector selector;
    IfId if_id;
};

/// Makes an XFRM interface and sets it up.
struct CreateInterface {
    std::string name;  ///< at most 15 octets
    IfId if_id;
    std::uint32_t underlay_index = 0;
    std::uint32_t mtu = 0;
    bool replace = false;  ///< there is one: it gets this underlay and MTU, and keeps all else
};

struct DeleteInterface {
    std::string name;
    IfId if_id;
};

/// Asks which way packets of ours take; its answer is a RouteStatus. Refused if there is none.
struct QueryRoute {
    IpAddress source;
    IpAddress destination;
};

using Operation =
    std::variant<InstallSa, UpdatePorts, DeleteSa, AllocateSpi, QuerySa, InstallPolicy,
                 DeletePolicy, QueryPolicy, CreateInterface, DeleteInterface, QueryRoute>;

/// Puts operations about policies behind others.
void append(std::vector<Operation>& operations, const std::vector<PolicyOperation>& policies);

/// "install inbound SA c1234567 to 192.0.2.1", for logs and reasons; no keys.
std::string to_text(const Operation& operation);

/// What the kernel holds of an SA. Keys are not kept.
struct SaStatus {
    IpAddress source;
    IpAddress destination;
    EspSpi spi;
    Reqid reqid;
    IfId if_id;
    Mode mode = Mode::tunnel;
    std::string cipher;          ///< the kernel's name, "rfc4106(gcm(aes))"
    std::string integrity;       ///< empty for AEAD
    std::uint32_t key_bits = 0;  ///< of the cipher, salt included
    bool esn = false;
    std::uint32_t replay_window = 0;
    OffloadMode offload = OffloadMode::none;
    std::uint32_t offload_device = 0;  ///< the device's index; 0: in software
    std::uint64_t bytes = 0;
    std::uint64_t packets = 0;
    std::uint32_t integrity_failures = 0;
    std::uint32_t replays = 0;
};

/// What the kernel holds of a policy.
struct PolicyStatus {
    Direction direction = Direction::out;
    Selector selector;
    IfId if_id;
    PolicyIndex index;
    std::uint32_t priority = 0;
    PolicyAction action = PolicyAction::allow;
    std::optional<PolicyTemplate> tmpl;
    OffloadMode offload = OffloadMode::none;
    std::uint32_t offload_device = 0;  ///< the device's index; 0: in software
};

/// The device that packets leave through.
struct RouteStatus {
    std::uint32_t interface_index = 0;
};

/// The same policy, letting nothing pass.
InstallPolicy blocking(const PolicyStatus& policy);

/// Ours, by its index or, where the kernel has chosen that, by its template.
bool is_own(const PolicyStatus& policy);

/// The kernel's answer to one operation. `error` is an errno, 0 for success; `message` is the
/// kernel's own text (extack), which can come as a warning with success.
struct OperationResult {
    int error = 0;
    std::string message;
    std::variant<std::monostate, SaStatus, PolicyStatus, RouteStatus> status;

    bool ok() const { return error == 0; }
    /// "EINVAL: Invalid key length", in the kernel's words.
    std::string to_text() const;
};

}  // namespace xfrmd::xfrm
