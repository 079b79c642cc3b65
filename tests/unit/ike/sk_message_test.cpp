// RFC 7296 section 3.14; RFC 5282.
#include "ike/sk_message.hpp"

#include "crypto/protection.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using wire::ExchangeType;

namespace {

const crypto::IkeSuite gcm{{wire::EncryptionId::aes_gcm_16, 128},
                           wire::IntegrityId::none,
                           wire::PrfId::hmac_sha2_256,
                           wire::KeyExchangeMethod::curve25519};
const crypto::IkeSuite cbc{{wire::EncryptionId::aes_cbc, 256},
                           wire::IntegrityId::hmac_sha2_256_128,
                           wire::PrfId::hmac_sha2_256,
                           wire::KeyExchangeMethod::modp_2048};

/// The two ends of one established IKE SA.
struct Ends {
    explicit Ends(const crypto::IkeSuite& suite) {
        for (IkeSa* sa : {&initiator, &responder}) {
            sa->suite = suite;
            sa->state = Established{keys(suite)};
        }
    }

    Session keys(const crypto::IkeSuite& suite) const {
        const Bytes secret(32, 7);
        const Bytes nonce(32, 8);
        return {
            crypto::derive_ike_keys(library, suite, secret, {nonce, nonce, IkeSpi(11), IkeSpi(22)}),
            0};
    }

    /// A request of the initiator with one notify of `size` octets of data.
    Bytes request(std::size_t size) {
        const Bytes data(size, 0x5a);
        SkMessageWriter message =
            SkMessageWriter::request(initiator, ExchangeType::informational, context);
        wire::NotifyPayload notify;
        notify.notify_type = wire::NotifyType::cookie2;
        notify.data = data;
        message.inner().add(notify);
        return message.seal();
    }

    std::expected<wire::Payloads, SkError> open(Bytes& octets) {
        return open_sk_message(responder, *wire::Header::parse(octets), octets, context);
    }

    /// Seals octets of a test's choice as the initiator would.
    Bytes seal(wire::PayloadType first, ByteView plain) {
        const crypto::Protection protection(library, initiator.suite.cipher,
                                            initiator.suite.integrity);
        Bytes octets;
        wire::Header header;
        header.spi_i = IkeSpi(11);
        header.spi_r = IkeSpi(22);
        header.exchange = ExchangeType::informational;
        header.initiator = true;
        header.append_to(octets);
        wire::ChainWriter outer(octets, wire::Header::next_payload_at);
        const std::size_t sk = outer.begin(wire::PayloadType::encrypted);
        octets[sk] = std::to_underlying(first);
        const std::size_t body_at = octets.size();
        octets.insert(octets.end(), protection.iv_size(), 0x33);
        octets.insert(octets.end(), plain.begin(), plain.end());
        octets.insert(octets.end(), protection.icv_size(), 0);
        outer.end(sk);
        wire::finish_message(octets);
        const crypto::IkeKeys& k = initiator.session()->keys;
        REQUIRE(protection.seal({k.sk_ei.view(), k.sk_ai.view()}, octets, body_at));
        return octets;
    }

    crypto::Library library;
    test::SeededRandom random{1};
    EngineContext context{library, random, {}};
    IkeSa initiator{Role::initiator, IkeSpi(11), IkeSpi(22), {}, {}, Dead{}};
    IkeSa responder{Role::responder, IkeSpi(11), IkeSpi(22), {}, {}, Dead{}};
};

bool is_not_authentic(const std::expected<wire::Payloads, SkError>& result) {
    return !result && std::holds_alternative<NotAuthentic>(result.error());
}

bool is_parse_error(const std::expected<wire::Payloads, SkError>& result) {
    return !result && std::holds_alternative<wire::ParseError>(result.error());
}

}  // namespace

