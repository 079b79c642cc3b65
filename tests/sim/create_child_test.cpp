// New Child SAs under an IKE SA that is there.
#include "sim/collisions.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::KeyExchangeMethod;
using wire::NotifyType;

namespace {

/// Two phase 2s: 10.1.0.0/24 <-> 10.2.0.0/24 and 10.3.0.0/24 <-> 10.4.0.0/24.
config::Phase1 two_phase2s(const TunnelSpec& spec, std::vector<KeyExchangeMethod> groups) {
    const bool mirrored = spec.local == "192.0.2.2";
    TunnelSpec other = spec;
    other.local_subnets = {mirrored ? "10.4.0.0/24" : "10.3.0.0/24"};
    other.remote_subnets = {mirrored ? "10.3.0.0/24" : "10.4.0.0/24"};
    config::Phase1 phase1 = spec.phase1();
    phase1.phase2s.push_back(other.phase1().phase2s.front());
    phase1.phase2s.back().name = "second";
    for (config::Phase2& phase2 : phase1.phase2s) {
        phase2.pfs = !groups.empty();
        phase2.key_exchanges = groups;
    }
    return phase1;
}

bool passes_second(Pair& pair) {
    const Packet there{address("10.3.0.5"), address("10.4.0.9")};
    const Packet back{there.destination, there.source};
    return would_pass(pair.west.kernel, IfId{}, pair.east.kernel, there) &&
           would_pass(pair.east.kernel, IfId{}, pair.west.kernel, back);
}

std::size_t count_create_requests(const World& world) {
    return departures(world, wire::ExchangeType::create_child_sa, false).size();
}

}  // namespace

TEST_CASE("X01 child_create: each phase 2 gets its Child SA, with PFS and without, and only one") {
    for (const bool pfs : {false, true}) {
        INFO((pfs ? "PFS" : "no PFS"));
        const auto groups =
            pfs ? std::vector{KeyExchangeMethod::curve25519} : std::vector<KeyExchangeMethod>{};
        const TunnelSpec spec;
        Rekeying pair(1, two_phase2s(spec, groups), two_phase2s(spec.mirrored(), groups));
        pair.west.handle(ike::CommandUp{"tunnel", "second"}, pair.world.now());
        pair.world.run_for(seconds(5));
        CHECK(passes_both_ways(pair));
        CHECK(passes_second(pair));
        CHECK(to_text(check_converged(pair.west, pair.east)) == "");

        // Asked again by either end: there is nothing to ask for.
        const std::size_t before = count_create_requests(pair.world);
        CHECK(before == 1);
        for (Gateway* gateway : {&pair.west, &pair.east})
            for (const char* phase2 : {"tunnel-net", "second", ""})
                gateway->handle(ike::CommandUp{"tunnel", phase2}, pair.world.now());
        pair.world.run_for(seconds(5));
        CHECK(count_create_requests(pair.world) == before);
        CHECK(to_text(check_converged(pair.west, pair.east)) == "");
        CHECK(to_text(check_quiet(pair.world)) == "");
    }
}

TEST_CASE("X01 child_create: INVALID_KE_PAYLOAD, asked again with the other group") {
    const TunnelSpec spec;
    Rekeying pair(1, two_phase2s(spec, {KeyExchangeMethod::curve25519, KeyExchangeMethod::ecp_256}),
                  two_phase2s(spec.mirrored(), {KeyExchangeMethod::ecp_256}));
    pair.west.handle(ike::CommandUp{"tunnel", "second"}, pair.world.now());
    pair.world.run_for(seconds(5));
    CHECK(count_create_requests(pair.world) == 2);
    CHECK(pair.west.count_events(ike::EventKind::child_sa_failed) == 0);
    CHECK(passes_second(pair));
    CHECK(to_text(check_converged(pair.west, pair.east)) == "");
    CHECK(to_text(check_quiet(pair.world)) == "");
}

TEST_CASE("X02 child_create: against IKE rekey, both are put off and both succeed") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Rekeying pair(1, spec);
    const auto old_ike = pair.west_ike_sa();
    pair.delete_child(pair.east);
    pair.world.run_for(seconds(1));
    REQUIRE(count_children(pair.west) == 0);
    pair.world.hold();
    pair.world.run_for(seconds(5));
    pair.rekey_ike_sa(pair.east);
    step(pair, request_of(pair.west));
    step(pair, request_of(pair.east));
    CHECK(notifies_in(pair, response_of(pair.west)) == std::vector{NotifyType::temporary_failure});
    CHECK(notifies_in(pair, response_of(pair.east)) == std::vector{NotifyType::temporary_failure});
    step(pair, response_of(pair.west));
    step(pair, response_of(pair.east));
    pair.world.release_all();
    pair.world.run_for(seconds(30));
    CHECK(pair.west_ike_sa() != old_ike);
    expect(pair, End::one_child_after_loss);
}
