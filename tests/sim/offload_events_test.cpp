// What happens to offloaded Child SAs when the device, its link or the way to the peer does.
#include <algorithm>

#include "sim/offload_pair.hpp"
#include "support/catch.hpp"
#include "support/invariants.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using xfrm::Direction;
using xfrm::OffloadMode;

namespace {

constexpr std::uint32_t other_card = 7;

ike::Interface eth0(const Gateway& gateway) {
    return {"eth0", card, 1500, true, {gateway.address}, true};
}

void tell(Pair& pair, Gateway& gateway, std::vector<ike::Interface> interfaces) {
    gateway.handle(ike::InterfacesChanged{std::move(interfaces)}, pair.world.now());
}

/// As the kernel does it: what the card had is gone, and so is the route.
void set_down(Pair& pair, Gateway& gateway) {
    gateway.kernel.lose_device(card);
    gateway.kernel.route_device = 0;
    pair.world.filter = [](const ike::Transmit&) { return false; };
    ike::Interface down = eth0(gateway);
    down.up = false;
    tell(pair, gateway, {down});
}

void set_up(Pair& pair, Gateway& gateway) {
    gateway.kernel.route_device = card;
    pair.world.filter = nullptr;
    tell(pair, gateway, {eth0(gateway)});
}

bool all_are_new(const Gateway& gateway, const std::vector<xfrm::SaStatus>& before) {
    return std::ranges::none_of(gateway.kernel.dump_sas(), [&](const xfrm::SaStatus& sa) {
        return std::ranges::find(before, sa.spi, &xfrm::SaStatus::spi) != before.end();
    });
}

}  // namespace

TEST_CASE("offload events: a link that goes down and comes back, at either end, in either mode") {
    for (const OffloadMode most : {OffloadMode::packet, OffloadMode::crypto}) {
        for (const bool at_initiator : {true, false}) {
            INFO(at_initiator << " mode " << static_cast<int>(most));
            OffloadPair pair(most);
            REQUIRE(pair.connect());
            Gateway& affected = at_initiator ? pair.west : pair.east;
            const auto before = affected.kernel.dump_sas();
            pair.ping();
            set_down(pair, affected);
            CHECK(to_text(check_nothing_in_clear(affected)).empty());
            CHECK(affected.count_events(ike::EventKind::offload_changed) == 1);
            CHECK(message_of(affected, Reason::offload_device_lost).starts_with("eth0 went down"));
            pair.world.run_for(seconds(20));
            CHECK(affected.left_in_clear.empty());
            set_up(pair, affected);
            CHECK(pair.world.run_until([&] { return passes_both_ways(pair); }, seconds(2)));
            pair.world.run_for(seconds(60));
            CHECK(OffloadPair::mode(affected) == most);
            CHECK(all_are_new(affected, before));
            CHECK(affected.kernel.sas().size() == 2);
            CHECK(affected.left_in_clear.empty());
            CHECK(to_text(check_quiet(pair.world)).empty());
        }
    }
}

TEST_CASE("offload events: a link that was down for a moment only") {
    OffloadPair pair(OffloadMode::packet);
    REQUIRE(pair.connect());
    const auto before = pair.west.kernel.dump_sas();
    pair.west.kernel.lose_device(card);
    ike::Interface again = eth0(pair.west);
    again.times_down = 1;
    tell(pair, pair.west, {again});
    CHECK(to_text(check_nothing_in_clear(pair.west)).empty());
    CHECK(pair.world.run_until([&] { return passes_both_ways(pair); }, seconds(2)));
    pair.world.run_for(seconds(60));
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::packet);
    CHECK(all_are_new(pair.west, before));
}

TEST_CASE("offload events: a request that was lost with the link does not wait for its turn") {
    OffloadPair pair(OffloadMode::packet);
    REQUIRE(pair.connect());
    pair.world.filter = [](const ike::Transmit&) { return false; };
    pair.rekey_ike_sa(pair.west);
    pair.world.run_for(seconds(10));
    set_down(pair, pair.west);
    pair.world.run_for(seconds(1));
    set_up(pair, pair.west);
    // Without a repetition out of its turn the next would be sent at 21 s.
    CHECK(pair.world.run_until([&] { return passes_both_ways(pair); }, seconds(2)));
}

