// What is told of offload: the mode and the device as read back, and why there is not more.
#include <sstream>

#include "control/answers.hpp"
#include "control/client.hpp"
#include "control/explain.hpp"
#include "control/metrics.hpp"
#include "control/screen.hpp"
#include "sim/offload_pair.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using xfrm::OffloadMode;

namespace {

std::string status_of(OffloadPair& pair) {
    const std::vector<ike::TunnelOverview> tunnels{pair.west.engine().tunnel("tunnel").value()};
    std::string frame = control::status_answer(tunnels, pair.world.now().boottime, false);
    frame.pop_back();
    return control::read_reply(frame)->parameters;
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("offload told: status has the mode, the device, and the driver's words") {
    OffloadPair pair(OffloadMode::crypto);
    REQUIRE(pair.connect());
    const std::string status = status_of(pair);
    INFO(status);
    for (const char* part :
         {"\"offload\":\"crypto\"", "\"offload_device\":\"eth0\"", "\"offload_asked\":\"auto\"",
          "\"offload_required\":false", "\"mode\":\"packet\"",
          "\"reason\":\"inbound SA: EOPNOTSUPP: Device failed to offload this state\""})
        CHECK(says(status, part));
    const std::string screen = control::status_details(status, {});
    INFO(screen);
    CHECK(says(screen, "offload crypto on eth0"));
    CHECK(says(screen, "auto asked for; not packet: inbound SA: EOPNOTSUPP"));
}

TEST_CASE("offload told: explain answers why not more, or that there is no device for it") {
    OffloadPair able(OffloadMode::crypto);
    REQUIRE(able.connect());
    const auto text = [&](OffloadPair& pair) {
        const auto tunnel = pair.west.engine().tunnel("tunnel").value();
        const auto found = control::explain(tunnel, tunnel.phase2s[0], pair.world.now().boottime);
        return found.chain[static_cast<std::size_t>(ike::Link::kernel)].text;
    };
    CHECK(says(text(able), "crypto offload; not packet: inbound SA: EOPNOTSUPP"));
    OffloadPair none(OffloadMode::none);
    none.west.handle(
        ike::InterfacesChanged{{{"eth0", card, 1500, true, {none.west.address}, false}}},
        none.world.now());
    REQUIRE(none.connect());
    CHECK(says(text(none), "in software; not packet, crypto: eth0 announces no ESP offload"));
}

TEST_CASE("offload told: metrics count each direction by its mode") {
    OffloadPair pair(OffloadMode::packet);
    REQUIRE(pair.connect());
    control::MetricsText text;
    text.add(pair.west.engine().tunnel("tunnel").value());
    const std::string lines = text.next({}, {}, {}).value();
    CHECK(says(lines, "xfrmd_ipsec_sas{offload=\"packet\"} 2\n"));
    CHECK(says(lines, "xfrmd_ipsec_sas{offload=\"software\"} 0\n"));
}
