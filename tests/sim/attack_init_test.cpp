// Attacks on IKE_SA_INIT: whatever stands in a first message or in its answer, nothing is left of
// it, nothing crashes, and a good peer gets in afterwards (run under the sanitizers as well).
#include <malloc.h>

#include "sim/forgery.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::KeyExchangeMethod;
using wire::NotifyType;
using wire::PayloadType;

namespace {

/// A transform, as octets.
Bytes transform_octets(std::uint8_t type, std::uint16_t id, bool is_last = false,
                       Bytes attributes = {}) {
    Bytes octets{static_cast<std::uint8_t>(is_last ? 0 : 3),
                 0,
                 0,
                 static_cast<std::uint8_t>(8 + attributes.size()),
                 type,
                 0,
                 static_cast<std::uint8_t>(id >> 8),
                 static_cast<std::uint8_t>(id)};
    octets.insert(octets.end(), attributes.begin(), attributes.end());
    return octets;
}

/// An SA payload of one proposal with these transforms.
Bytes proposal(const std::vector<Bytes>& transforms, std::uint8_t protocol = 1,
               std::uint8_t spi_size = 0) {
    Bytes octets{0, 0, 0, 0, 1, protocol, spi_size, static_cast<std::uint8_t>(transforms.size())};
    octets.resize(octets.size() + spi_size);
    for (const Bytes& one : transforms)
        octets.insert(octets.end(), one.begin(), one.end());
    store_big_endian(static_cast<std::uint16_t>(octets.size()), octets.data() + 2);
    return octets;
}

/// The key length attribute of a cipher.
Bytes key_bits(std::uint16_t bits) {
    return {0x80, 14, static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
}

/// AES-GCM-16 with 128 bits, PRF_HMAC_SHA2_256, group 31.
std::vector<Bytes> good_transforms() {
    return {transform_octets(1, 20, false, key_bits(128)), transform_octets(2, 5),
            transform_octets(4, 31, true)};
}

/// Gives east the call; true if an IKE SA came of it.
bool begins(Pair& pair, const Bytes& call) {
    give(pair, pair.east, call);
    pair.east.sent.clear();
    return pair.east.engine().half_open_count() > 0;
}

/// Gives east a call with another SA payload; true if an IKE SA came of it.
bool begins_with(Pair& pair, const Bytes& call, const Bytes& sa) {
    return begins(pair, changed_clear(call, [&](Parts& parts) {
                      part(parts, PayloadType::security_association).body = sa;
                  }));
}

Bytes public_value(KeyExchangeMethod method, Bytes value) {
    Bytes body(4);
    store_big_endian(std::to_underlying(method), body.data());
    body.insert(body.end(), value.begin(), value.end());
    return body;
}

/// West's call, answered by this instead of east; what comes of it after a while.
void answer_west(Pair& pair, const std::function<Bytes(const ike::Transmit&)>& forge) {
    pair.world.filter = [&pair, forge](ike::Transmit& datagram) {
        if (datagram.local.address != pair.east.address) return true;
        datagram.octets = forge(datagram);
        return true;
    };
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(negotiation_is_over);
    CHECK(pair.west.engine().established_count() == 0);
    CHECK(pair.west.engine().half_open_count() == 0);
    CHECK(pair.west.kernel.holds_only_standing());
}

}  // namespace

TEST_CASE("A03 A13 attack: each octet of a first message, one more and one less") {
    Pair pair;
    const Bytes call = lone_call();
    for (std::size_t i = 0; i < call.size(); ++i)
        for (std::uint8_t difference : Bytes{1, 255}) {
            INFO("octet " << i);
            Bytes bad = with_spi(call, 0x1000 + 2 * i + difference / 255);
            bad[i] = static_cast<std::uint8_t>(bad[i] + difference);
            give(pair, pair.east, bad);
            REQUIRE(pair.east.sent.size() <= 1);
            pair.east.sent.clear();
            if (pair.east.engine().half_open_count() > 4) pair.world.run_for(negotiation_is_over);
        }
    pair.world.run_for(negotiation_is_over);
    CHECK(pair.east.engine().half_open_count() == 0);
    CHECK(pair.connect());
}

TEST_CASE("A03 A13 attack: each octet of the answer to a first message, one more and one less") {
    std::size_t size = 0;
    {
        Pair pair;
        REQUIRE(pair.connect());
        size = pair.world.traffic[1].datagram.octets.size();
    }
    for (std::size_t i = 0; i < size; ++i) {
        INFO("octet " << i);
        Pair pair;
        pair.world.filter = [&](ike::Transmit& datagram) {
            if (is(datagram, ExchangeType::ike_sa_init, true) && i < datagram.octets.size())
                ++datagram.octets[i];
            return true;
        };
        pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
        pair.world.run_for(negotiation_is_over);
        CHECK(pair.west.engine().half_open_count() == 0);
        CHECK(pair.east.engine().half_open_count() == 0);
        // What is not covered by AUTH does not matter; what is, ends the negotiation.
        CHECK(pair.west.engine().established_count() == pair.east.engine().established_count());
    }
}

TEST_CASE("A04 A05 attack: twenty thousand malformed messages of fifty kinds leave nothing") {
    Pair pair;
    const Bytes call = lone_call();
    const auto attack = [&](std::uint64_t count) {
        for (std::uint64_t n = 0; n < count; ++n) {
            Bytes bad = with_spi(call, 0x1000 + n);
            const std::size_t kind = n % 50;
            bad[wire::Header::size + 4 * kind % (bad.size() - wire::Header::size)] ^= 0x55;
            if (kind % 5 == 0) bad.resize(bad.size() - kind);
            if (kind % 3 == 0) wire::finish_message(bad);
            give(pair, pair.east, bad);
            pair.east.sent.clear();
            pair.east.events.clear();
            pair.east.event_times.clear();
            pair.east.key_logs.clear();
            if (n % 50 == 0) pair.world.run_for(seconds(1));
        }
        pair.world.run_for(negotiation_is_over);
        pair.east.events.clear();
        pair.east.event_times.clear();
    };
    attack(1000);  // tables and free lists have their size
    const std::size_t before = mallinfo2().uordblks;
    attack(20'000);
    const std::size_t after = mallinfo2().uordblks;
    CHECK(after <= before + 64 * 1024);
    CHECK(pair.east.engine().half_open_count() == 0);
    CHECK(pair.east.engine().overview().timers <= 2);
    CHECK(pair.connect());  // at once
}

// Two runs give equal answers: there is nothing in them that was not put there.
TEST_CASE("A11 attack: answers hold no octet of old memory") {
    std::vector<std::vector<Bytes>> runs;
    for (int fill : {0x00, 0xaa}) {
        // What malloc gives out is filled differently.
        std::vector<Bytes> blocks;
        for (std::size_t i = 0; i < 2000; ++i)
            blocks.emplace_back(16 + i, static_cast<std::uint8_t>(fill));
        blocks.clear();
        Pair pair;
        set_daemon_options(pair, [](auto& options) { options.cookie_threshold = 0; });
        REQUIRE(pair.connect());
        auto& run = runs.emplace_back();
        for (const Flight& flight : pair.world.traffic)
            run.push_back(flight.datagram.octets);
    }
    CHECK(runs[0] == runs[1]);
}

TEST_CASE("A18 attack: headers that lie") {
    Pair pair;
    const Bytes call = lone_call();
    for (std::size_t size = 0; size < wire::Header::size; ++size)
        CHECK_FALSE(begins(pair, Bytes(call.begin(), call.begin() + static_cast<int>(size))));
    const auto length = static_cast<std::uint32_t>(call.size());
    for (std::uint32_t lie : {0U, 27U, length - 1, length + 1, length - 5, length + 5, 1U << 31}) {
        Bytes bad = call;
        store_big_endian(lie, bad.data() + wire::Header::length_at);
        CHECK_FALSE(begins(pair, bad));
    }
    for (std::uint8_t major : Bytes{0, 1}) {
        Bytes bad = call;
        bad[17] = static_cast<std::uint8_t>(major << 4);
        CHECK_FALSE(begins(pair, bad));
    }
    CHECK(pair.east.sent.empty());
}

TEST_CASE("A19 attack: public values that give the secret away, in both roles") {
    const Bytes zeros(32, 0);
    Bytes one(32, 0);
    one[0] = 1;
    for (const Bytes& value : {zeros, one}) {
        Pair pair;
        const Bytes call = lone_call();
        const auto bad = [&](Parts& parts) {
            part(parts, PayloadType::key_exchange).body =
                public_value(KeyExchangeMethod::curve25519, value);
        };
        give(pair, pair.east, changed_clear(call, bad));
        CHECK(pair.east.sent.empty());
        CHECK(pair.east.engine().half_open_count() == 0);
        CHECK(pair.east.reasons() == std::vector{Reason::invalid_key_exchange});
        Pair other;
        answer_west(other, [&](const ike::Transmit& datagram) {
            return changed_clear(datagram.octets, bad);
        });
        CHECK(other.west.reasons().front() == Reason::invalid_key_exchange);
    }
}

TEST_CASE("A20 attack: every group in a KE payload, and none that was not offered is taken") {
    Pair pair;
    const Bytes call = lone_call();
    for (std::uint32_t group = 0; group <= 0xffff; group += group < 2000 ? 1 : 97) {
        if (group == 31) continue;
        const Bytes bad = changed_clear(with_spi(call, 0x1000 + group), [&](Parts& parts) {
            store_big_endian(static_cast<std::uint16_t>(group),
                             part(parts, PayloadType::key_exchange).body.data());
        });
        give(pair, pair.east, bad);
        if (!pair.east.sent.empty())
            CHECK_FALSE(read_clear(pair.east.sent.front().octets).payloads.sa);
        pair.east.sent.clear();
        if (group % 50 == 0) pair.world.run_for(seconds(1));  // or it would be asked for cookies
    }
    CHECK(pair.east.engine().half_open_count() == 0);
    CHECK(pair.east.key_logs.empty());
}

TEST_CASE("A20 attack: INVALID_KE_PAYLOAD with data of a wrong size is not followed") {
    for (std::size_t size : {0U, 1U, 3U, 64U}) {
        Pair pair;
        answer_west(pair, [size](const ike::Transmit& datagram) {
            wire::Header header = header_of(datagram);
            header.spi_r = IkeSpi(0);
            return clear_message(header,
                                 {notify_part(NotifyType::invalid_ke_payload, Bytes(size))});
        });
        CHECK(pair.west.reasons() == std::vector{Reason::negotiation_timeout});
    }
}

TEST_CASE("A21 attack: public values of a wrong size, in both roles and for each suite") {
    for (const NamedSuite& suite : four_suites()) {
        const KeyExchangeMethod group = suite.spec.groups.front();
        Pair pair(suite.spec);
        const Bytes call = lone_call(suite.spec);
        const std::size_t right = read_clear(call).payloads.ke->data.size();
        for (std::size_t size : {std::size_t{0}, std::size_t{1}, right - 1, right + 1,
                                 std::size_t{5000}, std::size_t{65'000}}) {
            INFO(suite.name << " " << size);
            const auto bad = [&](Parts& parts) {
                part(parts, PayloadType::key_exchange).body = public_value(group, Bytes(size, 2));
            };
            CHECK_FALSE(begins(pair, changed_clear(call, bad)));
        }
        CHECK(pair.east.sent.empty());
        Pair other(suite.spec);
        answer_west(other, [&](const ike::Transmit& datagram) {
            return changed_clear(datagram.octets, [&](Parts& parts) {
                part(parts, PayloadType::key_exchange).body =
                    public_value(group, Bytes(right + 1, 2));
            });
        });
    }
}

TEST_CASE("A22 attack: proposals with something missing, twice, unknown or absurd") {
    Pair pair;
    const Bytes call = lone_call();
    REQUIRE(begins_with(pair, call, proposal(good_transforms())));
    pair.world.run_for(negotiation_is_over);
    const Bytes last = transform_octets(4, 31, true);
    for (const auto& transforms : std::vector<std::vector<Bytes>>{
             {last},
             {transform_octets(2, 5), last},
             {transform_octets(1, 20, false, key_bits(128)), last},
             {transform_octets(1, 20, false, key_bits(128)), transform_octets(2, 5, true)},
             {transform_octets(1, 0), transform_octets(2, 0), transform_octets(4, 0, true)},
             {transform_octets(1, 20), transform_octets(2, 5), last},
             {transform_octets(1, 20, false, key_bits(0)), transform_octets(2, 5), last},
             {transform_octets(1, 20, false, key_bits(1)), transform_octets(2, 5), last},
             {transform_octets(1, 20, false, key_bits(127)), transform_octets(2, 5), last},
             {transform_octets(1, 20, false, key_bits(65535)), transform_octets(2, 5), last},
             {transform_octets(1, 20, false, key_bits(128)), transform_octets(2, 5),
              transform_octets(3, 12), last},
             {transform_octets(1, 20, false, key_bits(128)), transform_octets(2, 5),
              transform_octets(77, 1), last},
             {transform_octets(1, 65535), transform_octets(2, 65535),
              transform_octets(4, 65535, true)}}) {
        CHECK_FALSE(begins_with(pair, call, proposal(transforms)));
        pair.world.run_for(seconds(1));
    }
    for (unsigned size = 1; size < 256; ++size)
        CHECK_FALSE(begins_with(pair, call,
                                proposal(good_transforms(), 1, static_cast<std::uint8_t>(size))));
    for (std::uint8_t protocol : Bytes{0, 2, 3, 4, 255})
        CHECK_FALSE(begins_with(pair, call, proposal(good_transforms(), protocol)));
    CHECK_FALSE(begins_with(pair, call, {}));
    CHECK(pair.east.key_logs.size() == 1);
    pair.world.run_for(negotiation_is_over);
    // Twice the same is one.
    auto twice = good_transforms();
    twice.insert(twice.begin(), twice.front());
    CHECK(begins_with(pair, call, proposal(twice)));
}

TEST_CASE("A23 attack: payloads of all types in a first message are skipped") {
    for (unsigned type = 1; type < 256; ++type) {
        const bool is_known = (type >= 33 && type <= 48) || type == 53;
        if (is_known) continue;
        INFO(type);
        Pair pair;
        const Bytes call = lone_call();
        CHECK(begins(pair, changed_clear(call, [type](Parts& parts) {
                         parts.insert(parts.begin(), {static_cast<PayloadType>(type), {1, 2, 3}});
                     })));
    }
}

TEST_CASE("A31 attack: every notify in a first message and in its answer") {
    for (std::uint32_t first = 1; first < 65536; first += 1 + first / 40) {
        const auto type = static_cast<NotifyType>(first);
        INFO(first);
        Pair pair;
        pair.world.filter = [&](ike::Transmit& datagram) {
            if (header_of(datagram).exchange != ExchangeType::ike_sa_init) return true;
            const bool is_answer = header_of(datagram).response;
            const bool matters = type == NotifyType::cookie ||
                                 type == NotifyType::invalid_ke_payload || wire::is_error(type);
            if (is_answer && matters) return true;
            datagram.octets = changed_clear(datagram.octets, [&](Parts& parts) {
                parts.push_back(notify_part(type, Bytes(first % 65, 7)));
            });
            return true;
        };
        pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
        pair.world.run_for(seconds(2));
        // What was added is covered by AUTH: nobody gets in, and nothing of it is left.
        pair.world.run_for(negotiation_is_over);
        CHECK(pair.west.engine().half_open_count() == 0);
        CHECK(pair.east.engine().half_open_count() == 0);
        CHECK(pair.east.engine().established_count() == 0);
    }
}

TEST_CASE("A33 attack: refusals carry no responder's SPI, and what uses one is dropped") {
    TunnelSpec spec;
    Pair pair(spec.phase1(), [] {
        TunnelSpec other = TunnelSpec{}.mirrored();
        other.groups = {KeyExchangeMethod::modp_2048};
        return other.phase1();
    }());
    const Bytes call = lone_call();
    give(pair, pair.east, call);
    const auto refused = take_sent(pair.east);
    REQUIRE(refused.size() == 1);
    CHECK(read_clear(refused[0]).header.spi_r == IkeSpi(0));
    for (std::uint64_t spi_r : {0ULL, 1ULL, 0x1122334455667788ULL}) {
        wire::Header header = read_clear(call).header;
        header.spi_r = IkeSpi(spi_r);
        header.exchange = ExchangeType::ike_auth;
        header.message_id = MessageId(1);
        give(pair, pair.east, clear_message(header, {{PayloadType::encrypted, Bytes(64)}}));
    }
    CHECK(pair.east.sent.empty());
    CHECK(pair.east.engine().half_open_count() == 0);
}

TEST_CASE("C02 attack: first messages with wrong SPIs, flags or IDs") {
    Pair pair;
    const Bytes call = lone_call();
    const wire::Header good = read_clear(call).header;
    const Parts parts = parts_of(read_clear(call));
    const auto is_nothing = [&](const wire::Header& header) {
        give(pair, pair.east, clear_message(header, parts));
        return pair.east.sent.empty() && pair.east.engine().half_open_count() == 0;
    };
    wire::Header header = good;
    header.spi_i = IkeSpi(0);
    CHECK(is_nothing(header));
    header = good;
    header.spi_r = IkeSpi(1);
    CHECK(is_nothing(header));
    header = good;
    header.initiator = false;
    CHECK(is_nothing(header));
    header = good;
    header.response = true;
    CHECK(is_nothing(header));
    for (std::uint32_t id : {1U, 2U, 0xffffffffU}) {
        header = good;
        header.message_id = MessageId(id);
        CHECK(is_nothing(header));
    }
    // Reserved flags mean nothing.
    Bytes reserved = clear_message(good, parts);
    reserved[19] |= 0xc7;
    CHECK(begins(pair, reserved));
}

TEST_CASE("C02 attack: our own request, sent back to us, is neither answered nor an answer") {
    Pair pair;
    const Bytes call = first_call(pair);
    give(pair, pair.west, call);
    Bytes as_response = call;
    as_response[19] |= 0x20;
    give(pair, pair.west, as_response);
    as_response[19] &= static_cast<std::uint8_t>(~0x08);
    give(pair, pair.west, as_response);
    CHECK(pair.west.sent.empty());
    CHECK(pair.west.engine().half_open_count() == 1);
    CHECK(pair.west.engine().established_count() == 0);
}

TEST_CASE("C05 C07 attack: payloads twice, and thousands of them") {
    Pair pair;
    const Bytes call = lone_call();
    for (PayloadType type :
         {PayloadType::security_association, PayloadType::key_exchange, PayloadType::nonce})
        CHECK_FALSE(begins(pair, changed_clear(call, [type](Parts& parts) {
                               parts.push_back(part(parts, type));
                           })));
    for (PayloadType type : {PayloadType::vendor_id, PayloadType::certificate_request,
                             PayloadType::notify, PayloadType::nonce}) {
        const Bytes many = changed_clear(call, [type](Parts& parts) {
            for (int i = 0; i < 1000; ++i)
                parts.push_back({type, Bytes{0, 0, 0x40, 0x20}});
        });
        CHECK_FALSE(begins(pair, many));
    }
    for (std::size_t size : {0U, 15U, 257U})
        CHECK_FALSE(begins(pair, changed_clear(call, [size](Parts& parts) {
                               part(parts, PayloadType::nonce).body = Bytes(size, 1);
                           })));
    CHECK(pair.east.sent.empty());
    for (std::size_t size : {16U, 256U}) {
        CHECK(begins(pair, changed_clear(with_spi(call, size), [size](Parts& parts) {
                         part(parts, PayloadType::nonce).body = Bytes(size, 1);
                     })));
    }
}
