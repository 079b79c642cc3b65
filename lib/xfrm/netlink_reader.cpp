#include "xfrm/netlink_reader.hpp"

#include <algorithm>

namespace xfrmd::xfrm {
namespace {

/// Where the next item starts: lengths do not count the padding behind an item, and the last item
/// of a buffer may lack it.
std::size_t padded(std::size_t length, std::size_t available) {
    const std::size_t mask = uapi::netlink_alignment - 1;
    return std::min((length + mask) & ~mask, available);
}

}  // namespace

std::optional<NetlinkMessage> NetlinkReader::next() {
    if (rest_.empty()) return std::nullopt;
    const auto header = read_layout<uapi::MessageHeader>(rest_);
    if (!header || header->length < sizeof(uapi::MessageHeader) || header->length > rest_.size()) {
        malformed_ = true;
        rest_ = {};
        return std::nullopt;
    }
    NetlinkMessage message{*header, rest_.first(header->length).subspan(sizeof *header)};
    rest_ = rest_.subspan(padded(header->length, rest_.size()));
    return message;
}

std::optional<ByteView> Attributes::find(std::uint16_t type) const {
    for (ByteView rest = octets_; !rest.empty();) {
        const auto header = read_layout<uapi::AttributeHeader>(rest);
        if (!header || header->length < sizeof(uapi::AttributeHeader) ||
            header->length > rest.size())
            return std::nullopt;
        if ((header->type & uapi::attribute_type_mask) == type)
            return rest.first(header->length).subspan(sizeof *header);
        rest = rest.subspan(padded(header->length, rest.size()));
    }
    return std::nullopt;
}

}  // namespace xfrmd::xfrm
