// What xfrmctl prints: widths, colours, strange input, and the screen in the README.
#include "control/screen.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "control/answers.hpp"
#include "control/client.hpp"
#include "control/screen_words.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;

namespace {

TunnelSpec site(const char* name, const char* remote, int number, bool auto_negotiate) {
    TunnelSpec spec;
    spec.name = name;
    spec.remote = remote;
    spec.remote_subnets = {"10." + std::to_string(number) + ".0.0/24"};
    spec.auto_negotiate = auto_negotiate;
    return spec;
}

std::string status_of(const Gateway& gateway, Instant now) {
    std::vector<ike::TunnelOverview> tunnels;
    std::string name;
    for (auto next = gateway.engine().next_tunnel(name); next;
         next = gateway.engine().next_tunnel(name)) {
        name = *next;
        tunnels.push_back(gateway.engine().tunnel(name).value());
    }
    std::string frame = control::status_answer(tunnels, now, false);
    frame.pop_back();
    return control::read_reply(frame)->parameters;
}

/// Five tunnels in five states, an hour and something after the start.
struct FiveStates {
    FiveStates() : west(world.add("west", "192.0.2.1")) {
        const TunnelSpec berlin = site("berlin", "192.0.2.2", 2, true);
        const TunnelSpec lisbon = site("lisbon", "192.0.2.3", 3, false);
        const TunnelSpec madrid = site("madrid", "192.0.2.4", 4, true);
        const TunnelSpec oslo = site("oslo", "192.0.2.5", 5, true);
        const TunnelSpec rome = site("rome", "192.0.2.6", 6, true);
        TunnelSpec other_secret = madrid.mirrored();
        other_secret.psk = "something else altogether";
        world.add("berlin", berlin.remote).configure({berlin.mirrored().phase1()}, world.now());
        world.add("madrid", madrid.remote).configure({other_secret.phase1()}, world.now());
        world.add("rome", rome.remote).configure({rome.mirrored().phase1()}, world.now());
        west.configure(
            {berlin.phase1(), lisbon.phase1(), madrid.phase1(), oslo.phase1(), rome.phase1()},
            world.now());
        world.run_for(seconds(4000));
        west.handle(ike::CommandDown{"rome"}, world.now());
        for (const auto& [id, sa] : west.kernel.sas())
            west.kernel.count(id, 1000,
                              sa.install.direction == xfrm::Direction::in ? 48'100'000 : 1'230'000);
        world.run_for(seconds(12));
        west.handle(ike::CommandReadCounters{"berlin"}, world.now());
    }
    World world;
    Gateway& west;
};

std::string readme() {
    std::ifstream file(XFRMD_SOURCE_ROOT "/README.md");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("screen: five tunnels in five states, as the README shows them") {
    const FiveStates five;
    const std::string table =
        control::status_table(status_of(five.west, five.world.now().boottime), {});
    INFO(table);
    for (const char* state : {" up ", " waiting ", " down ", " negotiating ", " held-down "})
        CHECK(table.find(state) != std::string::npos);
    CHECK(readme().find(table) != std::string::npos);
}

TEST_CASE("screen: no line of the table has more than 100 columns, whatever the names are") {
    const std::string status =
        R"({"tunnels":[{"name":"a-name-that-is-much-longer-than-the-column-for-it",)"
        R"("state":"out-of-service",)"
        R"("state_seconds":99999999,"remote":"2001:db8:1234:5678:9abc:def0:1234:5678",)"
        R"("phase2_up":100,)"
        R"("phase2_total":1000,"bytes_in":18446744073709551615,"bytes_out":999999999999,)"
        R"("next_event":"IKE expiry or something longer","next_event_seconds":86399}]})";
    std::istringstream table(control::status_table(status, {}));
    for (std::string line; std::getline(table, line);)
        CHECK(line.size() <= 100);
    CHECK(control::status_table(R"({"tunnels":[]})", {}) == "no tunnel is configured\n");
}

TEST_CASE("screen: colours only where they are wanted, control characters nowhere") {
    const std::string status = R"({"tunnels":[{"name":"evil\u001b[2J","state":"up"}]})";
    CHECK(control::status_table(status, {}).find('\x1b') == std::string::npos);
    CHECK(control::status_table(status, {.color = true}).find("\x1b[32m") != std::string::npos);
    CHECK(control::status_table(status, {.color = true}).find("\x1b[2J") == std::string::npos);
    CHECK(control::status_details(status, {}).find('\x1b') == std::string::npos);
}

TEST_CASE("screen: details show what the kernel has of a tunnel that is up") {
    const FiveStates five;
    const std::string page =
        control::status_details(status_of(five.west, five.world.now().boottime), {});
    for (const char* words :
         {"berlin up", "rfc4106(gcm(aes))", "peer-id", "rekey in", "48100000 bytes", "on-demand",
          "authentication-failed-local", "what to do"})
        CHECK(page.find(words) != std::string::npos);
}

TEST_CASE("screen: replies that make no sense do no harm") {
    for (const char* text : {"", "[]", "{\"tunnels\":7}", "{\"tunnels\":[7,{}]}",
                             "{\"explanations\":[{\"chain\":7}]}", "{\"event\":[]}"}) {
        control::status_table(text, {});
        control::status_details(text, {});
        control::explanation_text(text, {});
        control::counters_text(text);
        CHECK(control::event_line(text, {}).empty());
    }
}

TEST_CASE("screen: numbers in few characters") {
    using namespace control::screen;
    CHECK(duration_text(59) == "59s");
    CHECK(duration_text(61) == "1m 1s");
    CHECK(duration_text(3 * 3600 + 60) == "3h 1m");
    CHECK(duration_text(90000) == "1d 1h");
    CHECK(amount_text(999) == "999");
    CHECK(amount_text(1000) == "1.0k");
    CHECK(amount_text(999'999) == "1.0M");
    CHECK(amount_text(48'100'000) == "48M");
    CHECK(cell("abcdef", 4) == "abc~");
    CHECK(cell("ab", 4) == "ab  ");
}
