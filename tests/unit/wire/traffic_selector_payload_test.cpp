#include "wire/traffic_selector_payload.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

const Bytes example = R"(
    02 000000
    07 06 0010 01bb 01bb 0a010000 0a0100ff
    08 00 0028 0000 ffff 20010db8000000000000000000000000 20010db800000000ffffffffffffffff)"_hex;

/// A selector of a type that nobody has defined.
constexpr auto unknown_selector = "f0 00 0008 aabbccdd";

std::string refused_selectors(const char* octets) {
    return refusal(TrafficSelectorPayload::parse(hex_octets(octets)));
}

Bytes with_selectors(std::size_t count) {
    const TrafficSelector any{.addresses = Subnet::any(IpFamily::v4).range()};
    return serialized(TrafficSelectorPayload{std::vector<TrafficSelector>(count, any), false});
}

}  // namespace

TEST_CASE("TS: selectors of both families in order; reserved octets are ignored") {
    const auto payload = TrafficSelectorPayload::parse(example);
    REQUIRE(payload);
    REQUIRE(payload->selectors.size() == 2);
    CHECK(payload->selectors[0].to_text() == "10.1.0.0/24 tcp/443");
    CHECK(payload->selectors[1].to_text() == "2001:db8::/64");
    CHECK_FALSE(payload->skipped_unknown);
    CHECK(serialized(*payload) == example);
    Bytes reserved = example;
    reserved[1] = reserved[2] = reserved[3] = 0xff;
    CHECK(serialized(*TrafficSelectorPayload::parse(reserved)) == example);
}

TEST_CASE("TS: C08: selectors of unknown type are skipped by their length") {
    const std::string known = "07 00 0010 0000 ffff 0a010000 0a0100ff";
    const auto mixed = TrafficSelectorPayload::parse(
        hex_octets("03 000000" + std::string(unknown_selector) + known + unknown_selector));
    REQUIRE(mixed);
    CHECK(mixed->selectors.size() == 1);
    CHECK(mixed->skipped_unknown);

    const auto none = TrafficSelectorPayload::parse("01 000000 f0 00 0004"_hex);
    REQUIRE(none);
    CHECK(none->selectors.empty());
    CHECK(none->skipped_unknown);
}

TEST_CASE("TS: C08: 1 to 255 selectors are taken") {
    CHECK(TrafficSelectorPayload::parse(with_selectors(1)));
    CHECK(TrafficSelectorPayload::parse(with_selectors(255))->selectors.size() == 255);
    CHECK(refused_selectors("00 000000") == "no selector");
    CHECK(refused_selectors("00 000000 f0 00 0004") == "no selector");
}

TEST_CASE("TS: the number of selectors has to be true") {
    CHECK(refused_selectors("01 000000") == "more selectors than the payload has room for");
    CHECK(refused_selectors("02 000000 f0 00 0004") ==
          "more selectors than the payload has room for");
    CHECK(refused_selectors("02 000000 f0 00 0008 00000000") == "selector is cut off");
    CHECK(refused_selectors("01 000000 f0 00 0004 00") == "octets behind the last selector");
}

TEST_CASE("TS: A06: each selector consumes at least its header") {
    for (const char* length : {"0000", "0001", "0003"})
        CHECK(refused_selectors(("01 000000 f0 00" + std::string(length)).c_str()) ==
              "selector is shorter than its header");
    CHECK(refused_selectors("01 000000 f0 00 0005") == "selector runs past its payload");
    CHECK(refused_selectors("01 000000 07 00 0008 0000 ffff") ==
          "selector's length is not its type's");
    CHECK(refused_selectors("01 000000 07 00 0004") == "selector is cut off");
}

TEST_CASE("TS: every truncation is refused, every change of an octet is survived") {
    for (PayloadType type :
         {PayloadType::traffic_selectors_initiator, PayloadType::traffic_selectors_responder})
        sweep_payload<TrafficSelectorPayload>(type, example, example.size());
    const Bytes unknown = hex_octets("01 000000" + std::string(unknown_selector));
    sweep_payload<TrafficSelectorPayload>(PayloadType::traffic_selectors_initiator, unknown,
                                          unknown.size());
}
