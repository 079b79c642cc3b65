#include "config/node.hpp"

#include "support/catch.hpp"

using namespace xfrmd::config;

TEST_CASE("Node: writes JSON on one line and in pretty form") {
    Node list = Node::list();
    list.add(Node::of(std::uint64_t{31}));
    list.add(Node::of(std::uint64_t{14}));
    Node inner = Node::object();
    inner.add("dhgrp", std::move(list));
    inner.add("rekey", Node::of(true));
    Node root = Node::object();
    root.add("hub", std::move(inner));
    root.add("none", Node::object());
    CHECK(root.to_text() == R"({"hub": {"dhgrp": [31, 14], "rekey": true}, "none": {}})");
    CHECK(root.to_pretty_text() ==
          "{\n  \"hub\": {\n    \"dhgrp\": [31, 14],\n    \"rekey\": true\n  },\n"
          "  \"none\": {}\n}\n");
}

TEST_CASE("Node: texts are escaped") {
    CHECK(Node::of("a\"b\\c\n\x7f").to_text() == R"("a\"b\\c\u000a\u007f")");
    CHECK(Node().to_text() == "null");
}

TEST_CASE("Node: members are found by key") {
    Node root = Node::object();
    root.add("a", Node::of(true));
    REQUIRE(root.find("a") != nullptr);
    CHECK(root.find("a")->boolean);
    CHECK(root.find("b") == nullptr);
}

TEST_CASE("Node: wiping overwrites every text") {
    Node root = Node::object();
    root.add("psksecret", Node::of("very secret text"));
    root.add("list", Node::list()).add(Node::of("another one"));
    root.wipe_texts();
    CHECK(root.find("psksecret")->text == std::string(16, '\0'));
    CHECK(root.find("list")->items[0].text == std::string(11, '\0'));
}
