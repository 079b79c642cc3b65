#include "xfrm/netlink_writer.hpp"

#include "base/assert.hpp"

namespace xfrmd::xfrm {

NetlinkWriter::NetlinkWriter(WipedBytes& out, std::uint16_t type, std::uint16_t flags,
                             MessageTag tag)
    : out_(out), start_(out.size()) {
    XFRMD_ASSERT(start_ % uapi::netlink_alignment == 0);
    append(octets_of(uapi::MessageHeader{0, type, flags, tag.sequence, tag.port_id}));
}

void NetlinkWriter::attribute(std::uint16_t type, ByteView value) {
    const std::size_t start = begin_attribute(type);
    append(value);
    end_attribute(start);
}

void NetlinkWriter::text_attribute(std::uint16_t type, std::string_view text) {
    const std::size_t start = begin_attribute(type);
    append(as_bytes(text));
    out_.push_back(0);
    end_attribute(start);
}

std::size_t NetlinkWriter::begin_nested(std::uint16_t type) {
    return begin_attribute(static_cast<std::uint16_t>(type | uapi::attribute_nested));
}

void NetlinkWriter::finish() {
    const auto length = static_cast<std::uint32_t>(out_.size() - start_);
    std::memcpy(&out_[start_], &length, sizeof length);
}

void NetlinkWriter::pad() {
    while (out_.size() % uapi::netlink_alignment != 0)
        out_.push_back(0);
}

std::size_t NetlinkWriter::begin_attribute(std::uint16_t type) {
    const std::size_t start = out_.size();
    append(octets_of(uapi::AttributeHeader{0, type}));
    return start;
}

void NetlinkWriter::end_attribute(std::size_t start) {
    const std::size_t length = out_.size() - start;
    XFRMD_ASSERT(length <= 0xffff);
    const auto field = static_cast<std::uint16_t>(length);
    std::memcpy(&out_[start], &field, sizeof field);
    pad();
}

}  // namespace xfrmd::xfrm
