#include "xfrm/features.hpp"

#include <cerrno>

#include "xfrm/layout.hpp"

namespace xfrmd::xfrm {
namespace {

/// SPIs of 1 to 255 are reserved (RFC 4303 section 2.1): no SA has one that we probe with.
constexpr EspSpi reserved_spi{1};

}  // namespace

WipedBytes encode_probe(std::uint16_t attribute, MessageTag tag) {
    WipedBytes out;
    NetlinkWriter writer(out, uapi::message::getsa, uapi::flag::request | uapi::flag::acknowledge,
                         tag);
    writer.fixed(sa_id(IpAddress::any(IpFamily::v4), reserved_spi));
    writer.attribute(attribute, ByteView{});
    writer.finish();
    return out;
}

bool read_probe(int error) {
    return error == EINVAL || error == ERANGE;
}

void set_feature(Features& features, std::uint16_t attribute, bool known) {
    if (attribute == uapi::attribute::sa_dir) features.sa_dir = known;
    if (attribute == uapi::attribute::nat_keepalive_interval) features.nat_keepalive = known;
    if (attribute == uapi::attribute::mtimer_thresh) features.mtimer = known;
}

}  // namespace xfrmd::xfrm
