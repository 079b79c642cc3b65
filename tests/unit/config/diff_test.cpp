// The difference of two configurations: every option of the tables counts, with its own impact.
#include "config/diff.hpp"

#include <map>

#include "config/entry_of.hpp"
#include "config/sections.hpp"
#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

/// Options and their values as JSON; an empty one leaves the option out.
using Fields = std::map<std::string, std::string>;

std::string object(Fields fields, const Fields& overlay) {
    for (const auto& [option, value] : overlay)
        fields[option] = value;
    std::string text = "{";
    for (const auto& [option, value] : fields)
        if (!value.empty()) text += (text == "{" ? "\"" : ", \"") + option + "\": " + value;
    return text + "}";
}

const Fields usual_phase1{{"interface", R"("eth0")"},
                          {"remote-gw", R"("192.0.2.1")"},
                          {"proposal", R"(["aes256-sha256"])"},
                          {"psksecret", R"("0123456789abcdef0123")"}};
const Fields usual_phase2{{"phase1name", R"("hub")"}, {"proposal", R"(["aes128gcm"])"}};

/// "hub" with "net", and "other" to another peer; addresses a, b and six.
std::string file(const Fields& phase1, const Fields& phase2, const std::string& a = "10.3.0.0/16") {
    return R"({ "address": {"a": {"subnet": ")" + a + R"("}, "b": {"subnet": "10.4.0.0/16"},
        "six": {"subnet": "2001:db8:1::/48"}, "seven": {"subnet": "2001:db8:2::/48"}},
        "phase1-interface": { "hub": )" +
           object(usual_phase1, phase1) + R"(, "other": )" +
           object(usual_phase1, {{"remote-gw", R"("192.0.2.77")"}}) +
           R"( }, "phase2-interface": { "net": )" + object(usual_phase2, phase2) + R"(, "net2": )" +
           object(usual_phase2,
                  {{"phase1name", R"("other")"}, {"dst-subnet", R"("10.9.0.0/16")"}}) +
           "} }";
}

std::shared_ptr<const Config> configuration(const std::string& text, FakeSecrets secrets = {}) {
    const auto loaded = load_text(text, std::move(secrets));
    INFO(text << "\n" << all_text(loaded));
    REQUIRE(loaded.config);
    return loaded.config;
}

/// The option with two settings of its entry that differ in it.
struct Sample {
    std::string option;
    Fields before;
    Fields after;
};

const Fields six{{"ip-version", "6"}, {"remote-gw", ""}, {"remote-gw6", R"("2001:db8::1")"}};
const Fields dial_up{{"type", R"("dynamic")"}, {"remote-gw", ""}};

Fields with(Fields fields, const Fields& more) {
    for (const auto& [option, value] : more)
        fields[option] = value;
    return fields;
}

const Fields from_subnet =
    with(dial_up, {{"remote-gw-match", R"("ipmask")"}, {"remote-gw-subnet", R"("10.0.0.0/8")"}});
const Fields from_range = with(dial_up, {{"remote-gw-match", R"("iprange")"},
                                         {"remote-gw-start-ip", R"("10.0.0.1")"},
                                         {"remote-gw-end-ip", R"("10.0.0.9")"}});
const Fields named{{"peertype", R"("one")"}, {"peerid", R"("a")"}};

