// Successors for IKE SAs that one end alone asks for, and what does not go with them.
#include "sim/collisions.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::NotifyType;

namespace {}  // namespace

TEST_CASE("X34 ike_rekey: by either side, the Child SA moves, the old IKE SA is deleted") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        const auto old_child = pair.west_child();
        const auto old_ike = pair.west_ike_sa();
        pair.rekey_ike_sa(a);
        step(pair, request_of(a));
        step(pair, response_of(b));
        CHECK(pair.west_child() == old_child);
        CHECK(pair.west_ike_sa() != old_ike);
        step(pair, delete_of(a));
        step(pair, delete_response_of(b));
        CHECK(pair.world.in_flight().empty());
        CHECK(a.engine().overview().ike_sas.size() == 1);
        CHECK(b.engine().overview().ike_sas.size() == 1);
    });
}

TEST_CASE("X34 ike_rekey: a Child SA is rekeyed and deleted in the successor") {
    in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        pair.rekey_ike_sa(a);
        step_through(pair);
        const auto old_child = pair.west_child();
        pair.rekey_child(b);
        step_through(pair);
        CHECK(pair.west_child() != old_child);
        CHECK(count_children(a) == 1);
        pair.delete_child(a);
        step_through(pair);
    });
}

TEST_CASE("X35 ike_rekey: INVALID_KE_PAYLOAD, asked again with the other group") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        const auto old_ike = pair.west_ike_sa();
        pair.rekey_ike_sa(a);
        step_with_another_group(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)) == std::vector{NotifyType::invalid_ke_payload});
        step(pair, response_of(b));
        step(pair, request_of(a));
        step(pair, response_of(b));
        CHECK(pair.west_ike_sa() != old_ike);
        step_through(pair);
    });
}

TEST_CASE("X43 collision: IKE rekey against the end of the IKE SA, which ends") {
    SECTION("the DELETE arrives first") {
        in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_ike_sa(a);
            pair.delete_ike_sa(b);
            step(pair, request_of(a));
            CHECK(notifies_in(pair, response_of(b)) == put_off);
            step(pair, delete_of(b));
            step(pair, response_of(b));
            step_through(pair);
        });
    }
    SECTION("the refusal arrives first") {
        in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_ike_sa(a);
            pair.delete_ike_sa(b);
            step(pair, request_of(a));
            step(pair, response_of(b));
            step(pair, delete_of(b));
            step_through(pair);
        });
    }
    SECTION("the request is answered before the end is wanted: the successor ends too") {
        in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_ike_sa(a);
            step(pair, request_of(a));
            pair.delete_ike_sa(b);
            step(pair, delete_of(b));
            step(pair, response_of(b));
            pair.world.run_for(seconds(3));
            step_through(pair);
        });
    }
}

TEST_CASE("X44 collision: and the DELETE is lost: the rekey is put off, the DELETE comes again") {
    in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
        pair.rekey_ike_sa(a);
        pair.delete_ike_sa(b);
        lose(pair, delete_of(b));
        step(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)) == put_off);
        step(pair, response_of(b));
        CHECK(count_children(a) == 1);
        pair.world.run_for(seconds(3));
        step(pair, delete_of(b));
        step_through(pair);
    });
}
