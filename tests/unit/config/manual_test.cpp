// The manual tells the truth: every option is described with its default, and its examples load.
#include <fstream>
#include <sstream>

#include "config/sections.hpp"
#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

std::string whole_file(const char* name) {
    std::ifstream file(name);
    REQUIRE(file);
    std::stringstream buffer;
    buffer << file.rdbuf();
    return buffer.str();
}

/// The page with roff's escapes taken away.
std::string manual_page() {
    std::string text = whole_file(XFRMD_MANUAL);
    const auto replace_all = [&](std::string_view what, std::string_view by) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at))
            text.replace(at, what.size(), by);
    };
    replace_all("\\-", "-");
    replace_all("\\(dq", "\"");
    return text;
}

/// The part of the page that describes a section: from its heading to the next.
std::string part_of(const std::string& page, std::string_view heading) {
    const auto start = page.find("\n.SS " + std::string(heading) + "\n");
    INFO(heading);
    REQUIRE(start != std::string::npos);
    return page.substr(start, page.find("\n.S", start + 1) - start);
}

std::string heading_of(std::string_view section) {
    if (section == section_name::phase1) return "phase1-interface";
    if (section == section_name::phase2) return "phase2-interface";
    return std::string(section);
}

/// Those in JSON; others show what a peer's administrator writes.
std::vector<std::string> examples(const std::string& page) {
    std::vector<std::string> found;
    const std::string start = "\n.EX\n";
    const std::string end = "\n.EE\n";
    for (auto at = page.find(start); at != std::string::npos; at = page.find(start, at + 1)) {
        const auto from = at + start.size();
        if (page[from] == '{') found.push_back(page.substr(from, page.find(end, from) - from));
    }
    return found;
}

}  // namespace

TEST_CASE("manual: every option is described, with its default") {
    const std::string page = manual_page();
    for_each_section([&](const Section& in, const auto& options, const auto& fresh) {
        const std::string part = part_of(page, heading_of(in.name));
        for (const auto& option : options) {
            INFO(in.name << " " << option.name);
            const auto at = part.find("\n.TP\n.BR " + std::string(option.name) + " ");
            REQUIRE(at != std::string::npos);
            const std::string line = part.substr(at + 5, part.find('\n', at + 5) - at - 5);
            if (option.shape.form == Form::number)
                CHECK(line.contains(std::to_string(option.shape.minimum) + " to " +
                                    std::to_string(option.shape.maximum)));
            const bool has_default = option.required.empty() && option.shape.form != Form::secret &&
                                     in.name != section_name::phase1;
            if (!option.required.empty()) CHECK(line.contains("required"));
            if (!has_default) continue;
            const std::string value = option.write(option.shape, fresh).to_text();
            if (value != "\"\"" && value != "[]" && value != "null") {
                INFO(line << " for " << value);
                std::string bare = value;
                std::erase(bare, '"');
                CHECK(line.contains("default " + bare));
            }
        }
    });
}

namespace {

/// The names that stand between a heading of the section RELOAD and the next one, as words.
std::string reload_list(const std::string& page, std::string_view impact, std::string_view of) {
    const auto section = page.find("\n.SH RELOAD\n");
    REQUIRE(section != std::string::npos);
    const auto start = page.find("\n.B " + std::string(impact) + "\n", section);
    REQUIRE(start != std::string::npos);
    const auto from = page.find("\nOf a " + std::string(of), start);
    REQUIRE(from != std::string::npos);
    const auto names = page.find("\n.BR ", from);
    return " " + page.substr(names, page.find(" .\n", names) - names) + " ";
}

template <class Entry>
void check_reload_lists(const std::string& page, std::string_view of,
                        std::span<const Option<Entry>> options) {
    const std::string restarts = reload_list(page, "restart", of);
    const std::string rekeys = reload_list(page, "rekey", of);
    for (const auto& option : options) {
        INFO(option.name);
        const std::string word = " " + std::string(option.name) + " ";
        CHECK(restarts.contains(word) == (option.renews == Renews::tunnel));
        CHECK(rekeys.contains(word) == (option.renews == Renews::child_sas));
    }
}

}  // namespace

TEST_CASE("manual: it tells what a reload does about each option") {
    const std::string page = manual_page();
    check_reload_lists(page, "phase 1", phase1_options());
    check_reload_lists(page, "phase 2", phase2_options());
}

TEST_CASE("manual: its examples load without a word") {
    const auto all = examples(manual_page());
    CHECK(all.size() >= 7);
    FakeSecrets secrets;
    for (const char* name :
         {"to-hq", "branch", "hub", "archive", "main", "backup", "host", "partner"})
        secrets.credentials[name] = "0123456789abcdef0123456789abcdef";
    secrets.files["/etc/xfrmd/secret/partner.psk"] = "0123456789abcdef0123456789abcdef";
    for (const std::string& example : all) {
        INFO(example);
        const auto loaded = load_text(example, secrets);
        INFO(all_text(loaded));
        CHECK(loaded.config);
        CHECK(loaded.problems.empty());
    }
}

TEST_CASE("README: its example loads without a word") {
    const std::string page = whole_file(XFRMD_README);
    const std::string fence = "```json\n";
    const auto start = page.find(fence) + fence.size();
    REQUIRE(page.contains(fence));
    FakeSecrets secrets;
    secrets.files["/etc/xfrmd/to-hq.psk"] = "correct horse battery staple\n";
    const auto loaded = load_text(page.substr(start, page.find("```", start) - start), secrets);
    INFO(all_text(loaded));
    CHECK(loaded.config);
    CHECK(loaded.problems.empty());
}
