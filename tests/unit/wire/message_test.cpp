#include "wire/message.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "support/seeded_random.hpp"
#include "unit/wire/mutations.hpp"
#include "wire/header.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

using Kind = ParseError::Kind;

const Bytes sixteen(16, 0x16);

/// Chains under construction: payloads, and the type of the first one.
struct Chain {
    Bytes octets = Bytes(1);
    ChainWriter writer{octets, 0};

    PayloadType first() const { return PayloadType{octets[0]}; }
    ByteView view() const { return ByteView(octets).subspan(1); }
};

std::expected<Payloads, ParseError> parsed(const Chain& chain) {
    return parse_payloads(chain.first(), chain.view());
}

/// An IKE_SA_INIT request's chain.
void add_initial_payloads(ChainWriter& writer) {
    const Transform encryption{TransformType::encryption, 20, 256, false};
    writer.add(SaPayload{{Proposal{1, ProtocolId::ike, {}, {encryption}}}});
    writer.add(KeyExchangePayload{KeyExchangeMethod::curve25519, sixteen});
    writer.add(NoncePayload{sixteen});
    writer.add(NotifyPayload{ProtocolId::none, {}, NotifyType::redirect_supported, {}});
    writer.add(NotifyPayload{ProtocolId::none, {}, NotifyType::cookie, sixteen});
    writer.add(VendorIdPayload{as_bytes("vendor")});
}

/// What IKE_AUTH, CREATE_CHILD_SA and INFORMATIONAL carry besides.
void add_inner_payloads(ChainWriter& writer) {
    const TrafficSelectorPayload selectors{{{.addresses = Subnet::any(IpFamily::v4).range()}}};
    writer.add(PayloadType::identification_initiator, IdPayload{IdType::fqdn, as_bytes("i")});
    writer.add(PayloadType::identification_responder, IdPayload{IdType::fqdn, as_bytes("r")});
    writer.add(CertPayload{CertEncoding::x509_signature, as_bytes("c")});
    writer.add(CertRequestPayload{CertEncoding::x509_signature, as_bytes("a")});
    writer.add(AuthPayload{AuthMethod::shared_key, sixteen});
    writer.add(PayloadType::traffic_selectors_initiator, selectors);
    writer.add(PayloadType::traffic_selectors_responder, selectors);
    writer.add(ConfigPayload{ConfigType::request, {}});
    writer.add(EapPayload{EapCode::success, 1, {}});
    writer.add(DeletePayload{ProtocolId::esp, {EspSpi(1)}});
}

/// A chain of `count` payloads of one type, all with the same body, and what becomes of it.
std::expected<Payloads, ParseError> repeated(PayloadType type, ByteView body, std::size_t count) {
    Chain chain;
    for (std::size_t i = 0; i < count; ++i)
        chain.writer.add(type, VendorIdPayload{body});
    const auto payloads = parsed(chain);
    if (!payloads) return std::unexpected(payloads.error());
    return Payloads{};
}

/// A message with one payload of nearly every type.
Bytes whole_message() {
    Bytes message;
    Header{}.append_to(message);
    ChainWriter writer(message, Header::next_payload_at);
    add_initial_payloads(writer);
    add_inner_payloads(writer);
    finish_message(message);
    return message;
}

bool is_taken(ByteView datagram) {
    const auto header = Header::parse(datagram);
    return header && parse_payloads(header->next_payload, datagram.subspan(Header::size));
}

}  // namespace

TEST_CASE("message: an IKE_SA_INIT request becomes its payloads") {
    Chain chain;
    add_initial_payloads(chain.writer);
    const auto payloads = parsed(chain);
    REQUIRE(payloads);
    REQUIRE(payloads->sa);
    CHECK(payloads->sa->proposals.size() == 1);
    CHECK(payloads->ke->method == KeyExchangeMethod::curve25519);
    CHECK(payloads->nonce->data.size() == 16);
    CHECK(payloads->notifies.size() == 2);
    CHECK(as_text(payloads->vendor_ids.at(0).data) == "vendor");
    CHECK_FALSE(payloads->idi);
    CHECK_FALSE(payloads->encrypted);
}

