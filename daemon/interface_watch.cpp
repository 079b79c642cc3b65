#include "daemon/interface_watch.hpp"

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <tuple>

#include "daemon/error_text.hpp"
#include "xfrm/netlink_reader.hpp"
#include "xfrm/netlink_writer.hpp"

namespace xfrmd::daemon {
namespace {

constexpr int buffer_octets = 4 << 20;
constexpr std::chrono::seconds dump_patience{5};
/// Datagrams a wake-up, so that everything else has its turn.
constexpr int most_at_once = 64;

xfrm::WipedBytes encode_dump(std::uint16_t type, std::uint32_t sequence) {
    namespace flag = xfrm::uapi::flag;
    xfrm::WipedBytes out;
    xfrm::NetlinkWriter writer(out, type, flag::request | flag::dump, {.sequence = sequence});
    // Links want struct ifinfomsg, addresses the shorter struct ifaddrmsg; all zero is "all".
    if (type == RTM_GETLINK)
        writer.fixed(xfrm::uapi::route::LinkMessage{});
    else
        writer.fixed(std::array<std::uint8_t, sizeof(ifaddrmsg)>{});
    writer.finish();
    return out;
}

/// Whether the buffer ends the dump, and with which errno.
std::optional<int> dump_end(ByteView buffer, std::uint32_t sequence) {
    xfrm::NetlinkReader reader(buffer);
    while (const auto message = reader.next()) {
        if (message->header.sequence != sequence) continue;
        if (message->header.type != NLMSG_DONE && message->header.type != NLMSG_ERROR) continue;
        return -xfrm::read_layout<std::int32_t>(message->payload).value_or(0);
    }
    return std::nullopt;
}

auto key(const ike::Interface& interface) {
    return std::tie(interface.name, interface.index, interface.mtu, interface.up,
                    interface.addresses, interface.esp_offload, interface.times_down);
}

bool same(const ike::Interface& a, const ike::Interface& b) {
    return key(a) == key(b);
}

}  // namespace

std::expected<InterfaceWatch, Failure> InterfaceWatch::open() {
    const auto failed = [](const std::string& why) {
        return std::unexpected(
            Failure{ExitCode::failure, fmt::format("cannot watch the network devices: {}", why)});
    };
    auto socket =
        NetlinkSocket::open({.protocol = NETLINK_ROUTE,
                             .receive_buffer = buffer_octets,
                             .groups = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR}});
    if (!socket) return failed(socket.error());
    InterfaceWatch watch(*std::move(socket));
    if (const int error = watch.read_everything()) return failed(error_text(error));
    return watch;
}

int InterfaceWatch::read_everything() {
    table_.clear();
    if (const int error = dump(RTM_GETLINK)) return error;
    return dump(RTM_GETADDR);
}

int InterfaceWatch::dump(std::uint16_t type) {
    const std::uint32_t sequence = socket_.take_sequences(1);
    if (const int error = socket_.send(encode_dump(type, sequence))) return error;
    std::optional<int> end;
    while (!end) {
        const int error = socket_.receive(dump_patience, [&](ByteView buffer) {
            table_.apply(buffer);
            end = dump_end(buffer, sequence);
        });
        if (error != 0) return error;
    }
    return *end;
}

std::optional<ike::InterfacesChanged> InterfaceWatch::read() {
    for (int i = 0; i < most_at_once; ++i) {
        const int error = socket_.receive(std::chrono::milliseconds(0),
                                          [&](ByteView buffer) { table_.apply(buffer); });
        if (error == 0) continue;
        if (error != ENOBUFS && error != EMSGSIZE) break;
        // A dump that fails leaves a shorter list; the next change mends it.
        read_everything();
    }
    table_.read_features(
        [this](const std::string& device) { return features_.offers_esp_offload(device); });
    auto interfaces = table_.interfaces();
    if (std::ranges::equal(interfaces, given_, same)) return std::nullopt;
    given_ = interfaces;
    return ike::InterfacesChanged{std::move(interfaces)};
}

}  // namespace xfrmd::daemon
