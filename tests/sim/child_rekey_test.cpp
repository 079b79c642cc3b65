// Successors for Child SAs, datagram by datagram where it matters. The ids are of the collision
// cases that every implementation gets wrong at first.
#include "sim/rekeying.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;

TEST_CASE("X04 child_rekey: by either side, the successor is used, the old one is deleted") {
    for (const bool west_asks : {true, false}) {
        INFO((west_asks ? "west asks" : "east asks"));
        Rekeying pair;
        Gateway& asks = west_asks ? pair.west : pair.east;
        const auto old = pair.west_child();
        pair.ping();
        pair.rekey_child(asks);
        pair.world.run_for(seconds(10));
        CHECK(pair.lost() == 0);
        CHECK(pair.has_one_child());
        CHECK(pair.west_child() != old);
    }
}

TEST_CASE("X14 collision: both rekey at once, the lowest nonce loses, one is left") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        Rekeying pair(seed);
        pair.ping();
        pair.rekey_child(pair.west);
        pair.rekey_child(pair.east);
        pair.world.run_for(seconds(10));
        CHECK(pair.lost() == 0);
        CHECK(pair.has_one_child());
    }
}

TEST_CASE("X34 ike_rekey: by either side, the Child SA moves, the old IKE SA is deleted") {
    for (const bool west_asks : {true, false}) {
        INFO((west_asks ? "west asks" : "east asks"));
        Rekeying pair;
        const auto old_child = pair.west_child();
        const auto old_ike = pair.west_ike_sa();
        pair.ping();
        pair.rekey_ike_sa(west_asks ? pair.west : pair.east);
        pair.world.run_for(seconds(10));
        CHECK(pair.lost() == 0);
        CHECK(pair.has_one_child());
        CHECK(pair.west_child() == old_child);
        CHECK(pair.west_ike_sa() != old_ike);
    }
}

TEST_CASE("X36 ike_rekey: both at once, the nonces decide, the Child SA ends on the winner") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        Rekeying pair(seed);
        pair.ping();
        pair.rekey_ike_sa(pair.west);
        pair.rekey_ike_sa(pair.east);
        pair.world.run_for(seconds(10));
        CHECK(pair.lost() == 0);
        CHECK(pair.has_one_child());
    }
}

TEST_CASE("X32 collision: child rekey against IKE rekey, both are put off and both succeed") {
    Rekeying pair;
    const auto old_child = pair.west_child();
    const auto old_ike = pair.west_ike_sa();
    pair.ping();
    pair.rekey_child(pair.west);
    pair.rekey_ike_sa(pair.east);
    pair.world.run_for(seconds(30));
    CHECK(pair.lost() == 0);
    CHECK(pair.has_one_child());
    CHECK(pair.west_child() != old_child);
    CHECK(pair.west_ike_sa() != old_ike);
}
