#include "xfrm/encode_route.hpp"

#include "base/assert.hpp"
#include "xfrm/layout.hpp"

namespace xfrmd::xfrm {

WipedBytes encode(const QueryRoute& query, MessageTag tag) {
    const IpFamily family = query.destination.family();
    XFRMD_ASSERT(query.source.family() == family);
    uapi::route::RouteMessage route;
    route.family = static_cast<std::uint8_t>(to_kernel(family));
    route.destination_length = route.source_length = address_bits(family);
    WipedBytes out;
    NetlinkWriter writer(out, uapi::route::getroute, uapi::flag::acknowledged_request, tag);
    writer.fixed(route);
    writer.attribute(uapi::route::route_destination, query.destination.bytes());
    writer.attribute(uapi::route::route_source, query.source.bytes());
    writer.finish();
    return out;
}

}  // namespace xfrmd::xfrm
