// Negotiations that come to nothing: who says what, and that nothing stays.
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::KeyExchangeMethod;
using wire::NotifyType;

namespace {

using Reasons = std::vector<Reason>;

/// West tries; then there is time for whatever follows.
void try_to_connect(Pair& pair) {
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(40));
}

/// West's IKE_SA_INIT requests never arrive; each comes back as this answer of east's.
void answer_always(Pair& pair, const std::function<Bytes(const wire::Header&)>& answer) {
    pair.world.filter = [answer](ike::Transmit& datagram) {
        if (!is(datagram, ExchangeType::ike_sa_init, false)) return true;
        datagram.octets = answer(header_of(datagram));
        std::swap(datagram.local, datagram.remote);
        return true;
    };
}

Bytes notify(const wire::Header& request, NotifyType type, ByteView data) {
    wire::Header header;
    header.spi_i = request.spi_i;
    header.exchange = ExchangeType::ike_sa_init;
    header.response = true;
    wire::NotifyPayload payload;
    payload.notify_type = type;
    payload.data = data;
    return write_clear(header, [&](wire::ChainWriter& chain) { chain.add(payload); });
}

}  // namespace

// HDR(A,0), SAi1, KEi, Ni  -->   <--  HDR(A,0), N(INVALID_KE_PAYLOAD)   (section 1.2)
TEST_CASE("refusal: another group is asked for, sent, and the tunnel comes up") {
    TunnelSpec spec;
    spec.groups = {KeyExchangeMethod::curve25519, KeyExchangeMethod::modp_2048};
    config::Phase1 east = spec.mirrored().phase1();
    east.key_exchanges = {KeyExchangeMethod::modp_2048};
    Pair pair(spec.phase1(), east);
    REQUIRE(pair.connect());
    CHECK(pair.world.traffic.size() == 6);
    const auto asked = read_clear(pair.world.traffic[1].datagram.octets);
    CHECK(notify_types(asked) == std::vector{NotifyType::invalid_ke_payload});
    CHECK(to_bytes(asked.payloads.notifies[0].data) == Bytes{0, 14});
    CHECK(asked.header.spi_r == IkeSpi(0));
    const auto again = read_clear(pair.world.traffic[2].datagram.octets);
    CHECK(again.header.spi_i == asked.header.spi_i);
    CHECK(again.payloads.ke->method == KeyExchangeMethod::modp_2048);
    CHECK(pair.west.logged("/14"));
    CHECK(pair.east.engine().established_count() == 1);
}

TEST_CASE("A20 refusal: a group that was not offered ends the negotiation") {
    Pair pair;
    answer_always(pair, [](const wire::Header& header) {
        return notify(header, NotifyType::invalid_ke_payload, Bytes{0, 20});
    });
    try_to_connect(pair);
    CHECK(pair.west.reasons() == Reasons{Reason::invalid_key_exchange});
    CHECK(pair.west.engine().half_open_count() == 0);
}

TEST_CASE("A20 C10 refusal: endless INVALID_KE_PAYLOAD is followed three times") {
    TunnelSpec spec;
    spec.groups = {KeyExchangeMethod::curve25519, KeyExchangeMethod::ecp_384};
    Pair pair(spec);
    std::uint8_t wanted = 20;
    answer_always(pair, [&wanted](const wire::Header& header) {
        const Bytes data{0, wanted};
        wanted = wanted == 20 ? 31 : 20;
        return notify(header, NotifyType::invalid_ke_payload, data);
    });
    try_to_connect(pair);
    CHECK(departures(pair.world, ExchangeType::ike_sa_init, false).size() == 4);
    CHECK(pair.west.reasons() == Reasons{Reason::too_many_retries});
    CHECK(pair.west.engine().half_open_count() == 0);
}

// HDR(A,0), N(COOKIE)  <--    HDR(A,0), N(COOKIE), SAi1, KEi, Ni  -->
// "the initiator MUST ... repeat the IKE_SA_INIT request ... with ... all other payloads
//  unchanged" (section 2.6).
TEST_CASE("C10 refusal: a COOKIE goes first in an otherwise unchanged request") {
    Pair pair;
    const Bytes cookie{1, 2, 3, 4, 5, 6, 7, 8};
    bool asked = false;
    pair.world.filter = [&](ike::Transmit& datagram) {
        if (asked) return true;
        asked = true;
        datagram.octets = notify(header_of(datagram), NotifyType::cookie, cookie);
        std::swap(datagram.local, datagram.remote);
        return true;
    };
    CHECK(pair.connect());
    const auto first = read_clear(pair.world.traffic[0].datagram.octets);
    const auto second = read_clear(pair.world.traffic[1].datagram.octets);
    CHECK(second.first == wire::PayloadType::notify);
    CHECK(to_bytes(second.payloads.find(NotifyType::cookie)->data) == cookie);
    CHECK(second.header.spi_i == first.header.spi_i);
    CHECK(second.header.message_id == MessageId(0));
    const std::size_t notify_size = 8 + cookie.size();
    CHECK(equal_bytes(second.chain.subspan(notify_size), first.chain));
}