TEST_CASE("message: every other payload finds its place") {
    Chain chain;
    add_inner_payloads(chain.writer);
    const auto payloads = parse_inner_payloads(chain.first(), chain.view());
    REQUIRE(payloads);
    CHECK(payloads->idi->to_text() == "i");
    CHECK(payloads->idr->to_text() == "r");
    CHECK(payloads->certs.size() == 1);
    CHECK(payloads->cert_requests.size() == 1);
    CHECK(payloads->auth->method == AuthMethod::shared_key);
    CHECK(payloads->tsi->selectors.size() == 1);
    CHECK(payloads->tsr->selectors.size() == 1);
    CHECK(payloads->config->config_type == ConfigType::request);
    CHECK(payloads->eap->code == EapCode::success);
    CHECK(payloads->deletes.at(0).spis.at(0) == EspSpi(1));
}

TEST_CASE("message: an empty INFORMATIONAL has no payloads") {
    CHECK(parse_inner_payloads(PayloadType::none, {}));
}

TEST_CASE("message: find yields the first notify of a type") {
    Chain chain;
    add_initial_payloads(chain.writer);
    chain.writer.add(NotifyPayload{ProtocolId::none, {}, NotifyType::cookie, {}});
    const auto payloads = parsed(chain);
    REQUIRE(payloads);
    REQUIRE(payloads->find(NotifyType::cookie));
    CHECK(payloads->find(NotifyType::cookie)->data.size() == 16);
    CHECK_FALSE(payloads->find(NotifyType::rekey_sa));
}

TEST_CASE("message: C07: payloads that stand once are refused a second time") {
    const auto twice = [](PayloadType type, const char* body) {
        const Bytes octets = hex_octets(body);
        REQUIRE(repeated(type, octets, 1));
        const auto result = repeated(type, octets, 2);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == Kind::invalid_syntax);
        CHECK(result.error().payload == type);
    };
    twice(PayloadType::security_association, "00 00 0008 01 01 00 00");
    twice(PayloadType::key_exchange, "001f 0000");
    twice(PayloadType::nonce, "00000000000000000000000000000000");
    twice(PayloadType::identification_initiator, "02 000000");
    twice(PayloadType::identification_responder, "02 000000");
    twice(PayloadType::authentication, "02 000000");
    twice(PayloadType::traffic_selectors_initiator, "01 000000 f0 00 0004");
    twice(PayloadType::traffic_selectors_responder, "01 000000 f0 00 0004");
    twice(PayloadType::configuration, "01 000000");
    twice(PayloadType::extensible_authentication, "03 00 0004");
    twice(PayloadType::encrypted, "00");
    twice(PayloadType::encrypted_fragment, "0001 0001 00");
}

TEST_CASE("message: C07: payloads that may stand often have a limit") {
    const auto limited = [](PayloadType type, const char* body, std::size_t limit) {
        const Bytes octets = hex_octets(body);
        CHECK(repeated(type, octets, limit));
        const auto result = repeated(type, octets, limit + 1);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == Kind::invalid_syntax);
        CHECK(result.error().payload == type);
    };
    limited(PayloadType::certificate, "04", Payloads::max_certs);
    limited(PayloadType::certificate_request, "04", Payloads::max_cert_requests);
    limited(PayloadType::notify, "00 00 4000", Payloads::max_notifies);
    limited(PayloadType::delete_, "01 00 0000", Payloads::max_deletes);
    limited(PayloadType::vendor_id, "", Payloads::max_vendor_ids);
    limited(PayloadType{49}, "", max_payloads);
}

