#include "daemon/message_id.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

TEST_CASE("message ids: each kind has 32 hex digits of its own") {
    std::set<std::string> ids;
    std::size_t kinds = 0;
    for (int kind = 0; kind <= static_cast<int>(ike::EventKind::offload_changed); ++kind)
        ids.insert(message_id(static_cast<ike::EventKind>(kind))), ++kinds;
    for (int kind = 0; kind <= static_cast<int>(NoticeKind::failed); ++kind)
        ids.insert(message_id(static_cast<NoticeKind>(kind))), ++kinds;
    CHECK(ids.size() == kinds);
    for (const std::string& id : ids) {
        CHECK(id.size() == 32);
        CHECK(std::ranges::all_of(
            id, [](unsigned char c) { return std::isdigit(c) || (c >= 'a' && c <= 'f'); }));
    }
}
