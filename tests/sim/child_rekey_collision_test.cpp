// Both ends ask for a successor of the same Child SA (RFC 7296 sections 2.8.1 and 2.25.1), or one
// of them for something that does not go with it.
#include "sim/collisions.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using wire::KeyExchangeMethod;
using wire::NotifyType;

namespace {

/// Both requests are out.
void rekey_both(Rekeying& pair, Gateway& a, Gateway& b) {
    pair.rekey_child(a);
    pair.rekey_child(b);
}

const Groups different_groups{{KeyExchangeMethod::curve25519, KeyExchangeMethod::ecp_256},
                              {KeyExchangeMethod::ecp_384, KeyExchangeMethod::ecp_256}};
const std::vector wants_other_group{NotifyType::invalid_ke_payload};

}  // namespace

TEST_CASE("X14 collision: both rekey at once, the lowest nonce loses, one is left") {
    in_all_nonce_orders(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_both(pair, a, b);
        step(pair, request_of(a));
        step(pair, request_of(b));
        step(pair, response_of(b));
        step(pair, response_of(a));
        // One ends the old SA, the other one its own successor.
        step(pair, delete_of(a));
        step(pair, delete_of(b));
        step_through(pair);
    });
}

TEST_CASE("X17 collision: one end has decided and deleted before the other one has its response") {
    in_all_nonce_orders(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_both(pair, a, b);
        step(pair, request_of(a));
        step(pair, request_of(b));
        step(pair, response_of(a));
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        step(pair, response_of(b));
        step_through(pair);
    });
}

TEST_CASE("X18 collision: and it has deleted the new SA as well") {
    in_all_nonce_orders(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_both(pair, a, b);
        step(pair, request_of(a));
        step(pair, request_of(b));
        step(pair, response_of(a));
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        pair.delete_child(b);
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        step(pair, response_of(b));
        step_through(pair);
    });
}

TEST_CASE("X24 collision: with different groups, both ask again, then the nonces decide") {
    const auto crossing = [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_both(pair, a, b);
        step(pair, request_of(a));
        step(pair, request_of(b));
        CHECK(notifies_in(pair, response_of(a)) == wants_other_group);
        CHECK(notifies_in(pair, response_of(b)) == wants_other_group);
        step(pair, response_of(b));
        step(pair, response_of(a));
        step(pair, request_of(a));
        step(pair, request_of(b));
        step_through(pair);
    };
    in_all_nonce_orders(End::one_child, crossing, different_groups);
}

TEST_CASE("X25 collision: with different groups, one end asks again so late that it sees none") {
    SECTION("its second request is late") {
        const auto crossing = [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_both(pair, a, b);
            step(pair, request_of(a));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, response_of(b));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, request_of(a));
            CHECK(notifies_in(pair, response_of(b)) == put_off);
            step_through(pair);
        };
        in_both_roles(End::one_child, crossing, different_groups);
    }
    SECTION("its second request comes after the end of the old SA") {
        const auto crossing = [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_both(pair, a, b);
            step(pair, request_of(a));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, response_of(b));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, delete_of(b));
            step(pair, delete_response_of(a));
            step(pair, request_of(a));
            CHECK(notifies_in(pair, response_of(b)) == std::vector{NotifyType::child_sa_not_found});
            step_through(pair);
        };
        in_both_roles(End::one_child, crossing, different_groups);
    }
    SECTION("the refusal of its first request is late: it does not ask for an SA that has one") {
        const auto crossing = [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_both(pair, a, b);
            step(pair, request_of(a));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, delete_of(b));
            step(pair, delete_response_of(a));
            step(pair, response_of(b));
            CHECK_FALSE(pair.world.drop(request_of(a)));
            step_through(pair);
        };
        in_both_roles(End::one_child, crossing, different_groups);
    }
}

TEST_CASE("X32 collision: child rekey against IKE rekey, both are put off and both succeed") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        const auto old_child = pair.west_child();
        const auto old_ike = pair.west_ike_sa();
        pair.rekey_child(a);
        pair.rekey_ike_sa(b);
        step(pair, request_of(a));
        step(pair, request_of(b));
        CHECK(notifies_in(pair, response_of(a)) == put_off);
        CHECK(notifies_in(pair, response_of(b)) == put_off);
        step(pair, response_of(a));
        step(pair, response_of(b));
        CHECK(pair.world.in_flight().empty());
        pair.world.release_all();
        pair.world.run_for(std::chrono::seconds(30));
        CHECK(pair.west_child() != old_child);
        CHECK(pair.west_ike_sa() != old_ike);
    });
}

TEST_CASE("X33 collision: child rekey against the end of the IKE SA, which ends") {
    in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
        pair.rekey_child(a);
        pair.delete_ike_sa(b);
        step(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)) == put_off);
        step(pair, delete_of(b));
        step(pair, response_of(b));
        step_through(pair);
        CHECK(a.count_events(ike::EventKind::child_sa_failed) == 0);
    });
    SECTION("and the refusal arrives first") {
        in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            pair.delete_ike_sa(b);
            step(pair, request_of(a));
            step(pair, response_of(b));
            step(pair, delete_of(b));
            step_through(pair);
        });
    }
}
