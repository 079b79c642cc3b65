// The metrics are Prometheus's text: names, types, labels, and one group of lines for each name.
#include "control/metrics.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using control::MetricsText;

namespace {

std::string all_of(MetricsText text, const ike::Tally& tally) {
    std::string whole;
    while (const auto piece = text.next(tally, {.tunnels = 3}, {}))
        whole += *piece;
    return whole;
}

std::string metrics_of(const Gateway& gateway, std::size_t copies = 1) {
    MetricsText text;
    for (std::size_t i = 0; i < copies; ++i)
        text.add(gateway.engine().tunnel("tunnel").value());
    return all_of(std::move(text), gateway.engine().tally());
}

}  // namespace

TEST_CASE("metrics: a phase 2 has its state and traffic, and its reason while it is down") {
    Pair pair;
    CHECK(metrics_of(pair.west).find(
              "xfrmd_phase2_state{phase1=\"tunnel\",phase2=\"tunnel-net\",state=\"down\",reason="
              "\"waiting-for-traffic\"} 1\n") != std::string::npos);
    REQUIRE(pair.connect());
    for (const auto& [id, sa] : pair.west.kernel.sas())
        pair.west.kernel.count(id, 3, 300);
    pair.world.run_for(std::chrono::seconds(20));
    const std::string text = metrics_of(pair.west);
    INFO(text);
    for (const char* line :
         {"xfrmd_phase2_up{phase1=\"tunnel\",phase2=\"tunnel-net\"} 1\n",
          "state=\"up\",reason=\"\"} 1\n",
          "xfrmd_phase2_received_bytes_total{phase1=\"tunnel\",phase2=\"tunnel-net\"} 300\n",
          "xfrmd_exchanges_started_total{exchange=\"IKE_AUTH\"} 1\n",
          "xfrmd_child_sas_established_total 1\n", "xfrmd_tunnels 3\n",
          "xfrmd_ipsec_sas{offload=\"software\"} 2\n", "xfrmd_ipsec_sas{offload=\"packet\"} 0\n"})
        CHECK(text.find(line) != std::string::npos);
}

TEST_CASE("metrics: traffic of SAs that are gone still counts") {
    Pair pair;
    REQUIRE(pair.connect());
    for (const auto& [id, sa] : pair.west.kernel.sas())
        pair.west.kernel.count(id, 3, 300);
    pair.world.run_for(std::chrono::seconds(20));
    pair.west.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, pair.world.now());
    pair.world.run_for(std::chrono::seconds(20));
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    const std::string text = metrics_of(pair.west);
    CHECK(
        text.find("xfrmd_phase2_sent_bytes_total{phase1=\"tunnel\",phase2=\"tunnel-net\"} 300\n") !=
        std::string::npos);
    CHECK(text.find("xfrmd_child_sas_rekeyed_total 1\n") != std::string::npos);
    CHECK(text.find("reason=\"stopped\"") != std::string::npos);
}

TEST_CASE("metrics: every name has help and type, once, before its lines, in one group") {
    Pair pair;
    std::istringstream text(metrics_of(pair.west, 1000));
    std::string group;
    std::set<std::string> seen;
    std::map<std::string, std::size_t> lines;
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with("# HELP ")) {
            group = line.substr(7, line.find(' ', 7) - 7);
            CHECK(seen.insert(group).second);
            CHECK(group.starts_with("xfrmd_"));
        } else if (line.starts_with("# TYPE ")) {
            CHECK(line.starts_with("# TYPE " + group + " "));
            CHECK(line.ends_with(" counter") == group.ends_with("_total"));
        } else {
            CHECK(line.starts_with(group));
            ++lines[group];
        }
    }
    CHECK(lines["xfrmd_phase2_up"] == 1000);
}

TEST_CASE("metrics: no piece is long, so that nothing waits for them") {
    Pair pair;
    MetricsText text;
    for (int i = 0; i < 1000; ++i)
        text.add(pair.west.engine().tunnel("tunnel").value());
    while (const auto piece = text.next({}, {}, {}))
        CHECK(piece->size() < 64 * 1024);
}

TEST_CASE("metrics: names are escaped as labels") {
    CHECK(control::label_value("a\"b\\c\nd") == "a\\\"b\\\\c\\nd");
}

TEST_CASE("metrics: promtool accepts them") {
    if (std::system("command -v promtool >/dev/null") != 0) {
        WARN("promtool is not there: install prometheus");
        return;
    }
    Pair pair;
    const auto file = std::filesystem::temp_directory_path() / "xfrmd-metrics-test";
    std::ofstream(file) << metrics_of(pair.west);
    CHECK(std::system(("promtool check metrics <" + file.native()).c_str()) == 0);
    std::filesystem::remove(file);
}

TEST_CASE("metrics: the dashboard asks for nothing that is not there") {
    std::ifstream file(XFRMD_SOURCE_ROOT "/packaging/grafana-dashboard.json");
    REQUIRE(file);
    std::stringstream dashboard;
    dashboard << file.rdbuf();
    const std::string text = dashboard.str();
    Pair pair;
    const std::string metrics = metrics_of(pair.west);
    std::size_t names = 0;
    for (auto at = text.find("xfrmd_"); at != std::string::npos; at = text.find("xfrmd_", at + 1)) {
        const std::string name = text.substr(
            at, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", at) - at);
        INFO(name);
        const bool is_part = name.ends_with("_sum") || name.ends_with("_count");
        CHECK(metrics.find((is_part ? "\n" : "# TYPE ") + name + " ") != std::string::npos);
        ++names;
    }
    CHECK(names > 10);
}
