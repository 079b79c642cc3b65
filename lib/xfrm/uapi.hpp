// The kernel's numbers and structures for XFRM and link messages, written down once and checked.
//
// The headers that distributions ship lag years behind the kernels they run on, so none is used
// here. Structures hold every octet of the kernel's, padding included, so that a value can be
// copied to and from a message as it stands. Fields in network order are `Network<T>`.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace xfrmd::xfrm::uapi {

/// An integer kept in network order.
template <std::unsigned_integral T>
class Network {
  public:
    constexpr Network() = default;
    constexpr explicit Network(T host) : raw_(swapped(host)) {}

    constexpr T host() const { return swapped(raw_); }

  private:
    static constexpr T swapped(T value) {
        return std::endian::native == std::endian::little ? std::byteswap(value) : value;
    }

    T raw_{};
};

/// A structure that can be copied octet by octet: no padding that would carry stack contents.
template <class T>
concept Layout = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;

// ---- Netlink itself -----------------------------------------------------------------------------

struct MessageHeader {
    std::uint32_t length = 0;
    std::uint16_t type = 0;
    std::uint16_t flags = 0;
    std::uint32_t sequence = 0;
    std::uint32_t port_id = 0;
};

struct AttributeHeader {
    std::uint16_t length = 0;
    std::uint16_t type = 0;
};

/// Payload of an error or an acknowledgement; `error` is a negative errno or 0.
struct ErrorHeader {
    std::int32_t error = 0;
    MessageHeader request;
};

static_assert(Layout<MessageHeader> && sizeof(MessageHeader) == 16);
static_assert(Layout<AttributeHeader> && sizeof(AttributeHeader) == 4);
static_assert(Layout<ErrorHeader> && sizeof(ErrorHeader) == 20);

inline constexpr std::size_t netlink_alignment = 4;
inline constexpr std::uint16_t attribute_nested = 0x8000;
inline constexpr std::uint16_t attribute_type_mask = 0x3fff;

namespace flag {
inline constexpr std::uint16_t request = 0x1;
inline constexpr std::uint16_t multi = 0x2;
inline constexpr std::uint16_t acknowledge = 0x4;
inline constexpr std::uint16_t acknowledged_request = request | acknowledge;
inline constexpr std::uint16_t capped = 0x100;    ///< of an answer: the request is not echoed
inline constexpr std::uint16_t ack_tlvs = 0x200;  ///< of an answer: extended attributes follow
inline constexpr std::uint16_t dump = 0x300;
inline constexpr std::uint16_t exclusive = 0x200;
inline constexpr std::uint16_t create = 0x400;
}  // namespace flag

namespace extended_ack {
inline constexpr std::uint16_t message = 1;
inline constexpr std::uint16_t offset = 2;
}  // namespace extended_ack

inline constexpr std::uint16_t netlink_noop = 1;
inline constexpr std::uint16_t netlink_error = 2;
inline constexpr std::uint16_t netlink_done = 3;
inline constexpr std::uint16_t netlink_overrun = 4;

// ---- XFRM numbers -------------------------------------------------------------------------------

namespace message {
inline constexpr std::uint16_t newsa = 0x10;
inline constexpr std::uint16_t delsa = 0x11;
inline constexpr std::uint16_t getsa = 0x12;
inline constexpr std::uint16_t newpolicy = 0x13;
inline constexpr std::uint16_t delpolicy = 0x14;
inline constexpr std::uint16_t getpolicy = 0x15;
inline constexpr std::uint16_t allocspi = 0x16;
inline constexpr std::uint16_t acquire = 0x17;
inline constexpr std::uint16_t expire = 0x18;
inline constexpr std::uint16_t updpolicy = 0x19;
inline constexpr std::uint16_t updsa = 0x1a;
inline constexpr std::uint16_t polexpire = 0x1b;
inline constexpr std::uint16_t flushsa = 0x1c;
inline constexpr std::uint16_t flushpolicy = 0x1d;
inline constexpr std::uint16_t newae = 0x1e;
inline constexpr std::uint16_t getae = 0x1f;
inline constexpr std::uint16_t report = 0x20;
inline constexpr std::uint16_t migrate = 0x21;
inline constexpr std::uint16_t mapping = 0x26;
inline constexpr std::uint16_t setdefault = 0x27;
inline constexpr std::uint16_t getdefault = 0x28;
}  // namespace message

