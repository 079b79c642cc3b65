// Attacks on IKE_AUTH: by somebody who has keys with us, and has proved nothing.
#include <algorithm>

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

/// East has answered IKE_SA_INIT and gets west's IKE_AUTH request, changed.
struct AuthAttempt {
    explicit AuthAttempt(const std::function<void(Parts&)>& change, const TunnelSpec& spec = {})
        : pair(spec), good(auth_request(pair)), tap(pair.world.library(), pair.west.key_logs[0]) {
        give(pair, pair.east, changed_sealed(tap, good, change));
        for (const Bytes& octets : take_sent(pair.east))
            for (NotifyType type : notify_types(tap.open(octets)))
                answer = type;
    }

    /// Refused, and nothing is left of it.
    bool is_refused() {
        const ike::Engine& east = pair.east.engine();
        return answer && wire::is_error(*answer) && east.half_open_count() == 0 &&
               east.established_count() == 0 && pair.east.kernel.holds_only_standing();
    }

    Pair pair;
    Bytes good;
    Wiretap tap;
    std::optional<NotifyType> answer;
};

void set_body(Parts& parts, PayloadType type, Bytes body) {
    part(parts, type).body = std::move(body);
}

Bytes id_body(std::uint8_t type, std::size_t size) {
    Bytes body(4 + size, 0x41);
    body[0] = type;
    return body;
}

}  // namespace

