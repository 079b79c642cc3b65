// What explain tells beside the chain: what may be wrong, and is no reason by itself.
#include "control/explain.hpp"
#include "control/summary.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;

namespace {

control::Explanation explanation_of(Pair& pair, Gateway& gateway) {
    gateway.handle(ike::CommandReadCounters{"tunnel"}, pair.world.now());
    const auto tunnel = gateway.engine().tunnel("tunnel").value();
    return control::explain(tunnel, tunnel.phase2s.front(), pair.world.now().boottime);
}

void up(Pair& pair) {
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
}

}  // namespace

TEST_CASE("explain: traffic in one direction is no fault while the peer answers") {
    Pair pair;
    REQUIRE(pair.connect());
    for (int i = 0; i < 40; ++i) {
        for (const auto& [id, sa] : pair.west.kernel.sas())
            if (sa.install.direction == xfrm::Direction::out) pair.west.kernel.count(id, 20, 2000);
        pair.world.run_for(seconds(5));
        if (i < 6) continue;
        const auto found = explanation_of(pair, pair.west);
        INFO(found.message);
        CHECK_FALSE(found.link);
        CHECK(found.chain.back().text.find("the peer itself answers") != std::string::npos);
    }
}

TEST_CASE("explain: a few damaged packets among good ones are a note, many are a fault") {
    Pair pair;
    REQUIRE(pair.connect());
    auto tunnel = pair.west.engine().tunnel("tunnel").value();
    const auto found_with = [&](std::uint32_t damaged, std::uint64_t good) {
        xfrm::SaStatus& inbound = tunnel.phase2s.front().children.front().inbound;
        inbound.integrity_failures = damaged;
        inbound.packets = good;
        return control::explain(tunnel, tunnel.phase2s.front(), pair.world.now().boottime);
    };
    CHECK_FALSE(found_with(1, 0).link);
    CHECK(found_with(1, 0).chain.back().text.find("1 packets came in that do not fit") !=
          std::string::npos);
    CHECK_FALSE(found_with(50, 1'000'000).link);
    CHECK(found_with(10, 0).reason == Reason::integrity_failures);
    CHECK(found_with(50, 2000).reason == Reason::integrity_failures);
}

TEST_CASE("explain: a caller that proves nothing changes neither state nor reason") {
    const TunnelSpec spec;
    config::Phase1 east = spec.mirrored().phase1();
    east.passive = true;
    TunnelSpec other = spec;
    other.ike = four_suites()[1].spec.ike;
    Pair pair(spec.phase1(), east);
    const auto before = explanation_of(pair, pair.east);
    pair.west.configure({other.phase1()}, pair.world.now());
    up(pair);
    pair.world.run_for(seconds(40));
    const auto after = explanation_of(pair, pair.east);
    CHECK(after.reason == before.reason);
    CHECK(after.link == before.link);
    CHECK(after.message.starts_with(before.message));
    const auto tunnel = pair.east.engine().tunnel("tunnel").value();
    CHECK(control::summary_of(tunnel, pair.world.now().boottime).state ==
          control::TunnelState::waiting);
    CHECK_FALSE(tunnel.trouble);
    REQUIRE(tunnel.unproved_caller);
    CHECK(tunnel.unproved_caller->reason == Reason::no_proposal_chosen);
    // What the peer itself meets with counts more, and success is the end of it.
    pair.west.configure({spec.phase1()}, pair.world.now());
    up(pair);
    pair.world.run_for(seconds(40));
    CHECK_FALSE(pair.east.engine().tunnel("tunnel")->unproved_caller);
}
