#include "xfrm/decode_status.hpp"

#include "xfrm/layout.hpp"

namespace xfrmd::xfrm {
namespace {

/// Socket policies use the numbers from here on.
constexpr std::uint8_t directions = 3;

void read_algorithms(const Attributes& attributes, SaStatus& status) {
    if (const auto aead = attributes.get<uapi::AlgorithmWithIcv>(uapi::attribute::alg_aead)) {
        status.cipher = from_kernel_name(aead->name);
        status.key_bits = aead->key_bits;
        return;
    }
    if (const auto crypt = attributes.get<uapi::Algorithm>(uapi::attribute::alg_crypt)) {
        status.cipher = from_kernel_name(crypt->name);
        status.key_bits = crypt->key_bits;
    }
    if (const auto auth = attributes.get<uapi::AlgorithmWithIcv>(uapi::attribute::alg_auth_trunc))
        status.integrity = from_kernel_name(auth->name);
}

}  // namespace

std::optional<SaStatus> decode_sa(ByteView payload) {
    const auto body = read_body<uapi::UserSaInfo>(payload);
    if (!body) return std::nullopt;
    const uapi::UserSaInfo& info = body->fixed;
    const auto family = family_from_kernel(info.family);
    if (!family || info.id.proto != uapi::protocol_esp) return std::nullopt;
    if (info.mode > static_cast<std::uint8_t>(Mode::tunnel)) return std::nullopt;

    SaStatus status;
    status.source = from_kernel(info.saddr, *family);
    status.destination = from_kernel(info.id.daddr, *family);
    status.spi = EspSpi(info.id.spi.host());
    status.reqid = Reqid(info.reqid);
    status.if_id = read_if_id(body->attributes);
    status.mode = static_cast<Mode>(info.mode);
    read_algorithms(body->attributes, status);
    status.esn = (info.flags & uapi::sa_flag_esn) != 0;
    const auto window = body->attributes.get<uapi::ReplayStateEsn>(uapi::attribute::replay_esn_val);
    status.replay_window = window ? window->replay_window : info.replay_window;
    const OffloadRequest offload = read_offload(body->attributes);
    status.offload = offload.mode;
    status.offload_device = offload.interface_index;
    status.bytes = info.curlft.bytes;
    status.packets = info.curlft.packets;
    status.integrity_failures = info.stats.integrity_failed;
    status.replays = info.stats.replay;
    return status;
}

std::optional<PolicyStatus> decode_policy(ByteView payload) {
    const auto body = read_body<uapi::UserPolicyInfo>(payload);
    if (!body) return std::nullopt;
    const uapi::UserPolicyInfo& info = body->fixed;
    const auto selector = from_kernel(info.sel);
    if (!selector || info.dir >= directions) return std::nullopt;

    PolicyStatus status;
    status.direction = static_cast<Direction>(info.dir);
    status.selector = *selector;
    status.if_id = read_if_id(body->attributes);
    status.index = PolicyIndex(info.index);
    status.priority = info.priority;
    status.action = info.action == 0 ? PolicyAction::allow : PolicyAction::block;
    if (const auto tmpl = body->attributes.get<uapi::UserTemplate>(uapi::attribute::tmpl))
        status.tmpl = from_kernel(*tmpl);
    const OffloadRequest offload = read_offload(body->attributes);
    status.offload = offload.mode;
    status.offload_device = offload.interface_index;
    return status;
}

}  // namespace xfrmd::xfrm