TEST_CASE("C10 refusal: endless COOKIE is followed three times") {
    Pair pair;
    std::uint8_t cookie = 0;
    answer_always(pair, [&cookie](const wire::Header& header) {
        return notify(header, NotifyType::cookie, Bytes{++cookie});
    });
    try_to_connect(pair);
    CHECK(departures(pair.world, ExchangeType::ike_sa_init, false).size() == 4);
    CHECK(pair.west.reasons() == Reasons{Reason::too_many_retries});
}

TEST_CASE("C10 refusal: a duplicate of a demand that was followed is not followed again") {
    Pair pair;
    answer_always(pair, [](const wire::Header& header) {
        return notify(header, NotifyType::cookie, Bytes{1, 2, 3});
    });
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(2));
    CHECK(departures(pair.world, ExchangeType::ike_sa_init, false).size() == 2);
    CHECK(pair.west.engine().half_open_count() == 1);
    pair.world.filter = nullptr;
    pair.world.run_for(seconds(2));
    CHECK(pair.is_up());
}

// "between 1 and 64 octets in length (inclusive)" (section 2.6).
TEST_CASE("C10 refusal: a COOKIE of a wrong size is not followed") {
    for (std::size_t size : {0U, 65U}) {
        Pair pair;
        answer_always(pair, [size](const wire::Header& header) {
            return notify(header, NotifyType::cookie, Bytes(size, 7));
        });
        try_to_connect(pair);
        CHECK(departures(pair.world, ExchangeType::ike_sa_init, false).size() == 4);
        CHECK(pair.west.reasons() == Reasons{Reason::negotiation_timeout});
    }
}

// HDR(A,0), SAi1, KEi, Ni  -->   <--  HDR(A,0), N(NO_PROPOSAL_CHOSEN)
TEST_CASE("refusal: no proposal in common in phase 1, both sides' values in the log") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.proposals = four_suites()[1].spec.ike;
    Pair pair(spec.phase1(), east);
    try_to_connect(pair);
    CHECK(pair.west.reasons() == Reasons{Reason::no_proposal_chosen});
    CHECK(pair.east.reasons() == Reasons{Reason::no_proposal_chosen});
    const std::string message = message_of(pair.east, Reason::no_proposal_chosen);
    CHECK(message.find("AES_GCM") != std::string::npos);
    CHECK(message.find("aes256-sha256") != std::string::npos);
    CHECK(nothing_is_left(pair));
}

TEST_CASE("refusal: a caller that no phase 1 is for") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.remote_gateway = *IpAddress::from_text("192.0.2.77");
    Pair pair(spec.phase1(), east);
    try_to_connect(pair);
    CHECK(pair.east.reasons() == Reasons{Reason::no_gateway});
    CHECK(pair.west.reasons() == Reasons{Reason::no_proposal_chosen});
    CHECK(nothing_is_left(pair));
}

TEST_CASE("refusal: wrong pre-shared key as responder, for each suite") {
    for (const NamedSuite& suite : four_suites()) {
        INFO(suite.name);
        config::Phase1 east = suite.spec.mirrored().phase1();
        east.psk = east.psk_remote = std::make_shared<const Secret>(as_bytes("something else"));
        Pair pair(suite.spec.phase1(), east);
        try_to_connect(pair);
        CHECK(pair.west.reasons() == Reasons{Reason::authentication_failed_local});
        CHECK(pair.east.reasons() == Reasons{Reason::authentication_failed_remote});
        CHECK(nothing_is_left(pair));
    }
}

// "the initiator ... SHOULD ... send an INFORMATIONAL exchange" with AUTHENTICATION_FAILED when
// the response does not prove the responder (section 2.21.2).
TEST_CASE("refusal: wrong pre-shared key of the responder, seen by the initiator") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.psk = std::make_shared<const Secret>(as_bytes("something else"));
    Pair pair(spec.phase1(), east);
    try_to_connect(pair);
    CHECK(pair.west.reasons() == Reasons{Reason::authentication_failed_remote});
    CHECK(pair.east.reasons().back() == Reason::authentication_failed_local);
    CHECK(pair.west.count_events(ike::EventKind::ike_sa_established) == 0);
    CHECK(departures(pair.world, ExchangeType::informational, false).size() == 1);
    CHECK(nothing_is_left(pair));
}

