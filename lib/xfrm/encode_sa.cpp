#include "xfrm/encode_sa.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "xfrm/algorithms.hpp"
#include "xfrm/layout.hpp"

namespace xfrmd::xfrm {
namespace {

/// Holds any NEWSA but one with the largest window; beyond it the buffer grows, and is wiped.
constexpr std::size_t usual_newsa_size = 1024;

bool is_inbound(const InstallSa& install) {
    return install.direction == Direction::in;
}

bool has_esn(const InstallSa& install) {
    return install.suite.esn == wire::EsnId::yes;
}

/// The window to ask for. Kernels that know directions want 0 on output; those before refuse an
/// ESN SA without a window in either direction.
std::uint32_t replay_window(const InstallSa& install, const Features& features) {
    if (!is_inbound(install)) return has_esn(install) && !features.sa_dir ? 1 : 0;
    const std::uint32_t wished = std::min(install.replay_window, uapi::esn_window_max);
    return has_esn(install) ? std::max(wished, esn_window_min) : wished;
}

/// A window of more than 32 packets needs the attribute even without ESN: the field of the
/// structure is silently cut to 32.
bool needs_window_attribute(const InstallSa& install, std::uint32_t window) {
    return has_esn(install) || window > uapi::legacy_window_max;
}

uapi::LifetimeLimits limits(const KernelLimits& wished) {
    uapi::LifetimeLimits out;
    out.soft_byte_limit = wished.soft_bytes.value_or(uapi::unlimited);
    out.hard_byte_limit = wished.hard_bytes.value_or(uapi::unlimited);
    out.soft_packet_limit = wished.soft_packets.value_or(uapi::unlimited);
    out.hard_packet_limit = wished.hard_packets.value_or(uapi::unlimited);
    out.hard_add_expires_seconds = wished.hard_seconds.value_or(0);
    return out;
}

uapi::UserSaInfo sa_info(const InstallSa& install, std::uint32_t window) {
    uapi::UserSaInfo info;
    info.id.daddr = to_kernel(install.destination);
    info.id.spi = uapi::Network<std::uint32_t>(install.spi.value());
    info.id.proto = uapi::protocol_esp;
    info.saddr = to_kernel(install.source);
    info.family = to_kernel(install.destination.family());
    info.lft = limits(install.limits);
    info.seq = install.acquire_sequence;
    info.reqid = install.reqid.value();
    info.mode = static_cast<std::uint8_t>(install.mode);
    if (!needs_window_attribute(install, window))
        info.replay_window = static_cast<std::uint8_t>(window);
    if (has_esn(install)) info.flags |= uapi::sa_flag_esn;

    if (install.selector) {
        info.sel = to_kernel(*install.selector);
    } else if (install.mode == Mode::tunnel) {
        info.flags |= uapi::sa_flag_af_unspec;
    } else {
        info.sel.family = info.family;
    }
    return info;
}

std::uint32_t bits(std::size_t octets) {
    return static_cast<std::uint32_t>(octets * 8);
}

void write_algorithms(NetlinkWriter& writer, const crypto::EspSuite& suite, const SaKeys& keys) {
    XFRMD_ASSERT(is_installable(suite));
    const KernelCipher cipher = *kernel_cipher(suite.cipher.id);
    const auto cipher_name = to_kernel_name(cipher.name);
    const std::uint32_t key_bits = bits(keys.encryption.size());
    if (cipher.aead) {
        writer.attribute(uapi::attribute::alg_aead,
                         uapi::AlgorithmWithIcv{cipher_name, key_bits, bits(cipher.icv_size)},
                         keys.encryption.view());
        return;
    }
    const KernelIntegrity integrity = *kernel_integrity(suite.integrity);
    writer.attribute(uapi::attribute::alg_auth_trunc,
                     uapi::AlgorithmWithIcv{to_kernel_name(integrity.name),
                                            bits(keys.integrity.size()), bits(integrity.icv_size)},
                     keys.integrity.view());
    writer.attribute(uapi::attribute::alg_crypt, uapi::Algorithm{cipher_name, key_bits},
                     keys.encryption.view());
}

void write_window(NetlinkWriter& writer, std::uint32_t window) {
    uapi::ReplayStateEsn state;
    state.bitmap_words = (window + 31) / 32;
    state.replay_window = window;
    const Bytes bitmap(state.bitmap_words * sizeof(std::uint32_t));
    writer.attribute(uapi::attribute::replay_esn_val, state, bitmap);
}

void write_encapsulation(NetlinkWriter& writer, const InstallSa& install,
                         const Features& features) {
    using Port = uapi::Network<std::uint16_t>;
    uapi::EncapTemplate encap;
    encap.type = uapi::encap_esp_in_udp;
    encap.sport = Port(install.encapsulation->source_port);
    encap.dport = Port(install.encapsulation->destination_port);
    writer.attribute(uapi::attribute::encap, encap);

    if (is_inbound(install) && features.mtimer)
        writer.attribute(uapi::attribute::mtimer_thresh, mapping_interval_seconds);
    if (!is_inbound(install) && features.nat_keepalive && install.nat_keepalive_seconds != 0)
        writer.attribute(uapi::attribute::nat_keepalive_interval, install.nat_keepalive_seconds);
}

void write_offload(NetlinkWriter& writer, const InstallSa& install) {
    uapi::UserOffload offload;
    offload.ifindex = static_cast<std::int32_t>(install.offload->interface_index);
    if (is_inbound(install)) offload.flags |= uapi::offload_inbound;
    if (install.offload->mode == OffloadMode::packet) offload.flags |= uapi::offload_packet;
    writer.attribute(uapi::attribute::offload_dev, offload);
}

WipedBytes id_message(std::uint16_t type, const uapi::UserSaId& id, MessageTag tag) {
    WipedBytes out;
    NetlinkWriter writer(out, type, uapi::flag::acknowledged_request, tag);
    writer.fixed(id);
    writer.finish();
    return out;
}

WipedBytes whole_sa(std::uint16_t type, const InstallSa& install, const Features& features,
                    MessageTag tag) {
    XFRMD_ASSERT(install.direction != Direction::forward);
    XFRMD_ASSERT(install.source.family() == install.destination.family());
    WipedBytes out;
    out.reserve(usual_newsa_size);
    NetlinkWriter writer(out, type, uapi::flag::acknowledged_request, tag);
    const std::uint32_t window = replay_window(install, features);
    writer.fixed(sa_info(install, window));
    write_algorithms(writer, install.suite, install.keys);
    if (needs_window_attribute(install, window)) write_window(writer, window);
    if (install.encapsulation) write_encapsulation(writer, install, features);
    if (install.if_id != IfId{}) writer.attribute(uapi::attribute::if_id, install.if_id.value());
    if (install.offload && install.offload->mode != OffloadMode::none)
        write_offload(writer, install);
    if (features.sa_dir)
        writer.attribute(uapi::attribute::sa_dir,
                         is_inbound(install) ? uapi::sa_direction_in : uapi::sa_direction_out);
    writer.finish();
    return out;
}

}  // namespace

WipedBytes encode(const InstallSa& install, const Features& features, MessageTag tag) {
    return whole_sa(uapi::message::newsa, install, features, tag);
}

WipedBytes encode(const UpdatePorts& update, const Features& features, MessageTag tag) {
    return whole_sa(uapi::message::updsa, update.sa, features, tag);
}

WipedBytes encode(const DeleteSa& remove, MessageTag tag) {
    return id_message(uapi::message::delsa, sa_id(remove.destination, remove.spi), tag);
}

WipedBytes encode(const AllocateSpi& allocate, const Features& features, MessageTag tag) {
    uapi::UserSpiInfo request;
    request.info.id.daddr = to_kernel(allocate.destination);
    request.info.id.proto = uapi::protocol_esp;
    request.info.saddr = to_kernel(allocate.source);
    request.info.family = to_kernel(allocate.destination.family());
    request.info.seq = allocate.sequence;
    request.info.reqid = allocate.reqid.value();
    request.info.mode = static_cast<std::uint8_t>(allocate.mode);
    request.min = request.max = allocate.spi.value();
    WipedBytes out;
    NetlinkWriter writer(out, uapi::message::allocspi, uapi::flag::acknowledged_request, tag);
    writer.fixed(request);
    if (allocate.if_id != IfId{}) writer.attribute(uapi::attribute::if_id, allocate.if_id.value());
    if (features.sa_dir) writer.attribute(uapi::attribute::sa_dir, uapi::sa_direction_out);
    writer.finish();
    return out;
}

WipedBytes encode(const QuerySa& query, MessageTag tag) {
    return id_message(uapi::message::getsa, sa_id(query.destination, query.spi), tag);
}

WipedBytes encode_sa_dump(MessageTag tag) {
    WipedBytes out;
    NetlinkWriter writer(out, uapi::message::getsa, uapi::flag::request | uapi::flag::dump, tag);
    writer.attribute(uapi::attribute::proto, uapi::protocol_esp);
    writer.finish();
    return out;
}

}  // namespace xfrmd::xfrm