TEST_CASE("A01 A24 attack: identities of every type and of hostile sizes") {
    for (unsigned type = 0; type < 256; type += type < 14 ? 1 : 40)
        for (std::size_t size :
             {0U, 1U, 3U, 4U, 5U, 15U, 16U, 17U, 255U, 520U, 521U, 2048U, 2049U, 4096U, 60'000U}) {
            INFO("type " << type << " size " << size);
            AuthAttempt attempt([&](Parts& parts) {
                set_body(parts, PayloadType::identification_initiator,
                         id_body(static_cast<std::uint8_t>(type), size));
            });
            CHECK(attempt.is_refused());
        }
}

TEST_CASE("A24 attack: broken distinguished names") {
    Bytes deep;
    for (int i = 0; i < 200; ++i)
        deep.insert(deep.end(), {0x30, 0x80});
    for (const Bytes& name :
         {Bytes{0x30}, Bytes{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, Bytes{0x30, 0x00}, deep,
          Bytes(2000, 0x31), Bytes{0x30, 0x05, 0x41, 0x00, 0x42}}) {
        AuthAttempt attempt([&](Parts& parts) {
            Bytes body = id_body(9, 0);
            body.insert(body.end(), name.begin(), name.end());
            set_body(parts, PayloadType::identification_initiator, body);
        });
        CHECK(attempt.is_refused());
    }
}

TEST_CASE("A12 attack: shell text, control characters and bad UTF-8 in an identity stay one line") {
    for (const std::string_view text :
         {"$(reboot)", "`id`;", "a\nXFRMD_PHASE1=forged", "%n%s", "\x1b[2J", "\xff\xfe", "\"}'"}) {
        AuthAttempt attempt([&](Parts& parts) {
            Bytes body = id_body(2, 0);
            body.insert(body.end(), text.begin(), text.end());
            body.push_back(0);
            set_body(parts, PayloadType::identification_initiator, body);
        });
        CHECK(attempt.is_refused());
        for (const ike::Event& event : attempt.pair.east.events)
            for (const char octet : event.message)
                CHECK((octet >= 0x20 && octet < 0x7f));
    }
}

TEST_CASE("A13 B09 attack: each octet inside of IKE_AUTH, one more and one less") {
    Parts good;
    {
        Pair pair;
        const Bytes request = auth_request(pair);
        good = parts_of(Wiretap(pair.world.library(), pair.west.key_logs[0]).open(request));
    }
    for (std::size_t place = 0; place < good.size(); ++place)
        for (std::size_t i = 0; i < good[place].body.size(); ++i)
            for (std::uint8_t difference : Bytes{1, 255}) {
                INFO("payload " << place << " octet " << i);
                AuthAttempt attempt([&](Parts& parts) {
                    auto& octet = parts.at(place).body.at(i);
                    octet = static_cast<std::uint8_t>(octet + difference);
                });
                CHECK(attempt.pair.east.engine().half_open_count() == 0);
                CHECK(attempt.pair.east.engine().established_count() <= 1);
            }
}

TEST_CASE("A17 C07 attack: payloads of IKE_AUTH twice and in another order") {
    for (PayloadType type :
         {PayloadType::identification_initiator, PayloadType::authentication,
          PayloadType::security_association, PayloadType::traffic_selectors_initiator,
          PayloadType::traffic_selectors_responder}) {
        AuthAttempt attempt([&](Parts& parts) { parts.push_back(part(parts, type)); });
        CHECK(attempt.is_refused());
        CHECK(attempt.answer == NotifyType::invalid_syntax);
    }
    // The order of payloads means nothing (RFC 7296 section 2.5): this one is good.
    AuthAttempt reversed([](Parts& parts) { std::reverse(parts.begin(), parts.end()); });
    CHECK(reversed.pair.east.engine().established_count() == 1);
}

TEST_CASE("A25 attack: empty, zeroed and shortened proofs, and methods nobody asked for") {
    for (const std::size_t size : {0U, 1U, 31U, 33U, 64U})
        for (std::uint8_t method : Bytes{0, 1, 2, 3, 9, 14, 255}) {
            AuthAttempt attempt([&](Parts& parts) {
                Bytes body(4 + size, 0);
                body[0] = method;
                set_body(parts, PayloadType::authentication, body);
            });
            CHECK(attempt.is_refused());
        }
    // The right proof under the name of another method.
    for (std::uint8_t method : Bytes{0, 1, 3, 9, 14, 255}) {
        AuthAttempt attempt(
            [&](Parts& parts) { part(parts, PayloadType::authentication).body[0] = method; });
        CHECK(attempt.is_refused());
    }
}

// Whoever asks learns neither which identities exist nor how near a guess was.
TEST_CASE("A30 B08 attack: an unknown identity and a wrong key get the same answer") {
    TunnelSpec wrong_key;
    wrong_key.psk = "another key of a good length";
    Pair wrong(wrong_key.phase1(), TunnelSpec{}.mirrored().phase1());
    const Bytes request = auth_request(wrong);
    give(wrong, wrong.east, request);
    const auto first = take_sent(wrong.east);
    TunnelSpec spec;
    config::Phase1 picky = spec.mirrored().phase1();
    picky.peer_type = config::PeerType::one;
    picky.peer_id = fqdn("somebody.example");
    Pair unknown(spec.phase1(), picky);
    give(unknown, unknown.east, auth_request(unknown));
    const auto second = take_sent(unknown.east);
    REQUIRE(first.size() == 1);
    REQUIRE(second.size() == 1);
    CHECK(first[0].size() == second[0].size());
    for (Pair* pair : {&wrong, &unknown}) {
        CHECK(pair->east.engine().half_open_count() == 0);
        CHECK(pair->east.engine().established_count() == 0);
    }
    // The state is gone; its last answer is repeated to whom it is for, and nothing is made anew.
    give(wrong, wrong.east, request);
    CHECK(take_sent(wrong.east) == first);
    Bytes other = request;
    other.back() ^= 1;
    give(wrong, wrong.east, other);
    CHECK(take_sent(wrong.east).empty());
}

TEST_CASE("A31 attack: every notify in IKE_AUTH, unasked") {
    for (std::uint32_t first = 1; first < 65536; first += 60 + first / 4) {
        AuthAttempt attempt([&](Parts& parts) {
            for (std::uint32_t i = 0; i < 60; ++i) {
                const auto type = static_cast<NotifyType>(first + i);
                if (type != NotifyType::use_transport_mode)
                    parts.push_back(notify_part(type, Bytes(i, 7)));
            }
        });
        INFO(first);
        CHECK(attempt.pair.east.engine().half_open_count() == 0);
        CHECK(attempt.pair.east.engine().established_count() <= 1);
    }
}

// Only IKE_AUTH makes an IKE SA stand, and only with the peer's proof.
TEST_CASE("A16 B01 attack: every exchange type, request and response, while IKE_AUTH is awaited") {
    for (unsigned exchange = 0; exchange < 256; ++exchange)
        for (bool response : {false, true}) {
            if (exchange == std::to_underlying(ExchangeType::ike_auth) && !response) continue;
            INFO(exchange << " " << response);
            Pair pair;
            const Bytes good = auth_request(pair);
            Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
            const OpenedMessage message = tap.open(good);
            wire::Header header = message.header;
            header.exchange = static_cast<ExchangeType>(exchange);
            header.response = response;
            give(pair, pair.east, sealed_message(tap, header, parts_of(message)));
            CHECK(pair.east.sent.empty());
            CHECK(pair.east.engine().established_count() == 0);
            CHECK(pair.east.engine().half_open_count() == 1);
            CHECK(pair.east.kernel.holds_only_standing());
            give(pair, pair.east, good);  // it was not used up
            CHECK(pair.east.engine().established_count() == 1);
        }
}

TEST_CASE("A16 attack: INFORMATIONAL and CREATE_CHILD_SA in clear text instead of IKE_AUTH") {
    for (ExchangeType exchange : {ExchangeType::ike_auth, ExchangeType::create_child_sa,
                                  ExchangeType::informational, ExchangeType::ike_intermediate}) {
        Pair pair;
        const Bytes good = auth_request(pair);
        wire::Header header = *wire::Header::parse(good);
        header.exchange = exchange;
        give(pair, pair.east,
             clear_message(header, {notify_part(NotifyType::authentication_failed),
                                    {PayloadType::delete_, {1, 0, 0, 0}}}));
        CHECK(pair.east.sent.empty());
        CHECK(pair.east.engine().half_open_count() == 1);
    }
}

TEST_CASE("C04 attack: SK payloads that are empty, cut or not last") {
    Pair pair;
    const Bytes good = auth_request(pair);
    wire::Header header = *wire::Header::parse(good);
    for (std::size_t size = 0; size < 64; ++size)
        give(pair, pair.east, clear_message(header, {{PayloadType::encrypted, Bytes(size, 1)}}));
    give(pair, pair.east, clear_message(header, {}));
    give(pair, pair.east, clear_message(header, {{PayloadType::encrypted, Bytes(60'000, 1)}}));
    const Bytes body(good.begin() + 32, good.end());
    give(pair, pair.east,
         clear_message(header, {{PayloadType::vendor_id, {1}}, {PayloadType::encrypted, body}}));
    Bytes longer = good;
    longer.insert(longer.end(), {0, 0, 0, 4});
    wire::finish_message(longer);
    give(pair, pair.east, longer);
    CHECK(pair.east.sent.empty());
    CHECK(pair.east.engine().half_open_count() == 1);
}

TEST_CASE("C06 attack: a DELETE inside of IKE_AUTH ends nothing and makes nothing") {
    AuthAttempt attempt([](Parts& parts) { parts = {{PayloadType::delete_, {1, 0, 0, 0}}}; });
    CHECK(attempt.is_refused());
}

TEST_CASE("C08 attack: traffic selectors that are none, reversed, mixed or far too many") {
    const Bytes good_one{7, 0, 0, 16, 0, 0, 0xff, 0xff, 10, 1, 0, 0, 10, 1, 0, 255};
    const auto payload = [](std::uint8_t count, const std::vector<Bytes>& selectors) {
        Bytes body{count, 0, 0, 0};
        for (const Bytes& one : selectors)
            body.insert(body.end(), one.begin(), one.end());
        return body;
    };
    Bytes start_over_end = good_one;
    std::swap_ranges(start_over_end.begin() + 8, start_over_end.begin() + 12,
                     start_over_end.begin() + 12);
    Bytes ports_reversed = good_one;
    ports_reversed[4] = 1;
    ports_reversed[6] = 0;
    Bytes family_wrong = good_one;
    family_wrong[0] = 8;
    for (const Bytes& body :
         {payload(0, {}), payload(1, {}), payload(2, {good_one}), payload(1, {good_one, good_one}),
          payload(1, {start_over_end}), payload(1, {ports_reversed}), payload(1, {family_wrong})}) {
        AuthAttempt attempt(
            [&](Parts& parts) { set_body(parts, PayloadType::traffic_selectors_initiator, body); });
        CHECK(attempt.is_refused());
    }
    // Foreign to both ends: the IKE SA stands, the Child SA does not.
    Bytes foreign = good_one;
    foreign[8] = foreign[12] = 172;
    Bytes unknown = good_one;
    unknown[0] = 77;
    for (const Bytes& body : {payload(1, {foreign}), payload(1, {unknown}),
                              payload(255, std::vector<Bytes>(255, foreign))}) {
        AuthAttempt attempt(
            [&](Parts& parts) { set_body(parts, PayloadType::traffic_selectors_initiator, body); });
        CHECK(attempt.answer == NotifyType::ts_unacceptable);
        CHECK(attempt.pair.east.kernel.sas().empty());
    }
    // Wider than allowed: narrowed, and no packet beyond it passes.
    Bytes everything{7, 0, 0, 16, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 255, 255, 255, 255};
    AuthAttempt wide([&](Parts& parts) {
        set_body(parts, PayloadType::traffic_selectors_initiator, payload(1, {everything}));
    });
    REQUIRE(wide.pair.east.kernel.sas().size() == 2);
    const auto children = wide.pair.east.engine().overview().ike_sas.at(0).children;
    REQUIRE(children.size() == 1);
    REQUIRE(children[0].selectors.size() == 1);
    CHECK(children[0].selectors[0].destination.to_text() == "10.1.0.0/24");
}

TEST_CASE("C08 attack: a response whose selectors are no part of the offer is not taken") {
    Pair pair;
    pair.world.filter = [&](ike::Transmit& datagram) {
        if (!is(datagram, ExchangeType::ike_auth, true)) return true;
        Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
        datagram.octets = changed_sealed(tap, datagram.octets, [](Parts& parts) {
            part(parts, PayloadType::traffic_selectors_responder).body = {
                1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 255, 255, 255, 255};
        });
        return true;
    };
    CHECK_FALSE(pair.connect());
    CHECK(pair.west.kernel.sas().empty());
    CHECK(pair.west.kernel.holds_only_standing());
}

TEST_CASE("C09 attack: configuration payloads in IKE_AUTH, broken and unasked") {
    for (const Bytes& body : {Bytes{1, 0, 0, 0, 0, 1, 0, 4, 10, 0, 0, 1}, Bytes{1, 0, 0, 0},
                              Bytes{3, 0, 0, 0, 0, 1, 0, 4, 10, 0, 0, 1}, Bytes{2, 0, 0, 0}}) {
        AuthAttempt attempt(
            [&](Parts& parts) { parts.push_back({PayloadType::configuration, body}); });
        CHECK(attempt.pair.east.engine().established_count() == 1);
    }
    for (const Bytes& body :
         {Bytes{}, Bytes{1}, Bytes{1, 0, 0, 0, 0, 1, 0xff, 0xff, 10}, Bytes{1, 0, 0, 0, 0}}) {
        AuthAttempt attempt(
            [&](Parts& parts) { parts.push_back({PayloadType::configuration, body}); });
        CHECK(attempt.is_refused());
    }
}

// A copy that is faster than the original would lead the tunnel to whoever made it.
TEST_CASE("C13 attack: IKE_AUTH from another address than IKE_SA_INIT proves nothing") {
    Pair pair;
    const Bytes good = auth_request(pair);
    for (const char* other : {"203.0.113.9", "192.0.2.3"})
        for (std::uint16_t port : {ike::ike_port, ike::nat_traversal_port})
            give_from(pair.world, pair.east, {address(other), port}, good);
    pair.east.handle(
        ike::DatagramReceived{{address("192.0.2.7"), 500}, {address("192.0.2.1"), 500}, good},
        pair.world.now());
    CHECK(pair.east.sent.empty());
    CHECK(pair.east.engine().established_count() == 0);
    give_from(pair.world, pair.east, {address("192.0.2.1"), 4500}, good);
    CHECK(pair.east.engine().established_count() == 1);
}
