#include "wire/payload_chain.hpp"

#include <string_view>

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"
#include "wire/header.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

/// Why a chain is refused, "" if it is taken whole.
std::string_view walk(PayloadType first, ByteView octets) {
    PayloadChain chain(first, octets);
    while (true) {
        const auto step = chain.next();
        if (!step) return step.error().what;
        if (!*step) return "";
    }
}

/// `count` empty vendor IDs.
Bytes vendor_ids(std::size_t count) {
    Bytes out(1);
    ChainWriter writer(out, 0);
    for (std::size_t i = 0; i < count; ++i)
        writer.add(VendorIdPayload{});
    out.erase(out.begin());
    return out;
}

}  // namespace

TEST_CASE("payload chain: yields each payload with its type, critical bit and body") {
    const Bytes octets = "2b 00 0006 aabb  00 80 0005 cc"_hex;
    PayloadChain chain(PayloadType::nonce, octets);

    const auto first = chain.next();
    REQUIRE(first);
    REQUIRE(*first);
    CHECK((*first)->type == PayloadType::nonce);
    CHECK_FALSE((*first)->critical);
    CHECK(to_bytes((*first)->body) == "aabb"_hex);
    CHECK((*first)->next == PayloadType::vendor_id);

    const auto second = chain.next();
    REQUIRE(second);
    REQUIRE(*second);
    CHECK((*second)->type == PayloadType::vendor_id);
    CHECK((*second)->critical);
    CHECK(to_bytes((*second)->body) == "cc"_hex);

    for (int i = 0; i < 2; ++i) {
        const auto end = chain.next();
        REQUIRE(end);
        CHECK_FALSE(*end);
    }
}

TEST_CASE("payload chain: reserved bits beside the critical bit are ignored") {
    const Bytes octets = "00 7f 0004"_hex;
    PayloadChain chain(PayloadType::vendor_id, octets);
    CHECK_FALSE((*chain.next())->critical);
}

TEST_CASE("payload chain: no payload and no octets is an empty chain") {
    CHECK(walk(PayloadType::none, {}) == "");
    CHECK(walk(PayloadType::none, "00"_hex) == "octets behind the last payload");
}

TEST_CASE("payload chain: A06: each step consumes at least a generic header") {
    for (const char* length : {"0000", "0001", "0002", "0003"})
        CHECK(walk(PayloadType::vendor_id, hex_octets("2b 00" + std::string(length))) ==
              "payload is shorter than its header");
    CHECK(walk(PayloadType::vendor_id, {}) == "payload header is cut off");
    CHECK(walk(PayloadType::vendor_id, "00 00 00"_hex) == "payload header is cut off");
    CHECK(walk(PayloadType::vendor_id, "00 00 0005"_hex) == "payload runs past the message");
    CHECK(walk(PayloadType::vendor_id, "2b 00 0004"_hex) == "payload header is cut off");
    CHECK(walk(PayloadType::vendor_id, "00 00 0004 00"_hex) == "octets behind the last payload");
}

TEST_CASE("payload chain: the number of steps is limited") {
    CHECK(walk(PayloadType::vendor_id, vendor_ids(max_payloads)) == "");
    CHECK(walk(PayloadType::vendor_id, vendor_ids(max_payloads + 1)) == "too many payloads");
}

TEST_CASE("payload chain: A09: SK and SKF end the chain and name the first payload inside") {
    for (PayloadType type : {PayloadType::encrypted, PayloadType::encrypted_fragment}) {
        const Bytes octets = "29 00 0006 aabb"_hex;
        PayloadChain chain(type, octets);
        const auto encrypted = chain.next();
        CHECK((*encrypted)->next == PayloadType::notify);
        CHECK_FALSE(*chain.next());
        CHECK(walk(type, "29 00 0006 aabb 00 00 0004"_hex) == "octets behind the last payload");
    }
}

TEST_CASE("chain writer: links payloads and leaves the last link 0") {
    Bytes out(1);
    ChainWriter writer(out, 0);
    writer.add(VendorIdPayload{as_bytes("a")});
    writer.add(PayloadType::identification_responder, IdPayload{IdType::fqdn, as_bytes("b")});
    writer.add(VendorIdPayload{});
    CHECK(out == "2b  24 00 0005 61  2b 00 0009 02 000000 62  00 00 0004"_hex);
}

TEST_CASE("chain writer: SK names its first inner payload when it is added whole") {
    const Bytes body = "aabb"_hex;
    Bytes out(1);
    ChainWriter(out, 0).add(EncryptedPayload{PayloadType::notify, body});
    CHECK(out == "2e  29 00 0006 aabb"_hex);

    out.assign(1, 0);
    ChainWriter(out, 0).add(EncryptedFragmentPayload{PayloadType::notify, 1, 2, body});
    CHECK(out == "35  29 00 000a 0001 0002 aabb"_hex);
}

TEST_CASE("chain writer: SK is built in place with a second writer inside of it") {
    Header header;
    header.exchange = ExchangeType::informational;
    header.initiator = true;
    header.message_id = MessageId(7);
    Bytes out;
    header.append_to(out);
    ChainWriter outer(out, Header::next_payload_at);
    const std::size_t sk = outer.begin(PayloadType::encrypted);
    ByteWriter octets(out);
    octets.bytes("f0f1f2f3"_hex);
    ChainWriter inner(out, sk);
    inner.add(DeletePayload{ProtocolId::ike, {}});
    inner.add(VendorIdPayload{as_bytes("x")});
    octets.bytes("00"_hex);
    octets.zeros(2);
    outer.end(sk);
    finish_message(out);

    CHECK(out ==
          "0000000000000000 0000000000000000 2e 20 25 08 00000007 00000034"
          "2a 00 0018 f0f1f2f3  2b 00 0008 01 00 0000  00 00 0005 78  00 0000"_hex);
    const auto parsed_header = Header::parse(out);
    REQUIRE(parsed_header);
    const auto payloads =
        parse_payloads(parsed_header->next_payload, ByteView(out).subspan(Header::size));
    REQUIRE(payloads);
    REQUIRE(payloads->encrypted);
    CHECK(payloads->encrypted->first_inner == PayloadType::delete_);
    const ByteView inside = payloads->encrypted->body.subspan(4).first(13);
    const auto inner_payloads = parse_inner_payloads(payloads->encrypted->first_inner, inside);
    REQUIRE(inner_payloads);
    CHECK(inner_payloads->deletes.size() == 1);
    CHECK(inner_payloads->vendor_ids.size() == 1);
}
