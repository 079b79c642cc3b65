// Deletions that cross rekeys and each other (RFC 7296 section 2.25).
#include "sim/collisions.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::NotifyType;

namespace {}  // namespace

TEST_CASE("X27 collision: child rekey against its DELETE, which is done") {
    SECTION("the DELETE arrives first") {
        in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            pair.delete_child(b);
            step(pair, request_of(a));
            CHECK(notifies_in(pair, response_of(b)) == put_off);
            step(pair, delete_of(b));
            step(pair, response_of(b));
            step_through(pair);
        });
    }
    SECTION("the refusal arrives first") {
        in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            pair.delete_child(b);
            step(pair, request_of(a));
            step(pair, response_of(b));
            step(pair, delete_of(b));
            step_through(pair);
        });
    }
}

TEST_CASE("X29 collision: and the DELETE is lost: the rekey is put off until there is no SA") {
    in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        pair.rekey_child(a);
        pair.delete_child(b);
        lose(pair, delete_of(b));
        step(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)) == put_off);
        step(pair, response_of(b));
        CHECK(count_children(a) == 1);
        pair.world.run_for(seconds(3));
        step(pair, delete_of(b));
        step_through(pair);
        pair.world.run_for(seconds(10));
        CHECK(pair.world.in_flight().empty());
    });
}

TEST_CASE("X30 collision: and the rekey is lost: it comes too late, CHILD_SA_NOT_FOUND") {
    in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        pair.rekey_child(a);
        pair.delete_child(b);
        lose(pair, request_of(a));
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        pair.world.run_for(seconds(3));
        step(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)) == std::vector{NotifyType::child_sa_not_found});
        step_through(pair);
    });
}

TEST_CASE("X31 collision: DELETE for a successor whose response is still on its way") {
    in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        pair.rekey_child(a);
        step(pair, request_of(a));
        pair.delete_child(b);
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        CHECK(count_children(a) == 1);
        step(pair, response_of(b));
        step_through(pair);
        CHECK(count_children(a) == 0);
    });
}

TEST_CASE("X45 child_delete: by either side, by both, and with one DELETE lost") {
    SECTION("by either side") {
        in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.delete_child(a);
            step(pair, delete_of(a));
            step(pair, delete_response_of(b));
            CHECK(pair.world.in_flight().empty());
        });
    }
    SECTION("by both") {
        in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.delete_child(a);
            pair.delete_child(b);
            step(pair, delete_of(a));
            step(pair, delete_of(b));
            step(pair, delete_response_of(b));
            step(pair, delete_response_of(a));
            CHECK(pair.world.in_flight().empty());
        });
    }
    SECTION("by both, and one is lost") {
        in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.delete_child(a);
            pair.delete_child(b);
            lose(pair, delete_of(b));
            step(pair, delete_of(a));
            step(pair, delete_response_of(b));
            pair.world.run_for(seconds(3));
            step(pair, delete_of(b));
            step_through(pair);
        });
    }
}

TEST_CASE("X46 child_delete: against IKE rekey, and against the end of the IKE SA") {
    SECTION("IKE rekey: it is put off, the Child SA ends") {
        in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            const std::size_t before = b.key_logs.size();
            pair.delete_child(a);
            pair.rekey_ike_sa(b);
            step(pair, request_of(b));
            CHECK(notifies_in(pair, response_of(a)) == put_off);
            step(pair, delete_of(a));
            step(pair, response_of(a));
            step_through(pair);
            pair.world.release_all();
            pair.world.run_for(seconds(10));
            CHECK(b.key_logs.size() == before + 1);
        });
    }
    SECTION("IKE rekey: the DELETE in the successor comes before the response that makes it") {
        in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_ike_sa(b);
            step(pair, request_of(b));
            pair.delete_child(a);
            step(pair, delete_of(a));
            CHECK(count_children(b) == 1);
            step(pair, response_of(a));
            pair.world.run_for(seconds(3));
            step_through(pair);
        });
    }
    SECTION("the end of the IKE SA") {
        in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.delete_child(a);
            pair.delete_ike_sa(b);
            step(pair, delete_of(a));
            step(pair, delete_of(b));
            step_through(pair);
        });
    }
    SECTION("the end of the IKE SA arrives first") {
        in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.delete_child(a);
            pair.delete_ike_sa(b);
            step(pair, delete_of(b));
            step(pair, delete_response_of(a));
            step_through(pair);
        });
    }
}

TEST_CASE("X47 ike_delete: by either side, and by both at once") {
    SECTION("by either side") {
        in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.delete_ike_sa(a);
            step(pair, delete_of(a));
            step(pair, delete_response_of(b));
            CHECK(pair.world.in_flight().empty());
        });
    }
    SECTION("by both at once") {
        in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.delete_ike_sa(a);
            pair.delete_ike_sa(b);
            step(pair, delete_of(a));
            step(pair, delete_of(b));
            step_through(pair);
        });
    }
}