TEST_CASE(
    "offload events: a link that stays down takes the peer's patience, then all begins anew") {
    OffloadPair pair(OffloadMode::packet, [](config::Phase1& phase1) {
        phase1.phase2s[0].auto_negotiate = phase1.phase2s[0].keepalive = true;
    });
    REQUIRE(pair.connect());
    pair.ping();
    set_down(pair, pair.west);
    pair.world.run_for(seconds(300));
    CHECK(pair.west.left_in_clear.empty());
    set_up(pair, pair.west);
    CHECK(pair.world.run_until([&] { return passes_both_ways(pair); }, seconds(2)));
    CHECK(pair.west.left_in_clear.empty());
}

TEST_CASE("offload events: a device that is gone leaves the tunnel to the next one") {
    OffloadPair pair(OffloadMode::packet);
    REQUIRE(pair.connect());
    pair.west.kernel.lose_device(card);
    pair.west.kernel.route_device = other_card;
    tell(pair, pair.west, {{"eth1", other_card, 1500, true, {pair.west.address}, false}});
    CHECK(message_of(pair.west, Reason::offload_device_lost).starts_with("eth0 is gone"));
    CHECK(pair.world.run_until([&] { return passes_both_ways(pair); }, seconds(2)));
    pair.world.run_for(seconds(60));
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::none);
    CHECK(OffloadPair::mode(pair.east) == OffloadMode::packet);
}

TEST_CASE("offload events: a route that moves takes the tunnel to the other card, without a gap") {
    OffloadPair pair(OffloadMode::packet);
    pair.west.kernel.device(other_card).most = OffloadMode::crypto;
    tell(pair, pair.west, {eth0(pair.west), {"eth1", other_card, 1500, true, {}, true}});
    REQUIRE(pair.connect());
    pair.ping();
    pair.west.handle(ike::RoutesChanged{}, pair.world.now());
    pair.world.run_for(seconds(5));
    CHECK(pair.west.kernel.offloaded(card) == 2);
    pair.west.kernel.route_device = other_card;
    pair.west.handle(ike::RoutesChanged{}, pair.world.now());
    pair.world.run_for(seconds(60));
    CHECK(pair.west.kernel.offloaded(card) == 0);
    CHECK(pair.west.kernel.offloaded(other_card) == 2);
    CHECK(message_of(pair.west, Reason::offload_device_lost)
              .starts_with("the way to the peer leads through eth1 now"));
    INFO(pair.losses());
    CHECK(pair.lost() == 0);
}

TEST_CASE("offload events: a route that moves away from the card and back takes the tunnel along") {
    OffloadPair pair(OffloadMode::packet);
    tell(pair, pair.west, {eth0(pair.west), {"eth1", other_card, 1500, true, {}, false}});
    REQUIRE(pair.connect());
    pair.ping();
    pair.west.kernel.route_device = other_card;
    pair.west.handle(ike::RoutesChanged{}, pair.world.now());
    pair.world.run_for(seconds(60));
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::none);
    pair.west.kernel.route_device = card;
    pair.west.handle(ike::RoutesChanged{}, pair.world.now());
    pair.world.run_for(seconds(60));
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::packet);
    INFO(pair.losses());
    CHECK(pair.lost() == 0);
}

TEST_CASE("offload events: a device that does no ESP any more") {
    OffloadPair pair(OffloadMode::packet);
    REQUIRE(pair.connect());
    pair.ping();
    ike::Interface plain = eth0(pair.west);
    plain.esp_offload = false;
    tell(pair, pair.west, {plain});
    pair.world.run_for(seconds(60));
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::none);
    CHECK(pair.lost() == 0);
}

