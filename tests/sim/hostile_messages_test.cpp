// Messages that nobody of ours would send: forged, replayed, broken (RFC 7296 sections 2.5, 2.21).
#include "sim/forgery.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::NotifyType;
using wire::PayloadType;

namespace {

/// A payload of any type and body; `critical` sets its first bit.
struct Odd {
    Bytes body;
    void append_to(Bytes& out) const { out.insert(out.end(), body.begin(), body.end()); }
};

wire::Header first_message() {
    wire::Header header;
    header.spi_i = IkeSpi(0x1122334455667788);
    header.exchange = ExchangeType::ike_sa_init;
    header.initiator = true;
    return header;
}

/// The one notify that a gateway answered in clear text.
OpenedMessage only_answer(Gateway& gateway) {
    auto sent = take_sent(gateway);
    REQUIRE(sent.size() == 1);
    return read_clear(sent[0]);
}

struct Snapshot {
    std::size_t established;
    std::size_t half_open;
    std::size_t sas;
    std::size_t state_changes;
    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

Snapshot snapshot(Gateway& gateway) {
    return {gateway.engine().established_count(), gateway.engine().half_open_count(),
            gateway.kernel.sas().size(), gateway.count_events(ike::EventKind::ike_sa_state)};
}

/// Bits of the octet that name a later major version are answered; all others are not.
bool is_major_version_bit(std::size_t octet, unsigned bit) {
    return octet == 17 && bit >= 4;
}

/// Gives each message that differs by one bit; none is answered, none changes anything.
void check_bit_flips(Pair& pair, Gateway& gateway, const Bytes& good) {
    const Snapshot before = snapshot(gateway);
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            if (is_major_version_bit(i, bit)) continue;
            Bytes bad = good;
            bad[i] ^= static_cast<std::uint8_t>(1U << bit);
            give(pair, gateway, bad);
            INFO("octet " << i << " bit " << bit);
            REQUIRE(gateway.sent.empty());
            REQUIRE(snapshot(gateway) == before);
        }
    }
}

}  // namespace

TEST_CASE(
    "B06 hostile messages: an IKE_AUTH request with any bit changed is nothing, for each suite") {
    for (const NamedSuite& suite : four_suites()) {
        INFO(suite.name);
        Pair pair(suite.spec);
        check_bit_flips(pair, pair.east, auth_request(pair));
        pair.world.run_for(seconds(5));  // so many forgeries have their limit; it comes once more
        CHECK(pair.is_up());
    }
}

TEST_CASE("B06 hostile messages: an IKE_AUTH response with any bit changed is nothing") {
    for (const NamedSuite& suite : four_suites()) {
        INFO(suite.name);
        Pair pair(suite.spec);
        auth_request(pair);
        pair.world.step();
        check_bit_flips(pair, pair.west, pair.world.traffic.back().datagram.octets);
        pair.world.run_for(seconds(1));
        CHECK(pair.is_up());
    }
}

TEST_CASE("B06 hostile messages: a DELETE with any bit changed deletes nothing") {
    Pair pair;
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    const Bytes good =
        tap.seal(tap.request(ExchangeType::informational, 2, true), [](wire::ChainWriter& chain) {
            chain.add(wire::DeletePayload{wire::ProtocolId::ike, {}});
        });
    check_bit_flips(pair, pair.east, good);
    give(pair, pair.east, good);
    CHECK(take_sent(pair.east).size() == 1);
    CHECK(pair.east.kernel.holds_only_standing());
}

TEST_CASE(
    "C02 C03 hostile messages: all that was ever sent, once more in any order, changes nothing") {
    Pair pair;
    REQUIRE(pair.connect());
    const auto traffic = pair.world.traffic;
    const Snapshot west = snapshot(pair.west);
    for (const Flight& flight : traffic) {
        // A first message may be a new call: it leads to nothing that is established.
        if (is(flight.datagram, ExchangeType::ike_sa_init, false)) continue;
        give(pair, pair.west, flight.datagram.octets);
        give(pair, pair.east, flight.datagram.octets);
        CHECK(pair.west.sent.empty());
        CHECK(snapshot(pair.west) == west);
    }
    CHECK(passes_both_ways(pair));
    CHECK(pair.east.kernel.sas().size() == 2);
}

TEST_CASE("C03 hostile messages: requests ahead of the window and behind it are dropped") {
    Pair pair;
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    const auto nothing = [](wire::ChainWriter&) {};
    for (std::uint32_t id : {0U, 1U, 3U, 4U, 0xffffffffU}) {
        give(pair, pair.east,
             tap.seal(tap.request(ExchangeType::informational, id, true), nothing));
        CHECK(take_sent(pair.east).empty());
    }
    // HDR, SK {}  -->   <--  HDR, SK {}   "are you there?"
    give(pair, pair.east, tap.seal(tap.request(ExchangeType::informational, 2, true), nothing));
    const auto sent = take_sent(pair.east);
    REQUIRE(sent.size() == 1);
    const auto answer = tap.open(sent[0]);
    CHECK(answer.header.response);
    CHECK(answer.header.message_id == MessageId(2));
    CHECK(answer.chain.empty());
}