std::vector<Sample> phase1_samples() {
    return {
        {"type", {}, dial_up},
        {"interface", {}, {{"interface", R"("eth1")"}}},
        {"ip-version", {}, six},
        {"ike-version", {}, {{"ike-version", "2"}}},
        {"local-gw", {}, {{"local-gw", R"("192.0.2.9")"}}},
        {"local-gw6", six, with(six, {{"local-gw6", R"("2001:db8::9")"}})},
        {"remote-gw", {}, {{"remote-gw", R"("192.0.2.2")"}}},
        {"remote-gw6", six, with(six, {{"remote-gw6", R"("2001:db8::2")"}})},
        {"remotegw-ddns",
         {{"type", R"("ddns")"}, {"remote-gw", ""}, {"remotegw-ddns", R"("a.example")"}},
         {{"type", R"("ddns")"}, {"remote-gw", ""}, {"remotegw-ddns", R"("b.example")"}}},
        {"remote-gw-match", dial_up, from_subnet},
        {"remote-gw-subnet", from_subnet,
         with(from_subnet, {{"remote-gw-subnet", R"("11.0.0.0/8")"}})},
        {"remote-gw-start-ip", from_range,
         with(from_range, {{"remote-gw-start-ip", R"("10.0.0.3")"}})},
        {"remote-gw-end-ip", from_range, with(from_range, {{"remote-gw-end-ip", R"("10.0.0.8")"}})},
        {"authmethod", {}, {{"authmethod", R"("psk")"}}},
        {"psksecret", {}, {{"psksecret", R"("another secret of 2 words")"}}},
        {"psksecret-remote", {}, {{"psksecret-remote", R"("another secret of 2 words")"}}},
        {"peertype", {}, named},
        {"peerid", named, with(named, {{"peerid", R"("b")"}})},
        {"peerid-type", named, with(named, {{"peerid-type", R"("keyid")"}})},
        {"localid", {}, {{"localid", R"("a")"}}},
        {"localid-type",
         {{"localid", R"("a")"}},
         {{"localid", R"("a")"}, {"localid-type", R"("keyid")"}}},
        {"proposal", {}, {{"proposal", R"(["aes128-sha256"])"}}},
        {"dhgrp", {}, {{"dhgrp", "[31]"}}},
        {"keylife", {}, {{"keylife", "70000"}}},
        {"rekey", {}, {{"rekey", "false"}}},
        {"reauth", {}, {{"reauth", "true"}}},
        {"esn", {}, {{"esn", R"("allow")"}}},
        {"childless-ike", {}, {{"childless-ike", "true"}}},
        {"passive-mode", {}, {{"passive-mode", "true"}}},
        {"auto-negotiate", {}, {{"auto-negotiate", "false"}}},
        {"negotiate-timeout", {}, {{"negotiate-timeout", "40"}}},
        {"dpd", {}, {{"dpd", R"("on-idle")"}}},
        {"dpd-retrycount", {}, {{"dpd-retrycount", "4"}}},
        {"dpd-retryinterval", {}, {{"dpd-retryinterval", "[7, 500]"}}},
        {"nattraversal", {}, {{"nattraversal", R"("forced")"}}},
        {"keepalive", {}, {{"keepalive", "20"}}},
        {"fragmentation", {}, {{"fragmentation", "false"}}},
        {"fragmentation-mtu", {}, {{"fragmentation-mtu", "1000"}}},
        {"add-route", {}, {{"add-route", "false"}}},
        {"offload", {}, {{"offload", R"("none")"}}},
        {"offload-require", {}, {{"offload-require", "true"}}},
        {"offload-prefer-suites", {}, {{"offload-prefer-suites", "true"}}},
        {"monitor", {}, {{"monitor", R"(["other"])"}}},
        {"monitor-min",
         {{"monitor", R"(["other"])"}},
         {{"monitor", R"(["other"])"}, {"monitor-min", "1"}}},
        {"idle-timeout", {}, {{"idle-timeout", "false"}}},
        {"idle-timeoutinterval", {}, {{"idle-timeoutinterval", "20"}}},
        {"comments", {}, {{"comments", R"("old")"}}},
    };
}

Fields side(const std::string& which, const char* type, const Fields& values) {
    Fields fields{{which + "-addr-type", '"' + std::string(type) + '"'}};
    for (const auto& [suffix, value] : values)
        fields[which + "-" + suffix] = '"' + value + '"';
    // Both sides are of one family.
    const std::string other = which == "src" ? "dst" : "src";
    if (std::string_view(type).ends_with("6")) fields[other + "-addr-type"] = R"("subnet6")";
    return fields;
}