TEST_CASE("A30 refusal: peertype one, and the initiator is somebody else") {
    TunnelSpec spec;
    config::Phase1 west = spec.phase1();
    west.local_id = fqdn("west.example.org");
    config::Phase1 east = spec.mirrored().phase1();
    east.peer_type = config::PeerType::one;
    east.peer_id = fqdn("other.example.org");
    Pair pair(west, east);
    try_to_connect(pair);
    CHECK(pair.west.reasons() == Reasons{Reason::authentication_failed_local});
    CHECK(pair.east.reasons() == Reasons{Reason::identity_mismatch});
    CHECK(message_of(pair.east, Reason::identity_mismatch).find("west.example.org") !=
          std::string::npos);
    CHECK(nothing_is_left(pair));
}

TEST_CASE("refusal: peertype one, and the responder is somebody else") {
    TunnelSpec spec;
    config::Phase1 west = spec.phase1();
    west.peer_type = config::PeerType::one;
    west.peer_id = fqdn("other.example.org");
    config::Phase1 east = spec.mirrored().phase1();
    east.local_id = fqdn("east.example.org");
    Pair pair(west, east);
    try_to_connect(pair);
    CHECK(pair.west.reasons() == Reasons{Reason::identity_mismatch});
    const std::string message = message_of(pair.west, Reason::identity_mismatch);
    CHECK(message.find("east.example.org") != std::string::npos);
    CHECK(message.find("other.example.org") != std::string::npos);
    CHECK(pair.east.reasons().back() == Reason::authentication_failed_local);
    CHECK(nothing_is_left(pair));
}

TEST_CASE("refusal: peertype one lets the right ones in, both ways") {
    TunnelSpec spec;
    config::Phase1 west = spec.phase1();
    config::Phase1 east = spec.mirrored().phase1();
    west.local_id = east.peer_id = fqdn("west.example.org");
    east.local_id = west.peer_id = fqdn("east.example.org");
    west.peer_type = east.peer_type = config::PeerType::one;
    Pair pair(west, east);
    CHECK(pair.connect());
    CHECK(passes_both_ways(pair));
}

// HDR, SK {IDr, AUTH, N(NO_PROPOSAL_CHOSEN)}  <--
TEST_CASE("refusal: no proposal in common in phase 2: the IKE SA stands without a Child SA") {
    TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.phase2s[0].proposals = four_suites()[1].spec.esp;
    Pair pair(spec.phase1(), east);
    try_to_connect(pair);
    CHECK(pair.west.reasons().front() == Reason::esp_no_proposal_chosen);
    CHECK(pair.east.reasons() == Reasons{Reason::esp_no_proposal_chosen});
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(pair.east.engine().established_count() == 1);
    CHECK(pair.west.kernel.sas().empty());
    CHECK(pair.east.kernel.sas().empty());
}

// HDR, SK {IDr, AUTH, N(TS_UNACCEPTABLE)}  <--
TEST_CASE("refusal: no selectors in common, both sides' values in the log") {
    TunnelSpec spec;
    TunnelSpec other = spec;
    other.local_subnets = {"10.9.0.0/24"};
    Pair pair(spec.phase1(), other.mirrored().phase1());
    try_to_connect(pair);
    CHECK(pair.west.reasons().front() == Reason::traffic_selectors_unacceptable);
    CHECK(pair.east.reasons().front() == Reason::traffic_selectors_unacceptable);
    const std::string message = message_of(pair.east, Reason::traffic_selectors_unacceptable);
    CHECK(message.find("10.1.0.0/24") != std::string::npos);
    CHECK(message.find("10.9.0.0/24") != std::string::npos);
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(pair.west.kernel.sas().empty());
    CHECK(pair.east.kernel.sas().empty());
}

TEST_CASE("refusal: a wider offer is narrowed to what the responder allows") {
    TunnelSpec spec;
    spec.local_subnets = {"10.1.0.0/16"};
    TunnelSpec narrow = spec;
    narrow.local_subnets = {"10.1.0.0/24"};
    Pair pair(spec.phase1(), narrow.mirrored().phase1());
    REQUIRE(pair.connect());
    CHECK(passes_both_ways(pair));
    CHECK(pair.west.logged("10.1.0.0/24 <-> 10.2.0.0/24"));
}
