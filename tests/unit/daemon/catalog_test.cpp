// The journal's catalogue says what to do about every kind of entry, and journalctl can read it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "daemon/message_id.hpp"
#include "support/catch.hpp"
#include "temporary_directory.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

constexpr const char* catalog_file = XFRMD_SOURCE_ROOT "/packaging/xfrmd.catalog";

std::set<std::string> all_ids() {
    std::set<std::string> ids;
    for (int kind = 0; kind <= static_cast<int>(ike::EventKind::offload_changed); ++kind)
        ids.insert(message_id(static_cast<ike::EventKind>(kind)));
    for (int kind = 0; kind <= static_cast<int>(NoticeKind::failed); ++kind)
        ids.insert(message_id(static_cast<NoticeKind>(kind)));
    return ids;
}

}  // namespace

TEST_CASE("catalogue: an entry with a subject and a text for every id, and for no other") {
    std::ifstream file(catalog_file);
    REQUIRE(file);
    std::set<std::string> described;
    std::string id;
    std::size_t subjects = 0, texts = 0;
    for (std::string line; std::getline(file, line);) {
        CHECK(line.size() <= 110);
        if (line.starts_with("-- ")) {
            id = line.substr(3);
            CHECK(described.insert(id).second);
        } else if (line.starts_with("Subject: ")) {
            ++subjects;
        } else if (line.empty() && std::getline(file, line) && !line.empty()) {
            if (line.starts_with("-- "))
                CHECK(described.insert(line.substr(3)).second);
            else
                ++texts;
        }
    }
    CHECK(described == all_ids());
    CHECK(subjects == described.size());
    CHECK(texts >= described.size());
}

TEST_CASE("catalogue: journalctl takes it") {
    const test::TemporaryDirectory root;
    const auto folder = root.path() / "usr/lib/systemd/catalog";
    std::filesystem::create_directories(folder);
    std::filesystem::create_directories(root.path() / "var/lib/systemd/catalog");
    std::filesystem::copy(catalog_file, folder / "xfrmd.catalog");
    const std::string command = "journalctl --root=" + root.path().native();
    if (std::system("command -v journalctl >/dev/null") != 0) return;
    CHECK(std::system((command + " --update-catalog >/dev/null 2>&1").c_str()) == 0);
    CHECK(std::filesystem::exists(root.path() / "var/lib/systemd/catalog/database"));
}