TEST_CASE("offload events: an SA that falls back by itself is told, once") {
    for (const OffloadMode most : {OffloadMode::packet, OffloadMode::crypto}) {
        OffloadPair pair(most);
        REQUIRE(pair.connect());
        std::vector<FakeKernel::SaId> ids;
        for (const auto& [id, sa] : pair.west.kernel.sas())
            ids.push_back(id);
        for (const FakeKernel::SaId& id : ids)
            pair.west.kernel.lose_offload(id);
        pair.world.run_for(seconds(130));
        CHECK(message_of(pair.west, Reason::offload_lost).find("is in software now") !=
              std::string::npos);
        CHECK(pair.west.count_events(ike::EventKind::offload_changed) == 2);  // its two halves
        CHECK(passes_both_ways(pair));
        // In packet mode it would carry nothing: it has a successor by now.
        CHECK(OffloadPair::mode(pair.west) ==
              (most == OffloadMode::packet ? OffloadMode::packet : OffloadMode::none));
    }
}

TEST_CASE("offload events: a passive end leaves the successor to its peer") {
    OffloadPair pair(OffloadMode::packet);
    pair.connect();
    config::Phase1 passive = TunnelSpec{}.mirrored().phase1();
    passive.passive = true;
    passive.auto_negotiate = false;
    // It ends the tunnel, and lets the peer come back.
    pair.east.configure({passive}, pair.world.now());
    pair.world.run_for(seconds(5));
    REQUIRE(pair.connect());
    pair.ping();
    set_down(pair, pair.east);
    pair.world.run_for(seconds(5));
    set_up(pair, pair.east);
    CHECK(pair.world.run_until([&] { return passes_both_ways(pair); }, seconds(4)));
    CHECK(pair.east.left_in_clear.empty());
}

TEST_CASE("offload policies: stragglers pass while a successor is in software") {
    OffloadPair pair(OffloadMode::packet);
    REQUIRE(pair.connect());
    const auto before = pair.west.kernel.dump_sas();
    pair.west.kernel.device(card).table_size = 2;
    pair.rekey_child(pair.west);
    pair.world.run_for(milliseconds(200));
    std::size_t stragglers = 0;
    for (const auto& [id, sa] : pair.west.kernel.sas())
        if (sa.install.direction == Direction::in) {
            CHECK(pair.west.kernel.admits(sa, back, Direction::forward));
            ++stragglers;
        }
    CHECK(stragglers == 2);
    pair.world.run_for(seconds(60));
    CHECK(pair.west.kernel.sas().size() == 2);
    CHECK_FALSE(OffloadPair::offloads_policies(pair.west, Direction::in));
    CHECK(passes_both_ways(pair));
}

TEST_CASE("offload policies: IKE passes the device where the selectors cover the gateways") {
    TunnelSpec spec;
    spec.local_subnets = {"192.0.2.1/32"};
    spec.remote_subnets = {"192.0.2.2/32"};
    OffloadPair pair(OffloadMode::packet, {}, spec);
    REQUIRE(pair.connect());
    const auto is_bypass = [](const xfrm::InstallPolicy& policy) {
        return !policy.tmpl && policy.action == xfrm::PolicyAction::allow;
    };
    const auto bypasses = [&] {
        return std::ranges::count_if(pair.west.kernel.policies(), is_bypass);
    };
    CHECK(bypasses() == 4);
    for (const xfrm::InstallPolicy& policy : pair.west.kernel.policies())
        if (is_bypass(policy)) {
            CHECK(policy.offload == xfrm::OffloadRequest{card, OffloadMode::packet});
            CHECK(policy.selector.protocol == 17);
            for (const xfrm::InstallPolicy& other : pair.west.kernel.policies())
                CHECK((is_bypass(other) || policy.priority < other.priority));
        }
    pair.rekey_child(pair.west);
    pair.world.run_for(seconds(60));
    CHECK(bypasses() == 4);
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(5));
    CHECK(bypasses() == 0);
    OffloadPair crypto(OffloadMode::crypto, {}, spec);
    REQUIRE(crypto.connect());
    CHECK(std::ranges::none_of(crypto.west.kernel.policies(), is_bypass));
}
