// RFC 7383 sections 2.5 and 2.5.1.
#include "ike/fragmentation.hpp"

#include <algorithm>
#include <set>

#include "support/catch.hpp"
#include "unit/ike/ends.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;

namespace {

constexpr std::size_t ipv4_and_udp = 20 + 8 + 4;
constexpr std::size_t ipv6_and_udp = 40 + 8 + 4;

wire::EncryptedFragmentPayload fragment_of(const Bytes& datagram) {
    const auto header = wire::Header::parse(datagram);
    REQUIRE(header);
    const auto payloads =
        wire::parse_payloads(header->next_payload, ByteView(datagram).subspan(wire::Header::size));
    REQUIRE(payloads);
    REQUIRE(payloads->encrypted_fragment);
    return *payloads->encrypted_fragment;
}

bool is_fragment(const Bytes& datagram) {
    return datagram[wire::Header::next_payload_at] ==
           std::to_underlying(wire::PayloadType::encrypted_fragment);
}

std::size_t largest(const Datagrams& datagrams) {
    std::size_t most = 0;
    for (const Bytes& datagram : datagrams)
        most = std::max(most, datagram.size());
    return most;
}

/// Gives all to the responder; the size of the notify that came out, if a message did.
std::optional<std::size_t> join(Ends& ends, const Datagrams& datagrams) {
    std::optional<std::size_t> size;
    for (Bytes datagram : datagrams)
        if (const auto message = ends.open(datagram); message && message->payloads)
            size = message->payloads->notifies.at(0).data.size();
    return size;
}

}  // namespace

TEST_CASE("fragmentation: what one end cuts the other joins, whatever the size") {
    for (const auto& suite : {gcm_suite, cbc_suite}) {
        for (const std::uint16_t mtu : {std::uint16_t{500}, std::uint16_t{1200}}) {
            Ends ends(suite);
            ends.agree_on_fragments(mtu);
            for (std::size_t size = 0; size < 4000; size += size < 1300 ? 1 : 97) {
                const Datagrams datagrams = ends.datagrams(size);
                REQUIRE(largest(datagrams) + ipv4_and_udp <= mtu);
                REQUIRE(is_fragment(datagrams[0]) == (datagrams.size() > 1));
                REQUIRE(join(ends, datagrams) == size);
            }
        }
    }
}

TEST_CASE("fragmentation: a message that fits is one datagram, an octet more and it is two") {
    Ends ends(gcm_suite);
    ends.agree_on_fragments(1200);
    std::size_t size = 0;
    while (ends.datagrams(size).size() == 1)
        ++size;
    CHECK(ends.datagrams(size - 1)[0].size() == 1200 - ipv4_and_udp);
    CHECK(ends.datagrams(size).size() == 2);
}

TEST_CASE("fragmentation: the headers of IPv6 are counted") {
    Ends ends(cbc_suite);
    ends.agree_on_fragments(1280);
    ends.meet("2001:db8::1");
    const Datagrams datagrams = ends.datagrams(5000);
    CHECK(largest(datagrams) + ipv6_and_udp <= 1280);
    CHECK(largest(datagrams) + ipv6_and_udp > 1280 - 16);
}

TEST_CASE("fragmentation: without the peer's word everything is one datagram") {
    Ends ends(gcm_suite);
    CHECK(ends.datagrams(30000).size() == 1);
}

// Section 2.5.
TEST_CASE("fragmentation: numbers from 1 to the total, the first one names what is inside") {
    Ends ends(gcm_suite);
    ends.agree_on_fragments(576);
    const Datagrams datagrams = ends.datagrams(3000);
    REQUIRE(datagrams.size() > 4);
    std::set<Bytes> ivs;
    for (std::size_t i = 0; i < datagrams.size(); ++i) {
        const auto fragment = fragment_of(datagrams[i]);
        CHECK(fragment.number == i + 1);
        CHECK(fragment.total == datagrams.size());
        CHECK(fragment.first_inner ==
              (i == 0 ? wire::PayloadType::notify : wire::PayloadType::none));
        const auto header = wire::Header::parse(datagrams[i]);
        CHECK(header->message_id == MessageId(0));
        CHECK(header->exchange == wire::ExchangeType::informational);
        ivs.insert(to_bytes(fragment.body.first(8)));
    }
    CHECK(ivs.size() == datagrams.size());
}

TEST_CASE(
    "fragmentation: F08, what nobody gets goes out smaller, as more fragments and new octets") {
    for (const auto& suite : {gcm_suite, cbc_suite}) {
        Ends ends(suite);
        ends.agree_on_fragments(1200);
        for (const std::size_t size : {900UL, 8000UL}) {
            ends.initiator.fragmentation.path_mtu = 1200;
            const Datagrams before = ends.datagrams(size);
            const auto after = fragmentation::smaller(ends.initiator, before, ends.context);
            REQUIRE(after);
            CHECK(after->size() > before.size());
            CHECK(largest(*after) + ipv4_and_udp <= 576);
            CHECK(join(ends, *after) == size);
            CHECK_FALSE(fragmentation::smaller(ends.initiator, *after, ends.context));
            // What comes after is no larger.
            CHECK(largest(ends.datagrams(size)) + ipv4_and_udp <= 576);
        }
    }
}

TEST_CASE("fragmentation: F08, over IPv6 nothing is cut below 1280") {
    Ends ends(gcm_suite);
    ends.meet("2001:db8::1");
    ends.agree_on_fragments(1200);
    CHECK_FALSE(fragmentation::smaller(ends.initiator, ends.datagrams(8000), ends.context));
    ends.agree_on_fragments(9000);
    const auto after = fragmentation::smaller(ends.initiator, ends.datagrams(8000), ends.context);
    REQUIRE(after);
    CHECK(largest(*after) + ipv6_and_udp <= 1280);
    CHECK(largest(*after) + ipv6_and_udp > 1270);
}

TEST_CASE("fragmentation: F08, small messages, clear text and peers that cannot join stay") {
    Ends ends(gcm_suite);
    CHECK_FALSE(fragmentation::smaller(ends.initiator, ends.datagrams(900), ends.context));
    ends.agree_on_fragments(1200);
    CHECK_FALSE(fragmentation::smaller(ends.initiator, ends.datagrams(100), ends.context));
    Bytes clear;
    wire::Header().append_to(clear);
    clear.resize(900);
    CHECK_FALSE(fragmentation::smaller(ends.initiator, one_datagram(clear), ends.context));
    // The peer keeps to the larger total: a finer cut into as many is of no use.
    ends.agree_on_fragments(580);
    CHECK_FALSE(fragmentation::smaller(ends.initiator, ends.datagrams(600), ends.context));
}

TEST_CASE("fragmentation: the peer's smaller fragments show what the path carries") {
    Ends ends(gcm_suite);
    ends.agree_on_fragments(1200);
    fragmentation::on_fragments_of_peer(ends.initiator, 1400);
    CHECK(fragmentation::largest_message(ends.initiator) == 1200 - ipv4_and_udp);
    fragmentation::on_fragments_of_peer(ends.initiator, 800);
    CHECK(fragmentation::largest_message(ends.initiator) == 800);
    fragmentation::on_fragments_of_peer(ends.initiator, 900);
    CHECK(fragmentation::largest_message(ends.initiator) == 800);
    fragmentation::on_fragments_of_peer(ends.initiator, 40);
    CHECK(fragmentation::largest_message(ends.initiator) == 576 - ipv4_and_udp);
}
