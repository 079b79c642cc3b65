// A DNS server on the loopback device (RFC 1035), which says what a test tells it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "daemon/file_descriptor.hpp"
#include "daemon/socket_address.hpp"
#include "support/catch.hpp"

namespace xfrmd::daemon {

inline constexpr std::uint16_t type_a = 1;
inline constexpr std::uint16_t type_aaaa = 28;

/// A query as it came: a header of 12 octets, a name in labels, type and class.
struct DnsQuery {
    Bytes octets;
    SocketAddress from;

    std::string name() const {
        std::string text;
        for (std::size_t at = 12; octets.at(at) != 0; at += octets.at(at) + 1U) {
            if (!text.empty()) text += '.';
            text.append(reinterpret_cast<const char*>(&octets.at(at + 1)), octets.at(at));
        }
        return text;
    }
    std::uint16_t type() const {
        const std::size_t at = 12 + name().size() + 2;
        return static_cast<std::uint16_t>(octets.at(at) << 8 | octets.at(at + 1));
    }
    /// The query turned into a response with `answers` records to follow (RFC 1035 section 4.1.1).
    Bytes response(std::uint8_t code, std::uint8_t answers = 0) const {
        Bytes reply = octets;
        reply.at(2) = 0x81;
        reply.at(3) = static_cast<std::uint8_t>(0x80 | code);
        reply.at(7) = answers;
        return reply;
    }
    Bytes with_addresses(const std::vector<IpAddress>& addresses) const {
        Bytes reply = response(0, static_cast<std::uint8_t>(addresses.size()));
        for (const IpAddress& address : addresses) {
            const bool v4 = address.family() == IpFamily::v4;
            const auto type = static_cast<std::uint8_t>(v4 ? type_a : type_aaaa);
            const auto size = static_cast<std::uint8_t>(address.bytes().size());
            // Name (a pointer to the query's), type, class IN, TTL of 60 s, length.
            reply.insert(reply.end(), {0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, size});
            reply.insert(reply.end(), address.bytes().begin(), address.bytes().end());
        }
        return reply;
    }
};

class NameServer {
  public:
    NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        SocketAddress own =
            to_socket_address({.address = IpAddress::from_text("127.0.0.1").value(), .port = 0}, 0);
        REQUIRE(bind(socket_.number(), own.pointer(), own.size) == 0);
        REQUIRE(getsockname(socket_.number(), own.pointer(), &own.size) == 0);
        endpoint_ = to_endpoint(own).value();
    }

    int descriptor() const { return socket_.number(); }
    std::string text() const { return endpoint_.to_text(); }

    /// All queries that have come and were not taken yet.
    std::vector<DnsQuery> take_queries() {
        std::vector<DnsQuery> queries;
        while (true) {
            DnsQuery query{.octets = Bytes(512), .from = {.size = sizeof(sockaddr_storage)}};
            const auto size = recvfrom(socket_.number(), query.octets.data(), query.octets.size(),
                                       0, query.from.pointer(), &query.from.size);
            if (size < 0) return queries;
            query.octets.resize(static_cast<std::size_t>(size));
            queries.push_back(std::move(query));
        }
    }

    void send(const DnsQuery& query, const Bytes& reply) {
        REQUIRE(sendto(socket_.number(), reply.data(), reply.size(), 0, query.from.pointer(),
                       query.from.size) == static_cast<ssize_t>(reply.size()));
    }

  private:
    FileDescriptor socket_;
    Endpoint endpoint_;
};

}  // namespace xfrmd::daemon
