#include "daemon/socket_address.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

TEST_CASE("socket address: endpoints of both families come back as they were") {
    for (const char* text : {"192.0.2.1", "2001:db8::1", "0.0.0.0", "::"}) {
        const Endpoint endpoint{IpAddress::from_text(text).value(), 4500};
        CHECK(to_endpoint(to_socket_address(endpoint, 3)) == endpoint);
    }
}

TEST_CASE("socket address: only link-local addresses carry the interface") {
    const auto scope = [](const char* text) {
        const auto address = to_socket_address({IpAddress::from_text(text).value(), 500}, 3);
        return reinterpret_cast<const sockaddr_in6*>(address.pointer())->sin6_scope_id;
    };
    CHECK(scope("fe80::1") == 3);
    CHECK(scope("febf::1") == 3);
    CHECK(scope("fec0::1") == 0);
    CHECK(scope("2001:db8::1") == 0);
}

TEST_CASE("socket address: other families are nothing") {
    SocketAddress address;
    address.storage.ss_family = AF_UNIX;
    address.size = sizeof address.storage;
    CHECK_FALSE(to_endpoint(address));
}
