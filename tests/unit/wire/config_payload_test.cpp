#include "wire/config_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

const Bytes example = "02 000000  0001 0004 0a010203  0003 0000  6001 0001 ff"_hex;

}  // namespace

TEST_CASE("CP: type and attributes in order; reserved bits are ignored") {
    const auto payload = ConfigPayload::parse(example);
    REQUIRE(payload);
    CHECK(payload->config_type == ConfigType::reply);
    REQUIRE(payload->attributes.size() == 3);
    CHECK(payload->attributes[0].type == ConfigAttributeType::internal_ip4_address);
    CHECK(to_bytes(payload->attributes[0].value) == "0a010203"_hex);
    CHECK(payload->attributes[1].type == ConfigAttributeType::internal_ip4_dns);
    CHECK(payload->attributes[1].value.empty());
    CHECK(payload->attributes[2].type == ConfigAttributeType{0x6001});
    CHECK(serialized(*payload) == example);
    CHECK(serialized(*ConfigPayload::parse("02 ffffff  8001 0000"_hex)) ==
          "02 000000  0001 0000"_hex);
}

TEST_CASE("CP: a request may be empty") {
    CHECK(ConfigPayload::parse("01 000000"_hex)->attributes.empty());
}

TEST_CASE("CP: C09: attribute lengths are held against what is left") {
    for (std::size_t length : {0U, 1U, 3U, 4U, 15U, 65535U}) {
        Bytes octets = "01 000000  0001 0000 00000000"_hex;
        ByteWriter(octets).patch_u16(6, static_cast<std::uint16_t>(length));
        // What a shorter attribute leaves over is the start of another one: too short but for 0.
        CHECK(ConfigPayload::parse(octets).has_value() == (length == 0 || length == 4));
    }
}

TEST_CASE("CP: the number of attributes is limited") {
    Bytes octets = "01 000000"_hex;
    octets.resize(4 + 4 * ConfigPayload::max_attributes);
    CHECK(ConfigPayload::parse(octets));
    octets.resize(octets.size() + 4);
    CHECK(refusal(ConfigPayload::parse(octets)) == "too many attributes");
}

TEST_CASE("CP: every truncation and every change of an octet is survived") {
    sweep_payload<ConfigPayload>(PayloadType::configuration, example, 4);
    sweep_payload<ConfigPayload>(PayloadType::configuration, "01 000000"_hex, 4);
}
