// Collisions of Child SA rekeys that only one end sees, and those with a peer that ends the wrong
// SA.
#include "sim/collisions.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using wire::NotifyType;

namespace {

/// a's request is late: b has its successor already, and its DELETE of the old SA is on its way.
void rekey_without_request_of_a(Rekeying& pair, Gateway& a, Gateway& b) {
    pair.rekey_child(a);
    pair.rekey_child(b);
    step(pair, request_of(b));
    step(pair, response_of(a));
}

const std::vector not_found{NotifyType::child_sa_not_found};

}  // namespace

TEST_CASE("X20 collision: one request is late, its sender gives up its own rekey") {
    SECTION("the DELETE of the old SA arrives first") {
        in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_without_request_of_a(pair, a, b);
            step(pair, request_of(a));
            CHECK(notifies_in(pair, response_of(b)) == put_off);
            step(pair, delete_of(b));
            step(pair, response_of(b));
            step_through(pair);
        });
    }
    SECTION("the refusal arrives first") {
        in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_without_request_of_a(pair, a, b);
            step(pair, request_of(a));
            step(pair, response_of(b));
            CHECK(count_children(a) == 2);
            step(pair, delete_of(b));
            step_through(pair);
        });
    }
    SECTION("the answer to the DELETE is still on its way") {
        in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_without_request_of_a(pair, a, b);
            step(pair, delete_of(b));
            step(pair, request_of(a));
            CHECK(notifies_in(pair, response_of(b)) == put_off);
            step(pair, response_of(b));
            step_through(pair);
        });
    }
}

TEST_CASE("X21 collision: one request comes after the end of the old SA: CHILD_SA_NOT_FOUND") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_without_request_of_a(pair, a, b);
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        step(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)) == not_found);
        step_through(pair);
    });
}

TEST_CASE("X22 collision: and after the end of the new SA") {
    in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_without_request_of_a(pair, a, b);
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        pair.delete_child(b);
        step(pair, delete_of(b));
        step(pair, delete_response_of(a));
        CHECK(count_children(a) == 0);
        step(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)) == not_found);
        step_through(pair);
    });
}

TEST_CASE("X26 collision: the loser deletes the old SA, which it should not") {
    SECTION("besides its own successor, before the winner has its response") {
        in_all_nonce_orders(End::one_child_after_loss, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            pair.rekey_child(b);
            step(pair, request_of(a));
            step(pair, request_of(b));
            step(pair, response_of(a));
            step(pair, delete_of(b));
            step(pair, delete_response_of(a));
            if (!wins(pair, b, a)) {
                pair.delete_oldest_child(b);
                step(pair, delete_of(b));
            }
            step(pair, response_of(b));
            step_through(pair);
        });
    }
    SECTION("instead of its own successor: that one is not kept for ever") {
        in_all_nonce_orders(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            const EspSpi old = a.engine().overview().ike_sas.at(0).children.at(0).spi_out;
            pair.rekey_child(a);
            pair.rekey_child(b);
            step(pair, request_of(a));
            step(pair, request_of(b));
            step(pair, response_of(b));
            step(pair, response_of(a));
            if (!wins(pair, b, a))
                step_forged(pair, delete_of(b), wire::PayloadType::delete_, [old](ByteView body) {
                    Bytes wrong = to_bytes(body);
                    store_big_endian(old.value(), wrong.data() + wrong.size() - 4);
                    return wrong;
                });
            step_through(pair);
        });
    }
}

TEST_CASE("X14 collision: the winner's kernel refuses its successor, the loser's one stays") {
    std::size_t played = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        Rekeying pair(seed);
        Gateway& a = pair.west;
        Gateway& b = pair.east;
        const EspSpi old = pair.west_child();
        pair.ping();
        pair.world.hold();
        pair.rekey_child(a);
        pair.rekey_child(b);
        step(pair, request_of(a));
        step(pair, request_of(b));
        if (!wins(pair, b, a)) continue;
        ++played;
        b.kernel.refuse(0, 12, "Cannot allocate memory");
        step(pair, response_of(a));
        step(pair, delete_of(b));
        step(pair, response_of(b));
        step_through(pair);
        CHECK(b.count_events(ike::EventKind::kernel_refused) == 1);
        CHECK(pair.west_child() != old);
        expect(pair, End::one_child);
    }
    CHECK(played > 0);
}
