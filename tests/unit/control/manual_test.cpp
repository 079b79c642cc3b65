// The manual page of xfrmctl tells all reasons and links, with the advice of the one table.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "ike/link.hpp"
#include "ike/reason.hpp"
#include "support/catch.hpp"

using namespace xfrmd;

namespace {

/// The page in small letters, without roff's escapes and line ends.
std::string page_text() {
    std::ifstream file(XFRMD_SOURCE_ROOT "/man/xfrmctl.8");
    REQUIRE(file);
    std::stringstream buffer;
    buffer << file.rdbuf();
    std::string text = buffer.str();
    std::erase(text, '\\');
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

TEST_CASE("manual of xfrmctl: every reason with its advice, every link") {
    const std::string page = page_text();
    for (int i = 0; i <= static_cast<int>(ike::last_reason); ++i) {
        const auto reason = static_cast<ike::Reason>(i);
        INFO(code(reason));
        CHECK(page.find(".b " + std::string(code(reason)) + "\n" + lower(advice(reason)) + ".\n") !=
              std::string::npos);
    }
    for (const char* link : ike::link_names)
        CHECK(page.find(link) != std::string::npos);
}
