#include "wire/id_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

std::string printed(IdType type, std::string_view data) {
    return IdPayload{type, as_bytes(data)}.to_text();
}

std::string printed(IdType type, const Bytes& data) {
    return IdPayload{type, data}.to_text();
}

}  // namespace

TEST_CASE("ID: type and data; reserved octets mean nothing and are kept for AUTH") {
    const Bytes octets = "02 000000 67772e6578616d706c65"_hex;
    const auto payload = IdPayload::parse(octets);
    REQUIRE(payload);
    CHECK(payload->id_type == IdType::fqdn);
    CHECK(as_text(payload->data) == "gw.example");
    CHECK(serialized(*payload) == octets);
    Bytes reserved = octets;
    reserved[1] = reserved[2] = reserved[3] = 0xff;
    CHECK(serialized(*IdPayload::parse(reserved)) == reserved);
    CHECK(IdPayload::parse(reserved)->id_type == IdPayload::parse(octets)->id_type);
}

TEST_CASE("ID: A01: every type with every size is taken or refused by its rule") {
    for (unsigned type = 0; type < 256; ++type) {
        for (std::size_t size : {0U, 1U, 3U, 4U, 16U, 255U, 520U, 2048U, 2049U, 4096U, 65000U}) {
            Bytes octets(4 + size, 'a');
            octets[0] = static_cast<std::uint8_t>(type);
            const bool fits = type == 1 ? size == 4 : type == 5 ? size == 16 : size <= 2048;
            const auto payload = IdPayload::parse(octets);
            CHECK(payload.has_value() == fits);
            if (payload) CHECK(payload->to_text().size() < 700);
        }
    }
}

TEST_CASE("ID: addresses are printed as addresses, of a wrong size in digits") {
    CHECK(printed(IdType::ipv4_addr, "c0000201"_hex) == "192.0.2.1");
    CHECK(printed(IdType::ipv6_addr, "20010db8000000000000000000000001"_hex) == "2001:db8::1");
    CHECK(printed(IdType::ipv4_addr, "20010db8000000000000000000000001"_hex) ==
          "0x20010db8000000000000000000000001");
    CHECK(printed(IdType::ipv6_addr, "c0000201"_hex) == "0xc0000201");
    CHECK(printed(IdType::ipv4_addr, ""_hex) == "0x");
}

TEST_CASE("ID: A12: names are printed in one line of plain characters") {
    CHECK(printed(IdType::fqdn, "gw.example.org") == "gw.example.org");
    CHECK(printed(IdType::rfc822_addr, "a+b@example.org") == "a+b@example.org");
    CHECK(printed(IdType::fqdn, "a\nb\x1b[2Jc\x7f\xc3\xa9\"\\%n;`$(x)") ==
          "a\\x0ab\\x1b[2Jc\\x7f\\xc3\\xa9\\x22\\x5c%n;`$(x)");
    CHECK(printed(IdType::fqdn, std::string_view("a\0b", 3)) == "a\\x00b");
    CHECK(printed(IdType::fqdn, "") == "");
}

TEST_CASE("ID: key IDs are text if all of them is, else digits") {
    CHECK(printed(IdType::key_id, "branch 7") == "branch 7");
    CHECK(printed(IdType::key_id, "00ff41"_hex) == "0x00ff41");
}

TEST_CASE("ID: distinguished names and unknown types are printed as digits") {
    CHECK(printed(IdType::der_asn1_dn, "3000"_hex) == "0x3000");
    CHECK(printed(IdType::der_asn1_gn, "8100"_hex) == "0x8100");
    CHECK(printed(IdType{200}, "abcd"_hex) == "identification 200 0xabcd");
}

TEST_CASE("ID: what is printed is bounded") {
    CHECK(printed(IdType::fqdn, std::string(256, 'a')) == std::string(256, 'a'));
    CHECK(printed(IdType::fqdn, std::string(257, 'a')) == std::string(256, 'a') + "...");
    CHECK(printed(IdType::key_id, Bytes(2048)) == "0x" + std::string(512, '0') + "...");
}

TEST_CASE("ID: every truncation and every change of an octet is survived") {
    for (PayloadType type :
         {PayloadType::identification_initiator, PayloadType::identification_responder}) {
        sweep_payload<IdPayload>(type, "01 000000 c0000201"_hex, 8);
        sweep_payload<IdPayload>(type, "05 000000 20010db8000000000000000000000001"_hex, 20);
        sweep_payload<IdPayload>(type, "0b 000000 6b6579"_hex, 4);
    }
}