TEST_CASE("SK message: what one end seals the other opens, whatever the padding") {
    for (const auto& suite : {gcm, cbc}) {
        Ends ends(suite);
        for (std::size_t size = 0; size < 40; ++size) {
            Bytes octets = ends.request(size);
            const auto header = wire::Header::parse(octets);
            REQUIRE(header);
            CHECK(header->initiator);
            CHECK_FALSE(header->response);
            const auto payloads = ends.open(octets);
            REQUIRE(payloads);
            REQUIRE(payloads->notifies.size() == 1);
            CHECK(equal_bytes(payloads->notifies[0].data, Bytes(size, 0x5a)));
        }
    }
}

TEST_CASE("SK message: CBC is padded to whole blocks, AEAD not at all") {
    Ends with_cbc(cbc);
    Ends with_gcm(gcm);
    constexpr std::size_t around = wire::Header::size + wire::generic_header_size;
    for (std::size_t size = 0; size < 20; ++size) {
        CHECK((with_cbc.request(size).size() - around - 16) % 16 == 0);
        CHECK(with_gcm.request(size).size() == around + 8 + (8 + size) + 1 + 16);
    }
}

// "The Initialization Vector ... the encryptor MUST generate a unique IV" (RFC 5282 section 3.1).
TEST_CASE("SK message: an AEAD IV never comes twice, a CBC IV is new each time") {
    for (const auto& suite : {gcm, cbc}) {
        Ends ends(suite);
        const Bytes one = ends.request(4);
        const Bytes two = ends.request(4);
        const auto iv = [](const Bytes& octets) { return ByteView(octets).subspan(32, 8); };
        CHECK_FALSE(equal_bytes(iv(one), iv(two)));
    }
}

TEST_CASE("SK message: each octet changed is not authentic") {
    for (const auto& suite : {gcm, cbc}) {
        Ends ends(suite);
        const Bytes good = ends.request(5);
        const auto header = *wire::Header::parse(good);
        for (std::size_t i = 0; i < good.size(); ++i) {
            Bytes bad = good;
            bad[i] ^= 0x40;
            CHECK(is_not_authentic(open_sk_message(ends.responder, header, bad, ends.context)));
        }
    }
}

TEST_CASE("SK message: nobody can send an end its own messages back") {
    Ends ends(gcm);
    Bytes octets = ends.request(5);
    const auto header = *wire::Header::parse(octets);
    CHECK(is_not_authentic(open_sk_message(ends.initiator, header, octets, ends.context)));
}

TEST_CASE("SK message: a message in clear text, or cut short, is not authentic") {
    for (const auto& suite : {gcm, cbc}) {
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
    Ends ends(gcm);
    Bytes padded(9, 0xee);
    padded.back() = 8;
    Bytes good = ends.seal(wire::PayloadType::none, padded);
    CHECK(ends.open(good));
    padded.back() = 9;
    Bytes too_long = ends.seal(wire::PayloadType::none, padded);
    CHECK(is_parse_error(ends.open(too_long)));
    Bytes empty = ends.seal(wire::PayloadType::none, {});
    CHECK_FALSE(ends.open(empty));
}

TEST_CASE("SK message: authentic octets that are no payloads are a parse error") {
    Ends ends(gcm);
    Bytes broken = ends.seal(wire::PayloadType::notify, Bytes{0, 0, 0, 99, 0});
    CHECK(is_parse_error(ends.open(broken)));
    // "SK{SK{...}}" is no message.
    Bytes nested = ends.seal(wire::PayloadType::encrypted, Bytes{0, 0, 0, 5, 1, 0});
    CHECK(is_parse_error(ends.open(nested)));
}

TEST_CASE("SK message: a response repeats the request's exchange and message ID") {
    Ends ends(gcm);
    const Bytes request = ends.request(0);
    auto header = *wire::Header::parse(request);
    header.message_id = MessageId(5);
    SkMessageWriter message = SkMessageWriter::response(ends.responder, header, ends.context);
    const auto answer = *wire::Header::parse(message.seal());
    CHECK(answer.response);
    CHECK_FALSE(answer.initiator);
    CHECK(answer.message_id == MessageId(5));
    CHECK(answer.exchange == ExchangeType::informational);
    CHECK(answer.spi_i == IkeSpi(11));
    CHECK(answer.spi_r == IkeSpi(22));
}