namespace attribute {
inline constexpr std::uint16_t alg_auth = 1;
inline constexpr std::uint16_t alg_crypt = 2;
inline constexpr std::uint16_t alg_comp = 3;
inline constexpr std::uint16_t encap = 4;
inline constexpr std::uint16_t tmpl = 5;
inline constexpr std::uint16_t sa = 6;
inline constexpr std::uint16_t policy = 7;
inline constexpr std::uint16_t sec_ctx = 8;
inline constexpr std::uint16_t ltime_val = 9;
inline constexpr std::uint16_t replay_val = 10;
inline constexpr std::uint16_t replay_thresh = 11;
inline constexpr std::uint16_t etimer_thresh = 12;
inline constexpr std::uint16_t srcaddr = 13;
inline constexpr std::uint16_t coaddr = 14;
inline constexpr std::uint16_t lastused = 15;
inline constexpr std::uint16_t policy_type = 16;
inline constexpr std::uint16_t migrate = 17;
inline constexpr std::uint16_t alg_aead = 18;
inline constexpr std::uint16_t kmaddress = 19;
inline constexpr std::uint16_t alg_auth_trunc = 20;
inline constexpr std::uint16_t mark = 21;
inline constexpr std::uint16_t tfcpad = 22;
inline constexpr std::uint16_t replay_esn_val = 23;
inline constexpr std::uint16_t sa_extra_flags = 24;
inline constexpr std::uint16_t proto = 25;
inline constexpr std::uint16_t address_filter = 26;
inline constexpr std::uint16_t pad = 27;
inline constexpr std::uint16_t offload_dev = 28;
inline constexpr std::uint16_t set_mark = 29;
inline constexpr std::uint16_t set_mark_mask = 30;
inline constexpr std::uint16_t if_id = 31;
inline constexpr std::uint16_t mtimer_thresh = 32;           ///< Linux 5.17
inline constexpr std::uint16_t sa_dir = 33;                  ///< Linux 6.10
inline constexpr std::uint16_t nat_keepalive_interval = 34;  ///< Linux 6.11
inline constexpr std::uint16_t sa_pcpu = 35;                 ///< Linux 6.13
inline constexpr std::uint16_t iptfs_drop_time = 36;         ///< Linux 6.14, as those behind it
inline constexpr std::uint16_t iptfs_reorder_window = 37;
inline constexpr std::uint16_t iptfs_dont_frag = 38;
inline constexpr std::uint16_t iptfs_init_delay = 39;
inline constexpr std::uint16_t iptfs_max_qsize = 40;
inline constexpr std::uint16_t iptfs_pkt_size = 41;
}  // namespace attribute

/// Multicast groups of events.
namespace group {
inline constexpr std::uint32_t acquire = 1;
inline constexpr std::uint32_t expire = 2;
inline constexpr std::uint32_t sa = 3;
inline constexpr std::uint32_t policy = 4;
inline constexpr std::uint32_t migrate = 7;
inline constexpr std::uint32_t mapping = 8;
}  // namespace group

inline constexpr std::uint8_t protocol_esp = 50;
inline constexpr std::uint16_t family_unspecified = 0;
inline constexpr std::uint16_t family_inet = 2;
inline constexpr std::uint16_t family_inet6 = 10;
inline constexpr std::uint64_t unlimited = ~std::uint64_t{0};  ///< octets and packets; seconds: 0
inline constexpr std::uint32_t any_algorithm = ~std::uint32_t{0};
inline constexpr std::uint8_t sa_flag_af_unspec = 32;
inline constexpr std::uint8_t sa_flag_esn = 128;
inline constexpr std::uint8_t sa_direction_in = 1;
inline constexpr std::uint8_t sa_direction_out = 2;
inline constexpr std::uint8_t offload_inbound = 2;
inline constexpr std::uint8_t offload_packet = 4;
inline constexpr std::uint16_t encap_esp_in_udp = 2;
inline constexpr std::uint32_t legacy_window_max = 32;
inline constexpr std::uint32_t esn_window_max = 4096;

// ---- XFRM structures ----------------------------------------------------------------------------

/// IPv4 takes the first four octets.
struct alignas(4) Address {
    std::array<std::uint8_t, 16> octets{};
};

struct Id {
    Address daddr;
    Network<std::uint32_t> spi;
    std::uint8_t proto = 0;
    std::array<std::uint8_t, 3> padding{};
};

struct Selector {
    Address daddr;
    Address saddr;
    Network<std::uint16_t> dport;
    Network<std::uint16_t> dport_mask;
    Network<std::uint16_t> sport;
    Network<std::uint16_t> sport_mask;
    std::uint16_t family = 0;
    std::uint8_t prefixlen_d = 0;
    std::uint8_t prefixlen_s = 0;
    std::uint8_t proto = 0;
    std::array<std::uint8_t, 3> padding{};
    std::int32_t ifindex = 0;
    std::uint32_t user = 0;
};