TEST_CASE("C02 hostile messages: an unasked response is dropped") {
    Pair pair;
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    wire::Header header = tap.request(ExchangeType::informational, 0, true);
    header.response = true;
    const Snapshot before = snapshot(pair.east);
    give(pair, pair.east, tap.seal(header, [](wire::ChainWriter&) {}));
    CHECK(pair.east.sent.empty());
    CHECK(snapshot(pair.east) == before);
}

// "if the critical flag is set and the payload type is unrecognized, the message MUST be rejected
//  and the response ... MUST include a Notify payload UNSUPPORTED_CRITICAL_PAYLOAD" (section 2.5).
TEST_CASE("A23 hostile messages: an unknown critical payload is refused, the IKE SA stays") {
    Pair pair;
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    const auto odd = [](std::uint8_t flags) {
        return [flags](wire::ChainWriter& chain) {
            struct Critical {
                std::uint8_t flags;
                void append_to(Bytes& out) const { out[out.size() - 3] = flags; }
            };
            chain.add(PayloadType(200), Critical{flags});
        };
    };
    give(pair, pair.east, tap.seal(tap.request(ExchangeType::informational, 2, true), odd(0x80)));
    auto sent = take_sent(pair.east);
    REQUIRE(sent.size() == 1);
    const auto answer = tap.open(sent[0]);
    CHECK(notify_types(answer) == std::vector{NotifyType::unsupported_critical_payload});
    CHECK(to_bytes(answer.payloads.notifies[0].data) == Bytes{200});
    CHECK(passes_both_ways(pair));
    // "Unknown payloads without it are skipped."
    give(pair, pair.east, tap.seal(tap.request(ExchangeType::informational, 3, true), odd(0)));
    sent = take_sent(pair.east);
    REQUIRE(sent.size() == 1);
    CHECK(tap.open(sent[0]).chain.empty());
}

// "an INVALID_SYNTAX ... error ... is fatal: the IKE SA is deleted without a DELETE"
// (section 2.21.3).
TEST_CASE("A14 C04 hostile messages: authentic nonsense is answered and ends the IKE SA") {
    Pair pair;
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    give(pair, pair.east,
         tap.seal(tap.request(ExchangeType::informational, 2, true), [](wire::ChainWriter& chain) {
             chain.add(PayloadType::delete_, Odd{{1, 2, 3}});
         }));
    const auto sent = take_sent(pair.east);
    REQUIRE(sent.size() == 1);
    CHECK(notify_types(tap.open(sent[0])) == std::vector{NotifyType::invalid_syntax});
    CHECK(pair.east.kernel.holds_only_standing());
    CHECK(pair.east.engine().established_count() == 0);
    CHECK(pair.east.reasons().back() == Reason::invalid_syntax);
}

TEST_CASE("A17 hostile messages: CREATE_CHILD_SA without what it needs ends the IKE SA") {
    Pair pair;
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    give(pair, pair.east,
         tap.seal(tap.request(ExchangeType::create_child_sa, 2, true), [](wire::ChainWriter&) {}));
    const auto sent = take_sent(pair.east);
    REQUIRE(sent.size() == 1);
    CHECK(notify_types(tap.open(sent[0])) == std::vector{NotifyType::invalid_syntax});
    CHECK(pair.east.kernel.holds_only_standing());
    CHECK(pair.east.engine().established_count() == 0);
}

// "If an endpoint receives a message with a higher major version number, it MUST drop the message
//  and SHOULD send an unauthenticated Notify message of type INVALID_MAJOR_VERSION" (section 2.5).
TEST_CASE("A18 hostile messages: a request of a later major version is told which one we speak") {
    Pair pair;
    wire::Header header = first_message();
    header.major_version = 3;
    header.message_id = MessageId(7);
    // Shorter than the answer, it would make us a tool against whoever's address it bears.
    give(pair, pair.east, clear_message(header, {}));
    CHECK(take_sent(pair.east).empty());
    give(pair, pair.east, clear_message(header, {{PayloadType::nonce, Bytes(32)}}));
    const auto answer = only_answer(pair.east);
    CHECK(notify_types(answer) == std::vector{NotifyType::invalid_major_version});
    CHECK(answer.header.major_version == 2);
    CHECK(answer.header.response);
    CHECK(answer.header.message_id == MessageId(7));
    CHECK(answer.header.spi_i == header.spi_i);
}

TEST_CASE("A18 hostile messages: responses of another version, and version 1, are dropped") {
    Pair pair;
    wire::Header header = first_message();
    header.major_version = 3;
    header.response = true;
    give(pair, pair.east, write_clear(header, [](wire::ChainWriter&) {}));
    header.major_version = 1;
    header.response = false;
    give(pair, pair.east, write_clear(header, [](wire::ChainWriter&) {}));
    CHECK(take_sent(pair.east).empty());
    CHECK(pair.east.count_events(ike::EventKind::message_dropped) == 2);
}