void add_samples_of_side(const std::string& which, std::vector<Sample>& samples) {
    const auto add = [&](const char* option, const char* type, const Fields& before,
                         const Fields& after) {
        samples.push_back(
            {which + "-" + option, side(which, type, before), side(which, type, after)});
    };
    samples.push_back({which + "-addr-type", {}, side(which, "name", {{"name", "a"}})});
    add("subnet", "subnet", {{"subnet", "10.1.0.0/24"}}, {{"subnet", "10.2.0.0/24"}});
    add("start-ip", "range", {{"start-ip", "10.0.0.1"}, {"end-ip", "10.0.0.9"}},
        {{"start-ip", "10.0.0.2"}, {"end-ip", "10.0.0.9"}});
    add("end-ip", "range", {{"start-ip", "10.0.0.1"}, {"end-ip", "10.0.0.9"}},
        {{"start-ip", "10.0.0.1"}, {"end-ip", "10.0.0.8"}});
    add("name", "name", {{"name", "a"}}, {{"name", "b"}});
    add("subnet6", "subnet6", {{"subnet6", "2001:db8::/64"}}, {{"subnet6", "2001:db8:1::/64"}});
    add("start-ip6", "range6", {{"start-ip6", "2001:db8::1"}, {"end-ip6", "2001:db8::9"}},
        {{"start-ip6", "2001:db8::2"}, {"end-ip6", "2001:db8::9"}});
    add("end-ip6", "range6", {{"start-ip6", "2001:db8::1"}, {"end-ip6", "2001:db8::9"}},
        {{"start-ip6", "2001:db8::1"}, {"end-ip6", "2001:db8::8"}});
    add("name6", "name6", {{"name6", "six"}}, {{"name6", "seven"}});
}

/// Between the gateways themselves, which both modes can be.
Fields transport(const char* mode) {
    return {{"encapsulation", mode},
            {"src-subnet", R"("192.0.2.9/32")"},
            {"dst-subnet", R"("192.0.2.1/32")"}};
}

std::vector<Sample> phase2_samples() {
    const Fields tcp{{"protocol", "6"}};
    std::vector<Sample> samples{
        {"phase1name", {}, {}},
        {"proposal", {}, {{"proposal", R"(["aes256gcm"])"}}},
        {"pfs", {}, {{"pfs", "false"}}},
        {"dhgrp", {}, {{"dhgrp", "[31]"}}},
        {"replay", {}, {{"replay", "false"}}},
        {"auto-negotiate", {}, {{"auto-negotiate", "true"}}},
        {"keepalive", {}, {{"keepalive", "true"}}},
        {"keylife-type", {}, {{"keylife-type", R"("both")"}}},
        {"keylifeseconds", {}, {{"keylifeseconds", "3600"}}},
        {"keylifekbs",
         {{"keylife-type", R"("both")"}},
         {{"keylife-type", R"("both")"}, {"keylifekbs", "9000"}}},
        {"encapsulation", transport(R"("tunnel-mode")"), transport(R"("transport-mode")")},
        {"src-port", tcp, with(tcp, {{"src-port", "80"}})},
        {"dst-port", tcp, with(tcp, {{"dst-port", "80"}})},
        {"protocol", {}, tcp},
        {"initiator-ts-narrow", {}, {{"initiator-ts-narrow", "true"}}},
        {"offload", {}, {{"offload", R"("none")"}}},
        {"comments", {}, {{"comments", R"("old")"}}},
    };
    add_samples_of_side("src", samples);
    add_samples_of_side("dst", samples);
    return samples;
}

/// Options that are checked when they are read and decide nothing after that.
bool decides_nothing_of(const std::string& option) {
    for (const char* name :
         {"ike-version", "authmethod", "idle-timeout", "idle-timeoutinterval", "phase1name"})
        if (option == name) return true;
    return false;
}

template <class Entry>
void check_sample(const Option<Entry>& row, const Sample& sample, const Difference& difference) {
    INFO(sample.option);
    REQUIRE(difference.changes.size() == (decides_nothing_of(sample.option) ? 0U : 1U));
    if (difference.changes.empty()) return;
    const Change& change = difference.changes.front();
    CHECK(change.kind == Change::Kind::changed);
    CHECK(change.phase1 == "hub");
    INFO(change.to_text());
    const auto found = std::ranges::find(change.options, sample.option, &OptionChange::option);
    REQUIRE(found != change.options.end());
    CHECK(to_text(found->impact) == std::string(row.renews == Renews::nothing     ? "none"
                                                : row.renews == Renews::child_sas ? "rekey"
                                                                                  : "restart"));
    CHECK(found->before != "null");
    CHECK_FALSE(change.to_text().contains("another secret"));
    CHECK_FALSE(change.to_text().contains("0123456789abcdef"));
}

