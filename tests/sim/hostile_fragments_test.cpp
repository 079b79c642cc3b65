// Fragments that nobody of ours would send (RFC 7383 section 2.6).
#include <numeric>

#include "ike/reassembly.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::NotifyType;
using wire::PayloadType;
using Piece = Wiretap::Piece;

namespace {

/// An established pair, and a request of west's under the next message ID: it stands for itself by
/// one notify of 300 octets, in three fragments.
struct Victim {
    Victim() : tap(pair.world.library(), connected().west.key_logs[0]) {
        wire::NotifyPayload notify;
        notify.notify_type = NotifyType::cookie2;
        const Bytes data(292, 0x77);
        notify.data = data;
        Bytes chain(1);
        wire::ChainWriter(chain, 0).add(notify);
        chain.erase(chain.begin());
        plain = chain;
    }

    Pair& connected() {
        REQUIRE(pair.connect());
        return pair;
    }

    wire::Header header(std::uint32_t id = 2) const {
        return tap.request(ExchangeType::informational, id, true);
    }

    /// One of `total` pieces of about equal size.
    Piece piece(std::uint16_t number, std::uint16_t total) const {
        const std::size_t size = (plain.size() + total - 1U) / total;
        const std::size_t begin = std::min((number - 1U) * size, plain.size());
        const std::size_t end = std::min(begin + size, plain.size());
        return {number, total, number == 1 ? PayloadType::notify : PayloadType::none,
                to_bytes(ByteView(plain).subspan(begin, end - begin))};
    }

    Bytes fragment(std::uint16_t number, std::uint16_t total, std::uint32_t id = 2) {
        return tap.seal_fragment(header(id), piece(number, total));
    }

    /// East gets it: how many datagrams it answers with.
    std::size_t answers(const Bytes& datagram) {
        give(pair, pair.east, datagram);
        return take_sent(pair.east).size();
    }

    /// The good message goes through, and the tunnel is there.
    void check_still_joins(std::uint32_t id = 2) {
        CHECK(answers(fragment(1, 3, id)) == 0);
        CHECK(answers(fragment(2, 3, id)) == 0);
        CHECK(answers(fragment(3, 3, id)) == 1);
        CHECK(pair.east.engine().established_count() == 1);
    }

    Pair pair;
    Wiretap tap;
    Bytes plain;
};

}  // namespace

TEST_CASE("hostile fragments: C01: honest ones are joined in any order") {
    std::vector<std::uint16_t> order{1, 2, 3, 4};
    std::uint32_t id = 2;
    Victim victim;
    do {
        for (std::size_t i = 0; i < order.size(); ++i)
            REQUIRE(victim.answers(victim.fragment(order[i], 4, id)) == (i == 3 ? 1 : 0));
        ++id;
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("hostile fragments: C01: impossible numbers are nothing") {
    Victim victim;
    const auto odd = [&](std::uint16_t number, std::uint16_t total, PayloadType first) {
        return victim.tap.seal_fragment(victim.header(), {number, total, first, victim.plain});
    };
    CHECK(victim.answers(odd(0, 0, PayloadType::notify)) == 0);
    CHECK(victim.answers(odd(1, 0, PayloadType::notify)) == 0);
    CHECK(victim.answers(odd(0, 1, PayloadType::notify)) == 0);
    CHECK(victim.answers(odd(2, 1, PayloadType::none)) == 0);
    CHECK(victim.answers(odd(2, 2, PayloadType::notify)) == 0);
    CHECK(victim.answers(odd(1, 65, PayloadType::notify)) == 0);
    CHECK(victim.answers(odd(1, 65535, PayloadType::notify)) == 0);
    CHECK(victim.answers(odd(65535, 65535, PayloadType::none)) == 0);
    victim.check_still_joins();
}

TEST_CASE("hostile fragments: C01: 64 are joined") {
    Victim victim;
    for (std::uint16_t number = 64; number > 1; --number)
        CHECK(victim.answers(victim.fragment(number, 64)) == 0);
    CHECK(victim.answers(victim.fragment(1, 64)) == 1);
}

TEST_CASE("hostile fragments: C01: one in one piece is a message") {
    Victim victim;
    CHECK(victim.answers(victim.fragment(1, 1)) == 1);
}

TEST_CASE("hostile fragments: C01: nothing is kept of what is not authentic") {
    Victim victim;
    CHECK(victim.answers(victim.fragment(1, 3)) == 0);
    const Bytes good = victim.fragment(2, 3);
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const unsigned bit : {0x01U, 0x80U}) {
            Bytes bad = good;
            bad[i] ^= static_cast<std::uint8_t>(bit);
            give(victim.pair, victim.pair.east, bad);
        }
    }
    // Another major version is answered, as by anybody.
    take_sent(victim.pair.east);
    CHECK(victim.answers(victim.fragment(3, 3)) == 0);
    CHECK(victim.answers(good) == 1);
}

