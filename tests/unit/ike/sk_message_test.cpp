// RFC 7296 section 3.14; RFC 5282.
#include "ike/sk_message.hpp"

#include "support/catch.hpp"
#include "unit/ike/ends.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;
using wire::ExchangeType;

namespace {

using Result = std::expected<AuthenticMessage, Unopened>;

bool is_not_authentic(const Result& result) {
    return !result && result.error() == Unopened::refused;
}

bool is_parse_error(const Result& result) {
    return result && !result->payloads;
}

}  // namespace

TEST_CASE("SK message: what one end seals the other opens, whatever the padding") {
    for (const auto& suite : {gcm_suite, cbc_suite}) {
        Ends ends(suite);
        for (std::size_t size = 0; size < 40; ++size) {
            Bytes octets = ends.request(size);
            const auto header = wire::Header::parse(octets);
            REQUIRE(header);
            CHECK(header->initiator);
            CHECK_FALSE(header->response);
            const auto message = ends.open(octets);
            REQUIRE(message);
            REQUIRE(message->payloads);
            REQUIRE(message->payloads->notifies.size() == 1);
            CHECK(equal_bytes(message->payloads->notifies[0].data, Bytes(size, 0x5a)));
        }
    }
}

TEST_CASE("SK message: CBC is padded to whole blocks, AEAD not at all") {
    Ends with_cbc(cbc_suite);
    Ends with_gcm(gcm_suite);
    constexpr std::size_t around = wire::Header::size + wire::generic_header_size;
    for (std::size_t size = 0; size < 20; ++size) {
        CHECK((with_cbc.request(size).size() - around - 16) % 16 == 0);
        CHECK(with_gcm.request(size).size() == around + 8 + (8 + size) + 1 + 16);
    }
}

// "The Initialization Vector ... the encryptor MUST generate a unique IV" (RFC 5282 section 3.1).
TEST_CASE("SK message: an AEAD IV never comes twice, a CBC IV is new each time") {
    for (const auto& suite : {gcm_suite, cbc_suite}) {
        Ends ends(suite);
        const Bytes one = ends.request(4);
        const Bytes two = ends.request(4);
        const auto iv = [](const Bytes& octets) { return ByteView(octets).subspan(32, 8); };
        CHECK_FALSE(equal_bytes(iv(one), iv(two)));
    }
}

TEST_CASE("SK message: each octet changed is not authentic") {
    for (const auto& suite : {gcm_suite, cbc_suite}) {
        Ends ends(suite);
        const Bytes good = ends.request(5);
        const auto header = *wire::Header::parse(good);
        for (std::size_t i = 0; i < good.size(); ++i) {
            Bytes bad = good;
            bad[i] ^= 0x40;
            CHECK(is_not_authentic(open_message(ends.responder, header, bad, ends.context)));
        }
    }
}

TEST_CASE("SK message: nobody can send an end its own messages back") {
    Ends ends(gcm_suite);
    Bytes octets = ends.request(5);
    const auto header = *wire::Header::parse(octets);
    CHECK(is_not_authentic(open_message(ends.initiator, header, octets, ends.context)));
}

TEST_CASE("SK message: a message in clear text, or cut short, is not authentic") {
    for (const auto& suite : {gcm_suite, cbc_suite}) {
        Ends ends(suite);
        const Bytes good = ends.request(5);
        for (std::size_t size = wire::Header::size; size < good.size(); ++size) {
            Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
            wire::finish_message(cut);
            CHECK(is_not_authentic(ends.open(cut)));
        }
        Bytes clear;
        wire::Header header;
        header.append_to(clear);
        wire::ChainWriter(clear, wire::Header::next_payload_at).add(wire::NotifyPayload{});
        wire::finish_message(clear);
        CHECK(is_not_authentic(ends.open(clear)));
    }
}

// "Pad Length ... Receivers MUST accept any value" within the payload (section 3.14).
TEST_CASE("SK message: padding of any length and content is taken, a longer one is a parse error") {
    Ends ends(gcm_suite);
    Bytes padded(9, 0xee);
    padded.back() = 8;
    Bytes good = ends.seal(wire::PayloadType::none, padded);
    CHECK(ends.open(good)->payloads);
    padded.back() = 9;
    Bytes too_long = ends.seal(wire::PayloadType::none, padded);
    CHECK(is_parse_error(ends.open(too_long)));
    Bytes empty = ends.seal(wire::PayloadType::none, {});
    CHECK(is_parse_error(ends.open(empty)));
}

TEST_CASE("SK message: authentic octets that are no payloads are a parse error") {
    Ends ends(gcm_suite);
    Bytes broken = ends.seal(wire::PayloadType::notify, Bytes{0, 0, 0, 99, 0});
    CHECK(is_parse_error(ends.open(broken)));
    // "SK{SK{...}}" is no message.
    Bytes nested = ends.seal(wire::PayloadType::encrypted, Bytes{0, 0, 0, 5, 1, 0});
    CHECK(is_parse_error(ends.open(nested)));
}

TEST_CASE("SK message: a response repeats the request's exchange and message ID") {
    Ends ends(gcm_suite);
    const Bytes request = ends.request(0);
    auto header = *wire::Header::parse(request);
    header.message_id = MessageId(5);
    SkMessageWriter message = SkMessageWriter::response(ends.responder, header, ends.context);
    const auto answer = *wire::Header::parse(message.seal().front());
    CHECK(answer.response);
    CHECK_FALSE(answer.initiator);
    CHECK(answer.message_id == MessageId(5));
    CHECK(answer.exchange == ExchangeType::informational);
    CHECK(answer.spi_i == IkeSpi(11));
    CHECK(answer.spi_r == IkeSpi(22));
}