/// Every row has its sample, and the difference of the sample tells of it.
template <class Entry>
void check_table(std::span<const Option<Entry>> options, const std::vector<Sample>& samples,
                 bool of_phase1) {
    for (const Option<Entry>& row : options) {
        INFO(row.name << " needs a sample here, and an entry_of() that knows it");
        const auto sample = std::ranges::find(samples, std::string(row.name), &Sample::option);
        REQUIRE(sample != samples.end());
        const Fields none;
        const auto before =
            configuration(of_phase1 ? file(sample->before, none) : file(none, sample->before));
        const auto after =
            configuration(of_phase1 ? file(sample->after, none) : file(none, sample->after));
        check_sample(row, *sample, diff(*before, *after));
        CHECK(diff(*before, *before).changes.empty());
    }
}

std::string tables_of(const std::string& text) {
    std::string all;
    for (const Change& change : diff(*configuration(file({}, {})), *configuration(text)).changes)
        all += change.to_text() + "\n";
    return all;
}

}  // namespace

TEST_CASE("diff: every option of a phase 1 counts, with the impact of its row") {
    check_table(phase1_options(), phase1_samples(), true);
}

TEST_CASE("diff: every option of a phase 2 counts, with the impact of its row") {
    check_table(phase2_options(), phase2_samples(), false);
}

TEST_CASE("diff: an entry made of what is in effect is written as the one that was loaded") {
    const auto check = [](const std::string& text) {
        const auto loaded = load_text(text);
        REQUIRE(loaded.config);
        const Phase1Entry& entry = loaded.settings->phase1s.front();
        for (const auto& row : phase1_options()) {
            if (row.shape.form == Form::secret || decides_nothing_of(std::string(row.name)) ||
                !applies(row, phase1_options(), entry))
                continue;
            INFO(text << "\n" << row.name);
            CHECK(row.write(row.shape, entry_of(static_cast<const Phase1&>(entry))).to_text() ==
                  row.write(row.shape, entry).to_text());
        }
        const Phase2Entry& child = loaded.settings->phase2s.front();
        for (const auto& row : phase2_options()) {
            if (decides_nothing_of(std::string(row.name)) || !applies(row, phase2_options(), child))
                continue;
            INFO(text << "\n" << row.name);
            CHECK(row.write(row.shape, entry_of(static_cast<const Phase2&>(child))).to_text() ==
                  row.write(row.shape, child).to_text());
        }
    };
    for (const Sample& sample : phase1_samples())
        check(file(sample.after, {}));
    for (const Sample& sample : phase2_samples())
        check(file({}, sample.after));
}

TEST_CASE("diff: lines name the entry, the impact, and both values") {
    CHECK(tables_of(file({}, {{"proposal", R"(["aes256gcm"])"}, {"keepalive", "true"}})) ==
          "phase 2 net of hub is changed (rekey): proposal [\"aes128gcm\"] -> [\"aes256gcm\"], "
          "keepalive false -> true\n");
    CHECK(tables_of(file({{"remote-gw", R"("192.0.2.5")"}}, {})) ==
          "phase 1 hub is changed (restart): remote-gw \"192.0.2.1\" -> \"192.0.2.5\"\n");
    CHECK(tables_of(file({{"psksecret", R"("another secret of 2 words")"}}, {})) ==
          "phase 1 hub is changed (restart): psksecret changed\n");
    CHECK(tables_of(file({}, {}).insert(1, R"("daemon": {"embryonic-limit": 77}, )")) ==
          "daemon is changed (none): embryonic-limit 10000 -> 77\n");
}