struct LifetimeLimits {
    std::uint64_t soft_byte_limit = unlimited;
    std::uint64_t hard_byte_limit = unlimited;
    std::uint64_t soft_packet_limit = unlimited;
    std::uint64_t hard_packet_limit = unlimited;
    std::uint64_t soft_add_expires_seconds = 0;
    std::uint64_t hard_add_expires_seconds = 0;
    std::uint64_t soft_use_expires_seconds = 0;
    std::uint64_t hard_use_expires_seconds = 0;
};

struct LifetimeUsed {
    std::uint64_t bytes = 0;
    std::uint64_t packets = 0;
    std::uint64_t add_time = 0;
    std::uint64_t use_time = 0;
};

struct Stats {
    std::uint32_t replay_window = 0;
    std::uint32_t replay = 0;
    std::uint32_t integrity_failed = 0;
};

/// NEWSA, UPDSA.
struct UserSaInfo {
    Selector sel;
    Id id;
    Address saddr;
    LifetimeLimits lft;
    LifetimeUsed curlft;
    Stats stats;
    std::uint32_t seq = 0;
    std::uint32_t reqid = 0;
    std::uint16_t family = 0;
    std::uint8_t mode = 0;
    std::uint8_t replay_window = 0;
    std::uint8_t flags = 0;
    std::array<std::uint8_t, 7> padding{};
};

/// DELSA, GETSA.
struct UserSaId {
    Address daddr;
    Network<std::uint32_t> spi;
    std::uint16_t family = 0;
    std::uint8_t proto = 0;
    std::array<std::uint8_t, 1> padding{};
};

/// ALLOCSPI.
struct UserSpiInfo {
    UserSaInfo info;
    std::uint32_t min = 0;
    std::uint32_t max = 0;
};

/// FLUSHSA.
struct UserSaFlush {
    std::uint8_t proto = 0;
};

/// NEWPOLICY, UPDPOLICY.
struct UserPolicyInfo {
    Selector sel;
    LifetimeLimits lft;
    LifetimeUsed curlft;
    std::uint32_t priority = 0;
    std::uint32_t index = 0;
    std::uint8_t dir = 0;
    std::uint8_t action = 0;
    std::uint8_t flags = 0;
    std::uint8_t share = 0;
    std::array<std::uint8_t, 4> padding{};
};

/// DELPOLICY, GETPOLICY.
struct UserPolicyId {
    Selector sel;
    std::uint32_t index = 0;
    std::uint8_t dir = 0;
    std::array<std::uint8_t, 3> padding{};
};

struct UserPolicyType {
    std::uint8_t type = 0;
    std::array<std::uint8_t, 5> padding{};
};

struct UserTemplate {
    Id id;
    std::uint16_t family = 0;
    std::array<std::uint8_t, 2> padding_1{};
    Address saddr;
    std::uint32_t reqid = 0;
    std::uint8_t mode = 0;
    std::uint8_t share = 0;
    std::uint8_t optional = 0;
    std::array<std::uint8_t, 1> padding_2{};
    std::uint32_t aalgos = any_algorithm;  ///< with 0 an inbound policy drops everything
    std::uint32_t ealgos = any_algorithm;
    std::uint32_t calgos = any_algorithm;
};

struct UserAcquire {
    Id id;
    Address saddr;
    Selector sel;
    UserPolicyInfo policy;
    std::uint32_t aalgos = 0;
    std::uint32_t ealgos = 0;
    std::uint32_t calgos = 0;
    std::uint32_t seq = 0;
};

struct UserExpire {
    UserSaInfo state;
    std::uint8_t hard = 0;
    std::array<std::uint8_t, 7> padding{};
};

struct UserMapping {
    UserSaId id;
    std::uint32_t reqid = 0;
    Address old_saddr;
    Address new_saddr;
    Network<std::uint16_t> old_sport;
    Network<std::uint16_t> new_sport;
};

/// The key follows.
struct Algorithm {
    std::array<char, 64> name{};
    std::uint32_t key_bits = 0;
};

/// For ALG_AUTH_TRUNC (`icv_bits` is the truncation) and ALG_AEAD; the key follows.
struct AlgorithmWithIcv {
    std::array<char, 64> name{};
    std::uint32_t key_bits = 0;
    std::uint32_t icv_bits = 0;
};

struct EncapTemplate {
    std::uint16_t type = 0;
    Network<std::uint16_t> sport;
    Network<std::uint16_t> dport;
    std::array<std::uint8_t, 2> padding{};
    Address original;
};

