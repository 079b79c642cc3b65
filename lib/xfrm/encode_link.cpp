#include "xfrm/encode_link.hpp"

namespace xfrmd::xfrm {

using namespace uapi::route;

WipedBytes encode(const CreateInterface& create, MessageTag tag) {
    constexpr std::uint16_t change = uapi::flag::request | uapi::flag::acknowledge;
    constexpr std::uint16_t make = change | uapi::flag::create | uapi::flag::exclusive;
    WipedBytes out;
    NetlinkWriter writer(out, newlink, create.replace ? change : make, tag);
    LinkMessage link;
    if (!create.replace) link.flags = link.change = interface_up;
    writer.fixed(link);
    writer.text_attribute(attribute_name, create.name);
    if (create.mtu != 0) writer.attribute(attribute_mtu, create.mtu);
    const std::size_t info = writer.begin_nested(attribute_link_info);
    writer.text_attribute(info_kind, "xfrm");
    const std::size_t data = writer.begin_nested(info_data);
    if (create.underlay_index != 0) writer.attribute(xfrm_link, create.underlay_index);
    writer.attribute(xfrm_if_id, create.if_id.value());
    writer.end_nested(data);
    writer.end_nested(info);
    writer.finish();
    return out;
}

WipedBytes encode(const DeleteInterface& remove, MessageTag tag) {
    WipedBytes out;
    NetlinkWriter writer(out, dellink, uapi::flag::request | uapi::flag::acknowledge, tag);
    writer.fixed(LinkMessage{});
    writer.text_attribute(attribute_name, remove.name);
    writer.finish();
    return out;
}

}  // namespace xfrmd::xfrm
