// RFC 7296 section 3.5.
#include "ike/identity.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using config::Identity;
using config::PeerType;
using wire::IdType;

namespace {

Identity name(const char* text, IdType type = IdType::fqdn) {
    return {type, to_bytes(as_bytes(text)), text};
}

const IpAddress v4 = *IpAddress::from_text("192.0.2.1");
const IpAddress v6 = *IpAddress::from_text("2001:db8::1");

}  // namespace

TEST_CASE("identity: without localid it is the address we speak from") {
    const config::Phase1 phase1;
    const Identity four = own_identity(phase1, v4);
    CHECK(four.type == IdType::ipv4_addr);
    CHECK(four.data == Bytes{192, 0, 2, 1});
    CHECK(four.text == "192.0.2.1");
    const Identity six = own_identity(phase1, v6);
    CHECK(six.type == IdType::ipv6_addr);
    CHECK(six.data.size() == 16);
}

TEST_CASE("identity: localid goes before the address") {
    config::Phase1 phase1;
    phase1.local_id = name("west.example.org");
    CHECK(own_identity(phase1, v4) == name("west.example.org"));
}

TEST_CASE("identity: to the wire and back it stays the same") {
    const Identity identity = name("west.example.org");
    CHECK(identity_of(payload_of(identity)) == identity);
    CHECK(identity_of(payload_of(identity)).text == "west.example.org");
}

TEST_CASE("identity: what a peer sends is printed safely and kept as it is") {
    const Bytes nasty{'a', '\n', 0x1b, 'b'};
    const Identity identity = identity_of({IdType::fqdn, nasty});
    CHECK(identity.data == nasty);
    CHECK(identity.text.find('\n') == std::string::npos);
    CHECK(identity.text.find('\x1b') == std::string::npos);
}

TEST_CASE("identity: peertype any takes everybody, one takes peerid alone") {
    config::Phase1 phase1;
    phase1.peer_type = PeerType::any;
    CHECK(accepts(phase1, name("anybody")));
    phase1.peer_type = PeerType::one;
    CHECK_FALSE(accepts(phase1, name("anybody")));
    phase1.peer_id = name("east.example.org");
    CHECK(accepts(phase1, name("east.example.org")));
    CHECK_FALSE(accepts(phase1, name("east.example.orgx")));
    CHECK_FALSE(accepts(phase1, name("east.example.or")));
    CHECK_FALSE(accepts(phase1, name("")));
}

TEST_CASE("identity: the same octets of another type are another identity") {
    config::Phase1 phase1;
    phase1.peer_type = PeerType::one;
    phase1.peer_id = name("east");
    CHECK_FALSE(accepts(phase1, name("east", IdType::key_id)));
    CHECK_FALSE(accepts(phase1, name("east", IdType::rfc822_addr)));
}