TEST_CASE("diff: an address counts through the phase 2 that uses it") {
    const Fields user = side("src", "name", {{"name", "a"}});
    const auto before = configuration(file({}, user));
    const auto after = configuration(file({}, user, "10.7.0.0/16"));
    const Difference difference = diff(*before, *after);
    REQUIRE(difference.changes.size() == 1);
    CHECK(difference.changes[0].to_text() ==
          "phase 2 net of hub is changed (restart): src-name \"a\" stands for other addresses");
    // Nobody uses it.
    CHECK(diff(*configuration(file({}, {})), *configuration(file({}, {}, "10.7.0.0/16")))
              .changes.empty());
    // The same addresses by another name are the same.
    const auto renamed =
        configuration(file({}, side("src", "subnet", {{"subnet", "10.3.0.0/16"}})));
    CHECK(diff(*before, *renamed).changes.empty());
}

TEST_CASE("diff: a secret in a file that changed counts, the same secret elsewhere does not") {
    const Fields by_file{{"psksecret", R"({"file": "/psk"})"}};
    FakeSecrets secrets;
    secrets.files["/psk"] = "0123456789abcdef0123\n";
    const auto literal = configuration(file({}, {}));
    const auto before = configuration(file(by_file, {}), secrets);
    CHECK(diff(*literal, *before).changes.empty());
    secrets.files["/psk"] = "another secret of files\n";
    const auto after = configuration(file(by_file, {}), secrets);
    REQUIRE(diff(*before, *after).changes.size() == 1);
    CHECK(diff(*before, *after).changes[0].impact == Impact::restart);
}

TEST_CASE("diff: what is renamed, or moves to another section, is removed and added") {
    std::string text = file({}, {});
    const auto before = configuration(text);
    const auto replace_all = [&text](std::string_view what, std::string_view by) {
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
            text.replace(at, what.size(), by);
    };
    replace_all("\"net\"", "\"lan\"");
    const Difference renamed = diff(*before, *configuration(text));
    REQUIRE(renamed.changes.size() == 2);
    CHECK(renamed.changes[0].to_text() == "phase 2 net of hub is removed");
    CHECK(renamed.changes[1].to_text() == "phase 2 lan of hub is added");
    CHECK(renamed.summary() == "1 added, 1 removed");

    text = file({}, {});
    replace_all("-interface\": {", "\": {");
    const Difference moved = diff(*before, *configuration(text));
    CHECK(moved.changes.size() == 8);
    CHECK(moved.summary() == "4 added, 4 removed");
    CHECK(diff(*before, *before).summary() == "nothing has changed");
}

TEST_CASE("diff: what is to be renewed is what the lines say") {
    const auto before = configuration(file({}, {}));
    const auto renews = [&](const Fields& phase1, const Fields& phase2) {
        const auto after = configuration(file(phase1, phase2));
        return std::pair(renewal(*before->phase1s[0], *after->phase1s[0]),
                         renewal(before->phase1s[0]->phase2s[0], after->phase1s[0]->phase2s[0]));
    };
    using Pair = std::pair<std::optional<Renews>, std::optional<Renews>>;
    CHECK(renews({}, {}) == Pair(std::nullopt, std::nullopt));
    CHECK(renews({{"dpd", R"("disable")"}}, {}) == Pair(Renews::nothing, std::nullopt));
    CHECK(renews({{"esn", R"("allow")"}}, {{"comments", R"("x")"}}) ==
          Pair(Renews::child_sas, Renews::nothing));
    CHECK(renews({}, {{"pfs", "false"}}) == Pair(std::nullopt, Renews::child_sas));
    CHECK(renews({{"localid", R"("a")"}}, {{"protocol", "6"}}) ==
          Pair(Renews::tunnel, Renews::tunnel));
    CHECK(renews({{"passive-mode", "true"}}, {}) == Pair(Renews::tunnel, std::nullopt));
    const auto passive = configuration(file({{"passive-mode", "true"}}, {}));
    CHECK(renewal(*passive->phase1s[0], *before->phase1s[0]) == Renews::nothing);
    // An option without a meaning has no effect.
    CHECK(renews({}, {{"pfs", "false"}, {"dhgrp", "[31]"}}) ==
          Pair(std::nullopt, Renews::child_sas));
}