// "the minor version number ... MUST be ignored" by a receiver (section 2.5).
TEST_CASE("A18 hostile messages: a higher minor version is no obstacle") {
    Pair pair;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    Bytes request = take_sent(pair.west).at(0);
    request[17] = 0x2f;
    give(pair, pair.east, request);
    CHECK(only_answer(pair.east).payloads.sa);
}

// Who sends a broken first message is nobody's peer, and is not told what is wrong with it
// (section 2.21.1 leaves that to us).
TEST_CASE("A07 hostile messages: a malformed IKE_SA_INIT is told here, not answered") {
    Pair pair;
    const Bytes call = lone_call();
    give(pair, pair.east, changed_clear(call, [](Parts& parts) {
             part(parts, PayloadType::security_association).body = {1, 2, 3};
         }));
    CHECK(take_sent(pair.east).empty());
    CHECK(pair.east.reasons() == std::vector{Reason::invalid_syntax});
    CHECK(pair.east.engine().half_open_count() == 0);
}

TEST_CASE("A17 hostile messages: an IKE_SA_INIT without SA, KE or Nonce, or cut anywhere") {
    Pair pair;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    const Bytes whole = take_sent(pair.west).at(0);
    for (std::size_t size = wire::Header::size; size < whole.size(); ++size) {
        Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        wire::finish_message(cut);
        give(pair, pair.east, cut);
        CHECK(take_sent(pair.east).empty());
    }
    for (PayloadType type :
         {PayloadType::security_association, PayloadType::key_exchange, PayloadType::nonce}) {
        give(pair, pair.east,
             changed_clear(whole, [type](Parts& parts) { leave_out(parts, type); }));
        CHECK(take_sent(pair.east).empty());
    }
    CHECK(pair.east.engine().half_open_count() == 0);
    CHECK(pair.east.kernel.holds_only_standing());
}

TEST_CASE(
    "A23 hostile messages: an unknown critical payload in IKE_SA_INIT is named in the answer") {
    Pair pair;
    const Bytes call = lone_call();
    give(pair, pair.east, changed_clear(call, [](Parts& parts) {
             parts.push_back({PayloadType(201), {1, 2, 3, 4}, true});
         }));
    const auto answer = only_answer(pair.east);
    CHECK(notify_types(answer) == std::vector{NotifyType::unsupported_critical_payload});
    CHECK(to_bytes(answer.payloads.notifies[0].data) == Bytes{201});
    CHECK(pair.east.reasons() == std::vector{Reason::unsupported_critical_payload});
}

TEST_CASE("A18 hostile messages: what is no IKE message at all is dropped") {
    Pair pair;
    const std::vector<Bytes> junk{{}, Bytes(1), Bytes(27), Bytes(28), Bytes(2000, 0xff)};
    for (const Bytes& octets : junk) {
        give(pair, pair.east, octets);
        for (const Bytes& sent : take_sent(pair.east))
            CHECK(notify_types(read_clear(sent)) == std::vector{NotifyType::invalid_major_version});
    }
    CHECK(pair.east.engine().half_open_count() == 0);
}

TEST_CASE(
    "A17 hostile messages: IKE_AUTH without a payload it needs is refused, no kernel touched") {
    for (PayloadType type :
         {PayloadType::identification_initiator, PayloadType::authentication,
          PayloadType::security_association, PayloadType::traffic_selectors_initiator,
          PayloadType::traffic_selectors_responder}) {
        INFO(wire::to_text(type));
        Pair pair;
        const Bytes whole = auth_request(pair);
        Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
        give(pair, pair.east, tap.without(whole, [type](const wire::RawPayload& payload) {
            return payload.type == type;
        }));
        const auto sent = take_sent(pair.east);
        REQUIRE(sent.size() == 1);
        const auto expected = type == PayloadType::authentication
                                  ? NotifyType::authentication_failed
                                  : NotifyType::invalid_syntax;
        CHECK(notify_types(tap.open(sent[0])) == std::vector{expected});
        CHECK(pair.east.engine().half_open_count() == 0);
        CHECK(pair.east.engine().established_count() == 0);
        CHECK(pair.east.kernel.holds_only_standing());
    }
}

TEST_CASE("A17 hostile messages: an IKE_AUTH response without a payload it needs is not accepted") {
    for (PayloadType type :
         {PayloadType::identification_responder, PayloadType::authentication,
          PayloadType::security_association, PayloadType::traffic_selectors_initiator,
          PayloadType::traffic_selectors_responder}) {
        INFO(wire::to_text(type));
        Pair pair;
        Bytes changed;
        pair.world.filter = [&](ike::Transmit& datagram) {
            if (!is(datagram, ExchangeType::ike_auth, true)) return true;
            Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
            datagram.octets = tap.without(
                datagram.octets, [type](const auto& payload) { return payload.type == type; });
            return true;
        };
        CHECK_FALSE(pair.connect());
        CHECK(pair.west.kernel.holds_only_standing());
        CHECK(pair.west.engine().established_count() == 0);
        CHECK(pair.west.reasons().front() == Reason::invalid_syntax);
    }
}