TEST_CASE("message: A23: unknown payloads are skipped, critical ones refused by number") {
    for (unsigned number = 1; number < 256; ++number) {
        const bool known = (number >= 33 && number <= 48) || number == 53;
        if (known) continue;
        const PayloadType type{static_cast<std::uint8_t>(number)};
        CHECK(parse_payloads(type, "00 00 0006 aabb"_hex));
        const auto critical = parse_payloads(type, "00 80 0006 aabb"_hex);
        REQUIRE_FALSE(critical);
        CHECK(critical.error().kind == Kind::unsupported_critical_payload);
        CHECK(critical.error().payload == type);
    }
}

TEST_CASE("message: the critical bit of known payloads is ignored") {
    CHECK(parse_payloads(PayloadType::vendor_id, "00 80 0004"_hex));
}

TEST_CASE("message: an error names the payload of its message") {
    for (PayloadType type :
         {PayloadType::identification_responder, PayloadType::traffic_selectors_responder}) {
        const auto result = parse_payloads(type, "00 00 0004"_hex);
        REQUIRE_FALSE(result);
        CHECK(result.error().payload == type);
        CHECK(result.error().kind == Kind::invalid_syntax);
    }
}

TEST_CASE("message: A09: unknown payloads may stand before SKF, nothing after it") {
    const Bytes body = "aabb"_hex;
    for (std::size_t count : {0U, 1U, 64U}) {
        Chain chain;
        for (std::size_t i = 0; i < count; ++i)
            chain.writer.add(PayloadType{200}, VendorIdPayload{});
        chain.writer.add(EncryptedFragmentPayload{PayloadType::notify, 1, 1, body});
        const auto payloads = parsed(chain);
        REQUIRE(payloads);
        REQUIRE(payloads->encrypted_fragment);
        CHECK(payloads->encrypted_fragment->first_inner == PayloadType::notify);

        chain.writer.add(PayloadType{200}, VendorIdPayload{});
        CHECK_FALSE(parsed(chain));
    }
}

TEST_CASE("message: C04: SK inside of SK is refused") {
    const Bytes body = "aabb"_hex;
    Chain encrypted;
    encrypted.writer.add(EncryptedPayload{PayloadType::none, body});
    CHECK(parsed(encrypted));
    CHECK_FALSE(parse_inner_payloads(encrypted.first(), encrypted.view()));

    Chain fragment;
    fragment.writer.add(EncryptedFragmentPayload{PayloadType::none, 1, 1, body});
    CHECK(parsed(fragment));
    CHECK_FALSE(parse_inner_payloads(fragment.first(), fragment.view()));
}

TEST_CASE("message: finish_message sets the header's length") {
    Bytes message;
    Header{}.append_to(message);
    ChainWriter(message, Header::next_payload_at).add(VendorIdPayload{as_bytes("x")});
    CHECK_FALSE(Header::parse(message));
    finish_message(message);
    const auto header = Header::parse(message);
    REQUIRE(header);
    CHECK(header->length == 33);
    CHECK(header->next_payload == PayloadType::vendor_id);
}

TEST_CASE("message: every truncation is refused, every change of an octet is survived") {
    const Bytes message = whole_message();
    std::size_t wrongly_taken = 0;
    REQUIRE(is_taken(message));
    for_each_truncation(message, [&](const Bytes& octets) { wrongly_taken += is_taken(octets); });
    CHECK(wrongly_taken == 0);
    for_each_changed_octet(message, [&](const Bytes& octets) { is_taken(octets); });
    sweep_chain(PayloadType{message[Header::next_payload_at]},
                Bytes(message.begin() + Header::size, message.end()));
}

TEST_CASE("message: changes of several octets at once are survived") {
    constexpr int rounds = 50000;
    const Bytes message = whole_message();
    SeededRandom random(7296);
    int taken = 0;
    for (int round = 0; round < rounds; ++round) {
        Bytes octets = message;
        for (std::uint64_t changes = 2 + random.below(6); changes > 0; --changes) {
            const std::size_t at = Header::size + random.below(octets.size() - Header::size);
            octets[at] = random.number<std::uint8_t>();
        }
        taken += is_taken(octets);
    }
    // Some changes hit opaque data, most hit what holds the message together.
    CHECK(taken > 0);
    CHECK(taken < rounds);
}
