#include "config/problem.hpp"

#include <array>

#include "support/catch.hpp"

using namespace xfrmd::config;

namespace {

const Place place{"a.json", 7, "/phase1-interface/hub"};

std::vector<Problem> take(Report& report, std::vector<std::string> files) {
    return std::move(report).take(files);
}

}  // namespace

TEST_CASE("Place: a key becomes a token of a JSON pointer (RFC 6901 section 3)") {
    CHECK(place.below("a/b~c", 8).pointer == "/phase1-interface/hub/a~1b~0c");
    CHECK(place.below("x", 8).line == 8);
    CHECK(place.to_text() == "/phase1-interface/hub (a.json:7)");
}

TEST_CASE("Problem: text names file, line, pointer, value, reason and remedy") {
    Report report;
    report.error(place, "\"3des\"", {"3DES is old", "use aes256"});
    report.warning({"a.json", 9, "/x"}, {}, {"odd"});
    const auto problems = take(report, {"a.json"});
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].to_text() ==
          "a.json:7: /phase1-interface/hub: \"3des\": 3DES is old; use aes256");
    CHECK(problems[1].to_text() == "a.json:9: warning: /x: odd");
}

TEST_CASE("Problem: text stays one line without control characters") {
    Problem problem;
    problem.file = "a\nb";
    problem.message = "x\x1b[31m\x7fy";
    CHECK(problem.to_text() == "a\\u000ab: x\\u001b[31m\\u007fy");
}

TEST_CASE("Report: problems are ordered by file, then by line") {
    Report report;
    report.error({"b.json", 1, "/p"}, {}, {"third"});
    report.error({"a.json", 5, "/p"}, {}, {"second"});
    report.warning({"a.json", 2, "/p"}, {}, {"first"});
    const auto problems = take(report, {"a.json", "b.json"});
    CHECK(problems[0].message == "first");
    CHECK(problems[1].message == "second");
    CHECK(problems[2].message == "third");
}

TEST_CASE("Report: warnings alone are no errors") {
    Report report;
    report.warning(place, {}, {"odd"});
    CHECK_FALSE(report.has_errors());
    report.error(place, {}, {"wrong"});
    CHECK(report.has_errors());
}

TEST_CASE("Report: a hopeless file does not fill memory") {
    Report report;
    for (std::size_t i = 0; i < Report::max_problems + 5; ++i)
        report.error(place, {}, {"wrong"});
    const auto problems = take(report, {"a.json"});
    CHECK(problems.size() == Report::max_problems + 1);
    CHECK(problems.back().message == "5 more problems are not shown");
}

TEST_CASE("nearest: a typing slip is found, another word is not") {
    constexpr std::array<std::string_view, 4> words{"proposal", "dpd", "dhgrp", "dpd-retrycount"};
    CHECK(nearest("propsal", words) == "proposal");
    CHECK(nearest("porposal", words) == "proposal");
    CHECK(nearest("dpd-retry-count", words) == "dpd-retrycount");
    CHECK(nearest("dgd", words) == "dpd");
    CHECK(nearest("xyz", words).empty());
    CHECK(nearest("", words).empty());
    CHECK(nearest(std::string(100000, 'a'), words).empty());
    CHECK(did_you_mean("propsal", words) == "did you mean \"proposal\"?");
    CHECK(did_you_mean("xyz", words).empty());
}

TEST_CASE("in_quotes: long values are cut between characters") {
    CHECK(in_quotes("abc") == "\"abc\"");
    std::string text(79, 'a');
    text += "\u00e4\u00e4";
    CHECK(in_quotes(text) == "\"" + std::string(79, 'a') + "...\"");
}
