#include "config/parse_json.hpp"
#include "config/sections.hpp"
#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

Node schema() {
    Report report;
    auto root = parse_json({"schema", json_schema()}, report);
    REQUIRE(root);
    return *root;
}

const Node& member(const Node& node, std::string_view key) {
    INFO(key);
    const Node* found = node.find(key);
    REQUIRE(found != nullptr);
    return *found;
}

}  // namespace

TEST_CASE("JSON Schema: has every section and every option with meaning and default") {
    const Node root = schema();
    CHECK(member(root, "$schema").text == "https://json-schema.org/draft/2020-12/schema");
    CHECK_FALSE(member(root, "additionalProperties").boolean);
    for_each_section([&](const Section& in, const auto& options, const auto& fresh) {
        INFO(in.name);
        member(member(root, "properties"), in.name);
        const Node& definition = member(member(root, "$defs"), in.name);
        CHECK_FALSE(member(definition, "additionalProperties").boolean);
        const Node& properties = member(definition, "properties");
        for (const auto& option : options) {
            if (in.name == section_name::phase1 && is_for_route_based_only(option.name)) {
                CHECK(properties.find(option.name) == nullptr);
                continue;
            }
            const Node& property = member(properties, option.name);
            CHECK(member(property, "description").text == option.meaning);
            const Node value = option.write(option.shape, fresh);
            if (!option.required.empty() || value.is(Node::Kind::null)) continue;
            CHECK(member(property, "default").to_text() == value.to_text());
        }
    });
}

TEST_CASE("JSON Schema: forms carry ranges and words") {
    const Node root = schema();
    const Node& properties =
        member(member(member(root, "$defs"), "phase1-interface"), "properties");
    CHECK(member(properties, "keylife").find("minimum")->number == 120);
    CHECK(member(properties, "keylife").find("maximum")->number == 172800);
    CHECK(member(properties, "rekey").find("type")->text == "boolean");
    CHECK(member(properties, "dpd").find("enum")->to_text() ==
          R"(["on-demand", "on-idle", "disable"])");
    CHECK(member(properties, "ip-version").find("enum")->to_text() == "[4, 6]");
    CHECK(member(properties, "authmethod").find("enum")->to_text() == R"(["psk"])");
    const Node& proposal = member(properties, "proposal").find("anyOf")->items[0];
    CHECK(proposal.find("items")->find("enum")->items.size() == 24);
    CHECK(member(properties, "psksecret").find("anyOf")->items.size() == 2);
    CHECK(member(properties, "npu-offload").find("deprecated")->boolean);
    CHECK(properties.find("ppk-secret") == nullptr);
    CHECK(member(member(member(root, "$defs"), "phase1-interface"), "required").to_text() ==
          R"(["interface", "psksecret", "proposal"])");
}

TEST_CASE("JSON Schema: every default loads") {
    for_each_section([&](const Section& in, const auto& options, auto fresh) {
        for (const auto& option : options) {
            INFO(in.name << " " << option.name);
            const Node value = option.write(option.shape, fresh);
            if (!option.required.empty() || value.is(Node::Kind::null)) continue;
            CHECK(option.read(option.shape, value, fresh).has_value());
        }
    });
}
