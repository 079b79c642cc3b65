#include "daemon/route_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "xfrm/netlink_reader.hpp"

namespace xfrmd::daemon {
namespace {

constexpr int buffer_octets = 1 << 20;
/// Datagrams a wake-up, so that everything else has its turn.
constexpr int most_at_once = 64;

bool tells_of_routes(ByteView buffer) {
    xfrm::NetlinkReader reader(buffer);
    while (const auto message = reader.next()) {
        switch (message->header.type) {
            case RTM_NEWROUTE:
            case RTM_DELROUTE:
            case RTM_NEWRULE:
            case RTM_DELRULE: return true;
            default: break;
        }
    }
    return false;
}

}  // namespace

std::expected<RouteWatch, std::string> RouteWatch::open() {
    auto socket = NetlinkSocket::open(
        {.protocol = NETLINK_ROUTE,
         .receive_buffer = buffer_octets,
         .groups = {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE}});
    if (!socket) return std::unexpected(std::move(socket).error());
    return RouteWatch(*std::move(socket));
}

bool RouteWatch::read() {
    bool changed = false;
    for (int i = 0; i < most_at_once; ++i) {
        const int error = socket_.receive(std::chrono::milliseconds(0), [&](ByteView buffer) {
            changed |= tells_of_routes(buffer);
        });
        if (error == 0) continue;
        // What was lost may have been a change.
        if (error != ENOBUFS && error != EMSGSIZE) break;
        changed = true;
    }
    return changed;
}

}  // namespace xfrmd::daemon