/// A bitmap of `bitmap_words` 32-bit words follows.
struct ReplayStateEsn {
    std::uint32_t bitmap_words = 0;
    std::uint32_t oseq = 0;
    std::uint32_t seq = 0;
    std::uint32_t oseq_hi = 0;
    std::uint32_t seq_hi = 0;
    std::uint32_t replay_window = 0;
};

struct UserOffload {
    std::int32_t ifindex = 0;
    std::uint8_t flags = 0;
    std::array<std::uint8_t, 3> padding{};
};

struct AddressFilter {
    Address saddr;
    Address daddr;
    std::uint16_t family = 0;
    std::uint8_t splen = 0;
    std::uint8_t dplen = 0;
};

struct Mark {
    std::uint32_t value = 0;
    std::uint32_t mask = 0;
};

static_assert(Layout<Id> && sizeof(Id) == 24);
static_assert(Layout<Selector> && sizeof(Selector) == 56);
static_assert(Layout<LifetimeLimits> && sizeof(LifetimeLimits) == 64);
static_assert(Layout<LifetimeUsed> && sizeof(LifetimeUsed) == 32);
static_assert(Layout<UserSaInfo> && sizeof(UserSaInfo) == 224);
static_assert(Layout<UserSaId> && sizeof(UserSaId) == 24);
static_assert(Layout<UserSpiInfo> && sizeof(UserSpiInfo) == 232);
static_assert(Layout<UserSaFlush> && sizeof(UserSaFlush) == 1);
static_assert(Layout<UserPolicyInfo> && sizeof(UserPolicyInfo) == 168);
static_assert(Layout<UserPolicyId> && sizeof(UserPolicyId) == 64);
static_assert(Layout<UserPolicyType> && sizeof(UserPolicyType) == 6);
static_assert(Layout<UserTemplate> && sizeof(UserTemplate) == 64);
static_assert(Layout<UserAcquire> && sizeof(UserAcquire) == 280);
static_assert(Layout<UserExpire> && sizeof(UserExpire) == 232);
static_assert(Layout<UserMapping> && sizeof(UserMapping) == 64);
static_assert(Layout<Algorithm> && sizeof(Algorithm) == 68);
static_assert(Layout<AlgorithmWithIcv> && sizeof(AlgorithmWithIcv) == 72);
static_assert(Layout<EncapTemplate> && sizeof(EncapTemplate) == 24);
static_assert(Layout<ReplayStateEsn> && sizeof(ReplayStateEsn) == 24);
static_assert(Layout<UserOffload> && sizeof(UserOffload) == 8);
static_assert(Layout<AddressFilter> && sizeof(AddressFilter) == 36);
static_assert(Layout<Mark> && sizeof(Mark) == 8);

// ---- Links (NETLINK_ROUTE) ----------------------------------------------------------------------

namespace route {
inline constexpr std::uint16_t newlink = 16;
inline constexpr std::uint16_t dellink = 17;
inline constexpr std::uint32_t interface_up = 1;
inline constexpr std::uint16_t attribute_name = 3;
inline constexpr std::uint16_t attribute_mtu = 4;
inline constexpr std::uint16_t attribute_link_info = 18;
inline constexpr std::uint16_t info_kind = 1;
inline constexpr std::uint16_t info_data = 2;
inline constexpr std::uint16_t xfrm_link = 1;
inline constexpr std::uint16_t xfrm_if_id = 2;

struct LinkMessage {
    std::uint8_t family = 0;
    std::uint8_t padding = 0;
    std::uint16_t type = 0;
    std::int32_t index = 0;
    std::uint32_t flags = 0;
    std::uint32_t change = 0;
};
static_assert(Layout<LinkMessage> && sizeof(LinkMessage) == 16);

inline constexpr std::uint16_t newroute = 24;
inline constexpr std::uint16_t getroute = 26;
inline constexpr std::uint16_t route_destination = 1;
inline constexpr std::uint16_t route_source = 2;
inline constexpr std::uint16_t route_device = 4;

struct RouteMessage {
    std::uint8_t family = 0;
    std::uint8_t destination_length = 0;
    std::uint8_t source_length = 0;
    std::uint8_t tos = 0;
    std::uint8_t table = 0;
    std::uint8_t protocol = 0;
    std::uint8_t scope = 0;
    std::uint8_t type = 0;
    std::uint32_t flags = 0;
};
static_assert(Layout<RouteMessage> && sizeof(RouteMessage) == 12);
}  // namespace route

}  // namespace xfrmd::xfrm::uapi
