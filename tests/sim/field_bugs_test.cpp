// What went wrong in the field with other implementations, played here.
#include "sim/collisions.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::NotifyType;

namespace {

/// The selectors of another network.
Bytes elsewhere(ByteView body) {
    wire::TrafficSelectorPayload payload = wire::TrafficSelectorPayload::parse(body).value();
    for (wire::TrafficSelector& selector : payload.selectors)
        selector.addresses = Subnet::from_text("172.31.0.0/24").value().range();
    Bytes changed;
    payload.append_to(changed);
    return changed;
}

/// A packet each way is delivered within that time.
bool passes_within(Rekeying& pair, Duration limit) {
    return pair.world.run_until([&] { return passes_both_ways(pair); }, limit);
}

}  // namespace

TEST_CASE("F1 collision with a lost packet: both directions are in use, whichever is lost") {
    // strongSwan 1896: the outbound SA was missing until the next rekey.
    const auto losing = [](std::size_t lost) {
        return [lost](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            pair.rekey_child(b);
            for (std::size_t count = 1; !pair.world.in_flight().empty(); ++count) {
                if (count == lost)
                    lose(pair, Pick());
                else
                    step(pair, Pick());
            }
            pair.world.run_for(seconds(3));
            step_through(pair);
        };
    };
    // Without one of the requests there is no collision for the nonces to decide.
    for (const std::size_t request : {1U, 2U}) {
        INFO("request " << request << " is lost");
        in_both_roles(End::one_child, losing(request));
    }
    for (const std::size_t later : {3U, 4U, 5U, 6U}) {
        INFO("letter " << later << " is lost");
        in_all_nonce_orders(End::one_child, losing(later));
    }
}

TEST_CASE("F2 collision: one end gets TS_UNACCEPTABLE, the other one's successor stays") {
    // strongSwan 2477.
    const auto refused = std::vector{NotifyType::ts_unacceptable};
    SECTION("after it has answered the other request") {
        in_both_roles(End::one_child, [&](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            pair.rekey_child(b);
            step_forged(pair, request_of(a), wire::PayloadType::traffic_selectors_initiator,
                        elsewhere);
            CHECK(notifies_in(pair, response_of(b)) == refused);
            step(pair, request_of(b));
            step(pair, response_of(b));
            step(pair, response_of(a));
            step_through(pair);
        });
    }
    SECTION("before the other request arrives") {
        in_both_roles(End::one_child, [&](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            pair.rekey_child(b);
            step_forged(pair, request_of(a), wire::PayloadType::traffic_selectors_initiator,
                        elsewhere);
            step(pair, response_of(b));
            step(pair, request_of(b));
            step_through(pair);
            pair.world.run_for(seconds(10));
            step_through(pair);
        });
    }
}

TEST_CASE("F3 response and DELETE in quick succession, and in the wrong order") {
    // strongSwan 1458: two threads handled them out of order.
    for (const bool in_order : {true, false}) {
        INFO((in_order ? "in order" : "the DELETE first"));
        in_all_nonce_orders(End::one_child, [in_order](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            pair.rekey_child(b);
            step(pair, request_of(a));
            step(pair, request_of(b));
            step(pair, response_of(a));
            REQUIRE(pair.world.deliver(in_order ? response_of(b) : delete_of(b)));
            REQUIRE(pair.world.deliver(in_order ? delete_of(b) : response_of(b)));
            step_through(pair);
        });
    }
}

TEST_CASE("F4 no policy that blocks is left behind by a dead peer's SAs") {
    // strongSwan 274: after DPD the tunnel came back, and its packets did not pass.
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Rekeying pair(1, spec);
    pair.rekey_child(pair.east);
    pair.world.run_for(seconds(1));
    pair.world.network.cut(pair.west.address, pair.east.address);
    pair.rekey_child(pair.west);
    pair.world.run_for(seconds(100));
    CHECK(pair.west.count_events(ike::EventKind::retransmission_timeout) >= 1);
    CHECK(to_text(check_nothing_in_clear(pair.west)) == "");
    pair.world.network.heal(pair.west.address, pair.east.address);
    CHECK(passes_within(pair, seconds(100)));
    expect(pair, End::one_child_after_loss);
}

TEST_CASE("F5 an IKE rekey that dies half-way doubles no Child SA") {
    // Libreswan 514.
    TunnelSpec spec;
    spec.auto_negotiate = true;
    for (const bool west_asks : {true, false}) {
        for (const std::size_t steps : {0U, 1U, 2U, 3U}) {
            INFO((west_asks ? "west" : "east") << " asks, the network is cut after " << steps);
            Rekeying pair(1, spec);
            pair.ping(seconds(1));
            pair.world.hold();
            pair.rekey_ike_sa(west_asks ? pair.west : pair.east);
            for (std::size_t i = 0; i < steps; ++i)
                step(pair, Pick());
            while (pair.world.drop(Pick())) {
            }
            pair.world.network.cut(pair.west.address, pair.east.address,
                                   pair.world.now().boottime + seconds(120));
            pair.world.release_all();
            pair.world.run_for(seconds(320));
            expect(pair, End::one_child_after_loss);
        }
    }
}