TEST_CASE("hostile fragments: C01: a total that shrinks is nothing, one that grows begins anew") {
    Victim victim;
    CHECK(victim.answers(victim.fragment(1, 3)) == 0);
    CHECK(victim.answers(victim.fragment(1, 2)) == 0);
    CHECK(victim.answers(victim.fragment(2, 2)) == 0);
    CHECK(victim.answers(victim.fragment(2, 3)) == 0);
    CHECK(victim.answers(victim.fragment(1, 4)) == 0);
    CHECK(victim.answers(victim.fragment(3, 3)) == 0);
    CHECK(victim.answers(victim.fragment(2, 4)) == 0);
    CHECK(victim.answers(victim.fragment(3, 4)) == 0);
    CHECK(victim.answers(victim.fragment(4, 4)) == 1);
}

TEST_CASE("hostile fragments: C01: the first of two with one number counts") {
    Victim victim;
    Piece other = victim.piece(1, 2);
    other.plain.assign(other.plain.size(), 0xff);  // no payload at all
    CHECK(victim.answers(victim.fragment(1, 2)) == 0);
    CHECK(victim.answers(victim.tap.seal_fragment(victim.header(), other)) == 0);
    CHECK(victim.answers(victim.fragment(2, 2)) == 1);
    CHECK(victim.pair.east.engine().established_count() == 1);
}

TEST_CASE("hostile fragments: C01: a gap that is never filled is forgotten after 30 s") {
    Victim victim;
    CHECK(victim.answers(victim.fragment(1, 2)) == 0);
    victim.pair.world.run_for(seconds(31));
    take_sent(victim.pair.east);
    CHECK(victim.answers(victim.fragment(2, 2)) == 0);
    CHECK(victim.answers(victim.fragment(1, 2)) == 1);
}

TEST_CASE("hostile fragments: C01: of two message IDs only the next one is heard") {
    Victim victim;
    CHECK(victim.answers(victim.fragment(1, 2)) == 0);
    for (std::uint32_t id : {0U, 3U, 4U, 0xffffffffU}) {
        CHECK(victim.answers(victim.fragment(1, 2, id)) == 0);
        CHECK(victim.answers(victim.fragment(2, 2, id)) == 0);
    }
    // The one before was answered: its sender may have cut it anew, and hears the answer again.
    CHECK(victim.answers(victim.fragment(2, 2, 1)) == 0);
    CHECK(victim.answers(victim.fragment(1, 2, 1)) == 1);
    CHECK(victim.answers(victim.fragment(2, 2)) == 1);
}

TEST_CASE("hostile fragments: C01: a message in one datagram comes before its fragments") {
    Victim victim;
    CHECK(victim.answers(victim.fragment(1, 2)) == 0);
    CHECK(victim.answers(victim.tap.seal(victim.header(), [](wire::ChainWriter&) {})) == 1);
    CHECK(victim.answers(victim.fragment(2, 2)) == 0);
    victim.check_still_joins(3);
}

TEST_CASE("hostile fragments: A08, C01: more than 64 KiB are dropped at once") {
    Victim victim;
    const auto large = [&](std::uint16_t number) {
        return victim.tap.seal_fragment(victim.header(),
                                        {number, 3, PayloadType::none, Bytes(30000)});
    };
    for (std::uint16_t number = 1; number <= 3; ++number)
        CHECK(victim.answers(large(number)) == 0);
    victim.check_still_joins();
}

TEST_CASE("hostile fragments: C01: before both ends agreed they are nothing") {
    const TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.fragmentation = false;
    Pair pair(spec.phase1(), east);
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    give(pair, pair.east, tap.seal_fragment(tap.request(ExchangeType::informational, 2, true), {}));
    CHECK(take_sent(pair.east).empty());
}

