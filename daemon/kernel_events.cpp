#include "daemon/kernel_events.hpp"

#include <fmt/format.h>
#include <linux/netlink.h>

#include <cerrno>
#include <iterator>

#include "xfrm/decode_event.hpp"
#include "xfrm/uapi.hpp"

namespace xfrmd::daemon {
namespace {

/// Room for the expiry of several ten thousand SAs at once.
constexpr int event_buffer_octets = 8 << 20;
/// Datagrams a wake-up, so that everything else has its turn.
constexpr int most_messages_at_once = 64;

}  // namespace

std::expected<KernelEvents, Failure> KernelEvents::open(std::uint32_t own_port_id) {
    namespace group = xfrm::uapi::group;
    auto socket = NetlinkSocket::open(
        {.protocol = NETLINK_XFRM,
         .receive_buffer = event_buffer_octets,
         .groups = {group::acquire, group::expire, group::sa, group::policy, group::mapping}});
    if (socket) return KernelEvents(*std::move(socket), own_port_id);
    return std::unexpected(
        Failure{ExitCode::privileges, fmt::format("cannot listen to the kernel's IPsec events "
                                                  "(needs the capability CAP_NET_ADMIN): {}",
                                                  socket.error())});
}

std::vector<xfrm::Event> KernelEvents::read() {
    std::vector<xfrm::Event> events;
    bool lost = false;
    for (int i = 0; i < most_messages_at_once; ++i) {
        const int error = socket_.receive(std::chrono::milliseconds(0), [&](ByteView octets) {
            std::ranges::move(xfrm::decode_events(octets, own_port_id_),
                              std::back_inserter(events));
        });
        if (error == ENOBUFS || error == EMSGSIZE) lost = true;
        if (error != 0 && error != ENOBUFS && error != EMSGSIZE) break;
    }
    if (lost) events.emplace_back(xfrm::StateUncertain{});
    return events;
}

}  // namespace xfrmd::daemon
