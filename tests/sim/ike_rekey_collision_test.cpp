// Both ends ask for a successor of the IKE SA (RFC 7296 sections 2.8.2 and 2.25.2).
#include "sim/collisions.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::NotifyType;

namespace {

/// Both requests are out.
void rekey_both(Rekeying& pair, Gateway& a, Gateway& b) {
    pair.rekey_ike_sa(a);
    pair.rekey_ike_sa(b);
}

/// Both asked with a group that the other end does not take, and know it but for `late`.
void refuse_both(Rekeying& pair, Gateway& a, Gateway& b) {
    rekey_both(pair, a, b);
    step_with_another_group(pair, request_of(a));
    step_with_another_group(pair, request_of(b));
}

}  // namespace

TEST_CASE("X36 ike_rekey: both at once, the nonces decide, the Child SA ends on the winner") {
    in_all_nonce_orders(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_both(pair, a, b);
        step(pair, request_of(a));
        step(pair, request_of(b));
        step(pair, response_of(b));
        step(pair, response_of(a));
        step(pair, delete_of(a));
        step(pair, delete_of(b));
        step_through(pair);
    });
}

TEST_CASE("X37 ike_rekey: both with another group, both ask again, then the nonces decide") {
    in_all_nonce_orders(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        refuse_both(pair, a, b);
        step(pair, response_of(b));
        step(pair, response_of(a));
        step(pair, request_of(a));
        step(pair, request_of(b));
        step_through(pair);
    });
}

TEST_CASE("X37 ike_rekey: one end asks again so late that the other one sees no collision") {
    SECTION("its second request is late") {
        in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            refuse_both(pair, a, b);
            step(pair, response_of(a));
            step(pair, response_of(b));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, request_of(a));
            CHECK(notifies_in(pair, response_of(b)) == put_off);
            step_through(pair);
        });
    }
    SECTION("the refusal of its first request is late") {
        in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            refuse_both(pair, a, b);
            step(pair, response_of(a));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, response_of(b));
            step(pair, request_of(a));
            step_through(pair);
        });
    }
}

TEST_CASE("X38 ike_rekey: one end has decided and deleted before the other one has its response") {
    SECTION("the response comes at last") {
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
    SECTION("the response is lost: where it was needed it comes again") {
        in_all_nonce_orders(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_both(pair, a, b);
            step(pair, request_of(a));
            step(pair, request_of(b));
            step(pair, response_of(a));
            lose(pair, response_of(b));
            step_through(pair);
            pair.world.run_for(seconds(3));
            step_through(pair);
        });
    }
}

TEST_CASE("X40 ike_rekey: one of both requests never arrives") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_both(pair, a, b);
        lose(pair, request_of(a));
        step(pair, request_of(b));
        step(pair, response_of(a));
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        pair.world.run_for(seconds(4));
        CHECK(pair.world.in_flight().empty());
    });
}

TEST_CASE("X41 ike_rekey: one request is late, its sender gives up its own rekey") {
    SECTION("the DELETE of the old IKE SA arrives first") {
        in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_both(pair, a, b);
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, request_of(a));
            CHECK(notifies_in(pair, response_of(b)) == put_off);
            step(pair, delete_of(b));
            step(pair, delete_response_of(a));
            step(pair, response_of(b));
            step_through(pair);
        });
    }
    SECTION("the refusal arrives first") {
        in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_both(pair, a, b);
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, request_of(a));
            step(pair, response_of(b));
            step(pair, delete_of(b));
            step(pair, delete_response_of(a));
            step_through(pair);
        });
    }
    SECTION("the request comes after the end of the old IKE SA") {
        in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_both(pair, a, b);
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, delete_of(b));
            step(pair, delete_response_of(a));
            step(pair, request_of(a));
            step_through(pair);
        });
    }
}

TEST_CASE("X41 ike_rekey: the peer uses its successor before we have given up ours") {
    in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_both(pair, a, b);
        step(pair, request_of(b));
        step(pair, response_of(a));
        // b's DELETE of the Child SA, in its successor, overtakes that of the old IKE SA.
        pair.delete_child(b);
        step(pair, delete_of(b).nth(2));
        step_through(pair);
        CHECK(count_children(a) == 0);
    });
}

TEST_CASE("X38 ike_rekey: a successor that is not decided on begins nothing") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        // Each end puts the other's first request off; the answer to b's is late.
        pair.rekey_child(a);
        pair.rekey_ike_sa(b);
        step(pair, request_of(b));
        step(pair, request_of(a));
        step(pair, response_of(b));
        pair.rekey_ike_sa(a);
        step(pair, request_of(a));
        step(pair, response_of(b));
        const std::size_t held = pair.world.in_flight().size();
        pair.rekey_ike_sa(b);
        CHECK(pair.world.in_flight().size() == held);
        step_through(pair);
    });
}

// The successor that waits for the nonces had lost its timers, and waited for ever.
TEST_CASE("X43 ike_rekey: the end that waits for the nonces is stopped, and the peer is gone") {
    Rekeying pair;
    pair.world.hold();
    rekey_both(pair, pair.west, pair.east);
    step(pair, request_of(pair.west));
    pair.west.crash();
    pair.east.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    CHECK(pair.east.engine().overview().ike_sas.size() == 2);
    pair.world.run_for(seconds(200));
    CHECK(pair.east.engine().overview().ike_sas.empty());
}
