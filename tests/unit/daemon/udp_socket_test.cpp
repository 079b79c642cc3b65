// Over the loopback device; needs CAP_NET_ADMIN for the exemption from policies, without which the
// tests have nothing to look at.
#include "daemon/udp_socket.hpp"

#include <poll.h>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

/// A prepared socket on some free port; nothing where we may not.
std::optional<UdpSocket> open_socket(IpFamily family) {
    for (std::uint16_t port = 42000; port < 42100; ++port) {
        auto bound = UdpSocket::bind({family, port});
        if (!bound) continue;
        std::vector<std::string> warnings;
        auto socket = UdpSocket::prepare(*std::move(bound), {family, port}, warnings);
        if (socket) return *std::move(socket);
        WARN("not tested: " << socket.error().message);
        return std::nullopt;
    }
    WARN("not tested: no free port");
    return std::nullopt;
}

void check_delivery(IpFamily family, const char* from, const char* to) {
    auto sender = open_socket(family);
    auto receiver = open_socket(family);
    if (!sender || !receiver) return;
    CHECK(std::holds_alternative<Empty>(receiver->receive()));

    const Endpoint local{IpAddress::from_text(from).value(), sender->port().port};
    const Endpoint remote{IpAddress::from_text(to).value(), receiver->port().port};
    REQUIRE(sender->send({.local = local, .remote = remote, .octets = Bytes(1500, 7)}, 0) == 0);
    pollfd readable{.fd = receiver->descriptor(), .events = POLLIN, .revents = 0};
    REQUIRE(poll(&readable, 1, 1000) == 1);
    const Reception reception = receiver->receive();
    const auto* datagram = std::get_if<ike::DatagramReceived>(&reception);
    REQUIRE(datagram);
    CHECK(datagram->local == remote);
    CHECK(datagram->remote == local);
    CHECK(datagram->octets == Bytes(1500, 7));
}

}  // namespace

TEST_CASE("UDP socket: leaves from the address it is told and knows where a datagram was sent to") {
    check_delivery(IpFamily::v4, "127.0.0.2", "127.0.0.3");
    check_delivery(IpFamily::v6, "::1", "::1");
}

TEST_CASE("UDP socket: an address that is not ours is an errno") {
    auto socket = open_socket(IpFamily::v4);
    if (!socket) return;
    const Endpoint foreign{IpAddress::from_text("192.0.2.1").value(), socket->port().port};
    const Endpoint remote{IpAddress::from_text("127.0.0.1").value(), 9};
    CHECK(socket->send({.local = foreign, .remote = remote, .octets = Bytes(1)}, 0) != 0);
}
