#include "ike/reason.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "support/catch.hpp"

using namespace xfrmd::ike;

namespace {

bool is_kebab_case(const std::string& text) {
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && is_lower(text.front()) && is_lower(text.back()) &&
           text.find("--") == std::string::npos &&
           std::ranges::all_of(text, [&](char c) { return is_lower(c) || c == '-'; });
}

}  // namespace

TEST_CASE("reason: every code is unique, kebab-case, and comes with advice") {
    std::set<std::string> codes;
    for (unsigned i = 0; i <= std::to_underlying(last_reason); ++i) {
        const auto reason = static_cast<Reason>(i);
        INFO(code(reason));
        CHECK(is_kebab_case(code(reason)));
        CHECK(codes.insert(code(reason)).second);
        CHECK(std::string(advice(reason)).size() > 10);
        CHECK(std::string(advice(reason)).find('\n') == std::string::npos);
    }
}

TEST_CASE("reason: codes that scripts know do not change") {
    CHECK(std::string(code(Reason::peer_silent)) == "peer-silent");
    CHECK(std::string(code(Reason::no_proposal_chosen)) == "no-proposal-chosen");
    CHECK(std::string(code(Reason::kernel_refused)) == "kernel-refused");
    CHECK(std::string(code(Reason::lifetime_expired)) == "lifetime-expired");
}
