#include "config/parse_json.hpp"

#include "support/catch.hpp"

using namespace xfrmd::config;

namespace {

struct Parsed {
    std::optional<Node> root;
    std::vector<Problem> problems;
};

Parsed parse(std::string text) {
    Report report;
    Parsed parsed;
    parsed.root = parse_json({"f.json", std::move(text)}, report);
    parsed.problems = std::move(report).take({});
    return parsed;
}

}  // namespace

TEST_CASE("parse_json: every value knows its line") {
    const auto parsed = parse(R"({
  "a": 1,
  "b":
     "text", // a comment
  /* two
     lines */
  "c": [ 1
       , 2
       , -3, true ],
  "d": { "e": 12345
  }
})");
    REQUIRE(parsed.root);
    CHECK(parsed.problems.empty());
    const Node& root = *parsed.root;
    CHECK(root.line == 1);
    CHECK(root.find("a")->line == 2);
    CHECK(root.members[1].line == 3);
    CHECK(root.find("b")->line == 4);
    CHECK(root.find("c")->line == 7);
    CHECK(root.find("c")->items[0].line == 7);
    CHECK(root.find("c")->items[1].line == 8);
    CHECK(root.find("c")->items[2].line == 9);
    CHECK(root.find("d")->find("e")->line == 10);
}

TEST_CASE("parse_json: numbers keep their spelling where they are not unsigned") {
    const auto parsed = parse("[18446744073709551615, -1, 1.5, 1e400, 99999999999999999999999]");
    if (!parsed.root) {  // 1e400 may be refused by the parser
        CHECK(parsed.problems.size() == 1);
        return;
    }
    const auto& items = parsed.root->items;
    CHECK(items[0].number == 18446744073709551615ULL);
    CHECK(items[1].is(Node::Kind::other_number));
    CHECK(items[1].text == "-1");
    CHECK(items[2].text == "1.5");
    CHECK(items[4].is(Node::Kind::other_number));
}

TEST_CASE("parse_json: a key given twice is reported with both lines") {
    const auto parsed = parse("{ \"s\": [ {}, {\n\"k\": 1,\n\"other\": 2,\n\"k\": 3 } ] }");
    REQUIRE(parsed.root);
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].line == 4);
    CHECK(parsed.problems[0].pointer == "/s/1/k");
    CHECK(parsed.problems[0].message == "the key stands twice, first in line 2");
}

TEST_CASE("parse_json: a syntax error is one problem with line and column") {
    const auto parsed = parse("{\n  \"a\": 1,\n  \"b\" 2\n}");
    CHECK_FALSE(parsed.root);
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].line == 3);
    CHECK(parsed.problems[0].column == 7);
    CHECK(parsed.problems[0].to_text().starts_with("f.json:3:7: syntax error while parsing"));
}

TEST_CASE("parse_json: what is not JSON is refused") {
    for (const char* text :
         {"", " ", "{", "}", "[1,]", "{\"a\":}", "{\"a\":1,}", "nul", "'a'", "{a: 1}", "\"\\x\"",
          "01", "1.", "{} {}", "/* open", "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"a\nb\""}) {
        INFO(text);
        const auto parsed = parse(text);
        CHECK_FALSE(parsed.root);
        CHECK(parsed.problems.size() == 1);
        CHECK(parsed.problems[0].line >= 1);
    }
}

TEST_CASE("parse_json: an octet of zero does not end the text") {
    const auto parsed = parse(std::string("{}\n \0 garbage", 13));
    CHECK_FALSE(parsed.root);
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].line == 2);
    CHECK(parsed.problems[0].column == 2);
}

TEST_CASE("parse_json: deep nesting is an error, not the end of the stack") {
    for (const char* step : {"[", "{\"a\":", "[{\"a\":"}) {
        std::string text;
        for (int i = 0; i < 100000; ++i)
            text += step;
        const auto parsed = parse(text);
        CHECK_FALSE(parsed.root);
        REQUIRE(parsed.problems.size() == 1);
        CHECK(parsed.problems[0].message == "values are nested deeper than 16 levels");
    }
    CHECK(parse(std::string(max_depth, '[') + std::string(max_depth, ']')).root);
}

TEST_CASE("parse_json: a syntax error shows nothing of the text around it") {
    for (const char* text :
         {"{\"psksecret\": \"hunter2-hunter2", "{\"psksecret\": \"hunter2\x01\"}",
          "{\"psksecret\": \"x'; expected hunter2", "{\"psksecret\": hunter2}"}) {
        const auto parsed = parse(text);
        REQUIRE(parsed.problems.size() == 1);
        CHECK_FALSE(parsed.problems[0].to_text().contains("unter"));
    }
}