TEST_CASE("hostile fragments: C01: a caller who has proved nothing gets 32 KiB") {
    Pair pair;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.step();
    pair.world.step();
    Wiretap tap(pair.world.library(), pair.east.key_logs[0]);
    const wire::Header header = tap.request(ExchangeType::ike_auth, 1, true);
    const auto large = [&](std::uint16_t number, std::size_t size) {
        return tap.seal_fragment(header, {number, 3, PayloadType::none, Bytes(size)});
    };
    // The second one is too much, so that the first is forgotten, too.
    give(pair, pair.east, large(1, 20000));
    give(pair, pair.east, large(2, 20000));
    give(pair, pair.east, large(2, 10));
    give(pair, pair.east, large(3, 10));
    CHECK(take_sent(pair.east).empty());
    pair.world.run_for(seconds(5));
    CHECK(pair.is_up());
}

TEST_CASE("hostile fragments: A08: bodies too short for vector and check value are nothing") {
    Victim victim;
    for (std::size_t size = 0; size < 40; ++size) {
        Bytes datagram;
        wire::Header header = victim.header();
        header.append_to(datagram);
        wire::ChainWriter chain(datagram, wire::Header::next_payload_at);
        const Bytes body(size, 1);
        const std::size_t at = chain.begin(PayloadType::encrypted_fragment);
        datagram.insert(datagram.end(), body.begin(), body.end());
        chain.end(at);
        wire::finish_message(datagram);
        CHECK(victim.answers(datagram) == 0);
    }
    victim.check_still_joins();
}

TEST_CASE("hostile fragments: A09: nothing stands behind SKF, and no SK beside it") {
    Victim victim;
    Bytes behind = victim.fragment(1, 1);
    behind.insert(behind.end(), {0, 0, 0, 4});
    wire::finish_message(behind);
    CHECK(victim.answers(behind) == 0);
    // SKF as a payload inside of what was joined.
    const Bytes nested{0, 0, 0, 9, 0, 1, 0, 1, 0};
    const Bytes message =
        victim.tap.seal_fragment(victim.header(), {1, 1, PayloadType::encrypted_fragment, nested});
    CHECK(victim.answers(message) == 1);
    CHECK(victim.pair.east.reasons().back() == Reason::invalid_syntax);
}

TEST_CASE("hostile fragments: C02: an end's own fragments come back to it in vain") {
    Victim victim;
    for (std::uint16_t number = 1; number <= 3; ++number) {
        give(victim.pair, victim.pair.west, victim.fragment(number, 3));
        CHECK(take_sent(victim.pair.west).empty());
    }
}

TEST_CASE("hostile fragments: C04: joined nonsense is answered and ends the IKE SA") {
    Victim victim;
    Piece first = victim.piece(1, 2);
    first.plain[3] ^= 1;  // the payload's length
    CHECK(victim.answers(victim.tap.seal_fragment(victim.header(), first)) == 0);
    CHECK(victim.answers(victim.fragment(2, 2)) == 1);
    CHECK(victim.pair.east.engine().established_count() == 0);
    CHECK(victim.pair.east.reasons().back() == Reason::invalid_syntax);
}

TEST_CASE("hostile fragments: C01: a response in fragments, with a forged one among them") {
    Victim victim;
    Pair& pair = victim.pair;
    pair.world.hold();
    pair.west.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, pair.world.now());
    REQUIRE(pair.world.in_flight().size() == 1);
    wire::Header header = pair.world.in_flight()[0].header();
    header.response = true;
    header.initiator = false;
    wire::NotifyPayload refusal;
    refusal.notify_type = NotifyType::temporary_failure;
    Bytes chain(1);
    wire::ChainWriter(chain, 0).add(refusal);
    const Bytes plain(chain.begin() + 1, chain.end());
    const auto half = [&](std::uint16_t number, Bytes content) {
        return victim.tap.seal_fragment(
            header,
            {number, 2, number == 1 ? PayloadType::notify : PayloadType::none, std::move(content)});
    };
    Bytes forged = half(2, Bytes(4));
    forged.back() ^= 1;
    give(pair, pair.west, half(1, Bytes(plain.begin(), plain.begin() + 4)));
    give(pair, pair.west, forged);
    CHECK_FALSE(pair.west.logged("TEMPORARY_FAILURE"));
    give(pair, pair.west, half(2, Bytes(plain.begin() + 4, plain.end())));
    pair.world.drop(from(pair.west));
    // The answer was heard: nothing goes out at 3 s, and another try follows.
    pair.world.run_for(seconds(4));
    CHECK(pair.world.in_flight().empty());
    CHECK(pair.west.engine().established_count() == 1);
}
