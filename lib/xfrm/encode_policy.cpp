#include "xfrm/encode_policy.hpp"

#include "base/assert.hpp"
#include "xfrm/layout.hpp"

namespace xfrmd::xfrm {
namespace {

/// The low bits of a policy index that hold its direction.
constexpr std::uint32_t index_direction_mask = 7;

WipedBytes id_message(std::uint16_t type, Direction direction, const Selector& selector, IfId if_id,
                      MessageTag tag) {
    uapi::UserPolicyId id;
    id.sel = to_kernel(selector);
    id.dir = static_cast<std::uint8_t>(direction);
    WipedBytes out;
    NetlinkWriter writer(out, type, uapi::flag::acknowledged_request, tag);
    writer.fixed(id);
    if (if_id != IfId{}) writer.attribute(uapi::attribute::if_id, if_id.value());
    writer.finish();
    return out;
}

}  // namespace

WipedBytes encode(const InstallPolicy& install, MessageTag tag) {
    const auto direction = static_cast<std::uint8_t>(install.direction);
    const std::uint32_t index = install.index.value();
    XFRMD_ASSERT(index == 0 || (index & index_direction_mask) == direction);

    uapi::UserPolicyInfo info;
    info.sel = to_kernel(install.selector);
    info.priority = install.priority;
    info.index = index;
    info.dir = direction;
    info.action = static_cast<std::uint8_t>(install.action);

    WipedBytes out;
    const auto type = install.replace ? uapi::message::updpolicy : uapi::message::newpolicy;
    NetlinkWriter writer(out, type, uapi::flag::acknowledged_request, tag);
    writer.fixed(info);
    if (install.tmpl)
        writer.attribute(uapi::attribute::tmpl,
                         to_kernel(*install.tmpl, install.selector.source.address.family()));
    if (install.if_id != IfId{}) writer.attribute(uapi::attribute::if_id, install.if_id.value());
    if (install.offload && install.offload->mode == OffloadMode::packet) {
        uapi::UserOffload offload;
        offload.ifindex = static_cast<std::int32_t>(install.offload->interface_index);
        offload.flags = uapi::offload_packet;
        writer.attribute(uapi::attribute::offload_dev, offload);
    }
    writer.finish();
    return out;
}

WipedBytes encode(const DeletePolicy& remove, MessageTag tag) {
    return id_message(uapi::message::delpolicy, remove.direction, remove.selector, remove.if_id,
                      tag);
}

WipedBytes encode(const QueryPolicy& query, MessageTag tag) {
    return id_message(uapi::message::getpolicy, query.direction, query.selector, query.if_id, tag);
}

WipedBytes encode_policy_dump(MessageTag tag) {
    WipedBytes out;
    NetlinkWriter writer(out, uapi::message::getpolicy, uapi::flag::request | uapi::flag::dump,
                         tag);
    writer.finish();
    return out;
}

}  // namespace xfrmd::xfrm
