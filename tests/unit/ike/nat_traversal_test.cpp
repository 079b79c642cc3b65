#include "ike/nat_traversal.hpp"

#include "crypto/sha1.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;
using config::NatTraversal;
using wire::NotifyType;

namespace {

const Endpoint ours{*IpAddress::from_text("192.0.2.1"), 500};
const Endpoint theirs{*IpAddress::from_text("192.0.2.2"), 500};
constexpr nat_traversal::Spis spis{IkeSpi(0x0102030405060708), IkeSpi(0)};

struct Desk {
    crypto::Library library;
    SeededRandom random{1};
    EngineContext context{library, random, {}};
    Bytes message = Bytes(wire::Header::size);

    /// What an end at `from` tells one at `to`.
    wire::Payloads told(NatTraversal mode, const Endpoint& from, const Endpoint& to) {
        message.assign(wire::Header::size, 0);
        wire::ChainWriter chain(message, wire::Header::next_payload_at);
        nat_traversal::announce(chain, mode, spis, {from, to}, context);
        return wire::parse_payloads(
                   static_cast<wire::PayloadType>(message[wire::Header::next_payload_at]),
                   ByteView(message).subspan(wire::Header::size))
            .value();
    }

    /// What we find in what came from `theirs` to `ours`.
    NatFinding found(const wire::Payloads& payloads, NatTraversal mode = NatTraversal::enable) {
        return nat_traversal::find(payloads, mode, spis, {ours, theirs}, context);
    }
};

wire::NotifyPayload notify(NotifyType type, ByteView data) {
    wire::NotifyPayload made;
    made.notify_type = type;
    made.data = data;
    return made;
}

const Bytes wrong_hash(20, 0x55);

}  // namespace

TEST_CASE("NAT detection: SHA-1 of the SPIs, the address and the port") {
    Desk desk;
    const auto payloads = desk.told(NatTraversal::enable, theirs, ours);
    REQUIRE(payloads.notifies.size() == 2);
    CHECK(payloads.notifies[0].notify_type == NotifyType::nat_detection_source_ip);
    CHECK(payloads.notifies[1].notify_type == NotifyType::nat_detection_destination_ip);
    const Bytes octets = "0102030405060708 0000000000000000 c0000202 01f4"_hex;
    CHECK(to_bytes(payloads.notifies[0].data) ==
          to_bytes(crypto::sha1(desk.library, {octets}).value()));
}

TEST_CASE("NAT detection: who sees the same ends finds nothing") {
    Desk desk;
    CHECK(desk.found(desk.told(NatTraversal::enable, theirs, ours)) == NatFinding{});
}

TEST_CASE("NAT detection: another address or port is a NAT, on the side that it is about") {
    Desk desk;
    const Endpoint inner{*IpAddress::from_text("10.0.0.1"), 500};
    const Endpoint other_port{theirs.address, 501};
    CHECK(desk.found(desk.told(NatTraversal::enable, inner, ours)) ==
          NatFinding{false, true, true});
    CHECK(desk.found(desk.told(NatTraversal::enable, other_port, ours)) ==
          NatFinding{false, true, true});
    CHECK(desk.found(desk.told(NatTraversal::enable, theirs, inner)) ==
          NatFinding{true, false, true});
    CHECK(desk.found(desk.told(NatTraversal::enable, inner, inner)) ==
          NatFinding{true, true, true});
}

TEST_CASE("NAT detection: forced looks like a NAT to the other end and is in UDP at ours") {
    Desk desk;
    CHECK(desk.found(desk.told(NatTraversal::forced, theirs, ours)) ==
          NatFinding{false, true, true});
    CHECK(desk.found(desk.told(NatTraversal::enable, theirs, ours), NatTraversal::forced) ==
          NatFinding{false, false, true});
}

TEST_CASE("NAT detection: disabled tells nothing and finds nothing") {
    Desk desk;
    CHECK(desk.told(NatTraversal::disable, theirs, ours).notifies.empty());
    const Endpoint inner{*IpAddress::from_text("10.0.0.1"), 500};
    CHECK(desk.found(desk.told(NatTraversal::enable, inner, ours), NatTraversal::disable) ==
          NatFinding{});
}

TEST_CASE("C13: NAT_DETECTION of one kind alone, or none, is no NAT traversal") {
    Desk desk;
    for (const auto type :
         {NotifyType::nat_detection_source_ip, NotifyType::nat_detection_destination_ip}) {
        wire::Payloads payloads;
        payloads.notifies = {notify(type, wrong_hash)};
        CHECK(desk.found(payloads) == NatFinding{});
        CHECK(desk.found(payloads, NatTraversal::forced) == NatFinding{});
    }
}

TEST_CASE("C13: NAT_DETECTION of 0, 19 and 21 octets is none") {
    Desk desk;
    for (const std::size_t size : {0U, 19U, 21U}) {
        const Bytes data(size, 0x55);
        wire::Payloads payloads;
        payloads.notifies = {notify(NotifyType::nat_detection_source_ip, data),
                             notify(NotifyType::nat_detection_destination_ip, data)};
        CHECK(desk.found(payloads) == NatFinding{});
    }
}

TEST_CASE("C13: NAT_DETECTION_SOURCE_IP fifty times: one that matches is enough") {
    Desk desk;
    wire::Payloads payloads = desk.told(NatTraversal::enable, theirs, ours);
    payloads.notifies.insert(payloads.notifies.begin(), 49,
                             notify(NotifyType::nat_detection_source_ip, wrong_hash));
    CHECK(desk.found(payloads) == NatFinding{});
    payloads.notifies.erase(payloads.notifies.begin() + 49);
    CHECK(desk.found(payloads) == NatFinding{false, true, true});
}
