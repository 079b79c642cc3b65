// Successors for Child SAs that one end alone asks for, datagram by datagram. The ids are of the
// collision cases that every implementation gets wrong at first.
#include "sim/collisions.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::KeyExchangeMethod;
using wire::NotifyType;

namespace {

/// a has asked for a successor and has it; its DELETE for the old one is on its way.
void rekey_up_to_delete(Rekeying& pair, Gateway& a, Gateway& b) {
    pair.rekey_child(a);
    step(pair, request_of(a));
    step(pair, response_of(b));
}

std::size_t count_deletions(const Gateway& gateway, EspSpi spi_in) {
    return static_cast<std::size_t>(
        std::ranges::count_if(gateway.events, [spi_in](const ike::Event& event) {
            return event.kind == ike::EventKind::child_sa_deleted && event.esp_spi_in == spi_in;
        }));
}

EspSpi only_child(const Gateway& gateway) {
    const ike::Overview overview = gateway.engine().overview();
    return overview.ike_sas.at(0).children.at(0).spi_in;
}

}  // namespace

TEST_CASE("X04 child_rekey: by either side, the successor is used, the old one is deleted") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        const EspSpi old = only_child(a);
        rekey_up_to_delete(pair, a, b);
        CHECK(count_children(a) == 1);
        CHECK(count_children(b) == 2);
        step(pair, delete_of(a));
        CHECK(count_children(b) == 1);
        step(pair, delete_response_of(b));
        CHECK(pair.world.in_flight().empty());
        CHECK(only_child(a) != old);
        CHECK(count_deletions(a, old) == 1);
    });
}

TEST_CASE("X06 child_rekey: INVALID_KE_PAYLOAD, asked again with the other group") {
    const Groups groups{{KeyExchangeMethod::curve25519, KeyExchangeMethod::ecp_256},
                        {KeyExchangeMethod::ecp_256}};
    const auto crossing = [](Rekeying& pair, Gateway& a, Gateway& b) {
        pair.rekey_child(a);
        step(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)) == std::vector{NotifyType::invalid_ke_payload});
        step(pair, response_of(b));
        step(pair, request_of(a));
        CHECK(notifies_in(pair, response_of(b)).empty());
        step_through(pair);
    };
    in_both_roles(End::one_child, crossing, groups);
}

TEST_CASE("X08 child_rekey: the old SA's soft limit says nothing to who waits for its DELETE") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        const EspSpi old = only_child(b);
        rekey_up_to_delete(pair, a, b);
        const auto soft = b.kernel.expire({b.address, old}, false);
        REQUIRE(soft.has_value());
        b.handle(xfrm::Event{*soft}, pair.world.now());
        CHECK_FALSE(pair.world.drop(from(b)));
        step_through(pair);
    });
}

TEST_CASE("X09 child_rekey: the old SA's hard limit while its DELETE is awaited, nothing is lost") {
    in_both_roles(End::one_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_up_to_delete(pair, a, b);
        lose(pair, delete_of(a));
        pair.delete_oldest_child(b);
        CHECK(count_children(b) == 1);
        pair.world.run_for(seconds(1));
        step_through(pair);
    });
}

TEST_CASE(
    "X10 child_rekey: the successor is deleted by hand while the old one's DELETE is awaited") {
    in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
        rekey_up_to_delete(pair, a, b);
        pair.delete_child(b);
        step(pair, delete_of(a));
        step(pair, delete_of(b));
        step_through(pair);
    });
    SECTION("and the other DELETE arrives first") {
        in_both_roles(End::no_child, [](Rekeying& pair, Gateway& a, Gateway& b) {
            rekey_up_to_delete(pair, a, b);
            pair.delete_child(b);
            step(pair, delete_of(b));
            step(pair, delete_of(a));
            step_through(pair);
        });
    }
}

TEST_CASE("X11 child_rekey: the responder has lost the SA, the initiator makes a new one") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Rekeying pair(1, spec);
    const EspSpi old = only_child(pair.west);
    pair.world.hold();
    // East deletes its SA and tells a wrong number, so that west goes on with it.
    pair.delete_child(pair.east);
    step_forged(pair, delete_of(pair.east), wire::PayloadType::delete_, [](ByteView body) {
        Bytes wrong = to_bytes(body);
        wrong.back() ^= 0xff;
        return wrong;
    });
    step(pair, delete_response_of(pair.west));
    pair.rekey_child(pair.west);
    step(pair, request_of(pair.west));
    CHECK(notifies_in(pair, response_of(pair.east)) == std::vector{NotifyType::child_sa_not_found});
    step(pair, response_of(pair.east));
    CHECK(count_children(pair.west) == 0);
    CHECK(count_deletions(pair.west, old) == 1);
    pair.world.release_all();
    pair.world.run_for(seconds(6));
    expect(pair, End::one_child_after_loss);
}

TEST_CASE("X12 child_rekey: the responder deletes the old SA itself, before its response arrives") {
    in_both_roles(End::one_child_after_loss, [](Rekeying& pair, Gateway& a, Gateway& b) {
        pair.rekey_child(a);
        step(pair, request_of(a));
        pair.delete_oldest_child(b);
        step(pair, delete_of(b));
        step(pair, response_of(b));
        CHECK(count_children(a) == 1);
        step_through(pair);
    });
    SECTION("or after it") {
        in_both_roles(End::one_child_after_loss, [](Rekeying& pair, Gateway& a, Gateway& b) {
            pair.rekey_child(a);
            step(pair, request_of(a));
            pair.delete_oldest_child(b);
            step(pair, response_of(b));
            step(pair, delete_of(b));
            step_through(pair);
        });
    }
}

TEST_CASE("X13 child_rekey: the DELETE of the old SA is never answered, each SA ends once") {
    in_both_roles(End::nothing, [](Rekeying& pair, Gateway& a, Gateway& b) {
        const EspSpi old = only_child(a);
        rekey_up_to_delete(pair, a, b);
        const EspSpi successor = only_child(a);
        CHECK(count_deletions(a, old) == 1);
        pair.world.network.cut(a.address, b.address);
        pair.world.run_for(seconds(94));
        CHECK(count_deletions(a, old) == 1);
        CHECK(count_deletions(a, successor) == 1);
        CHECK(a.count_events(ike::EventKind::retransmission_timeout) == 1);
        // What b still has is none of this case.
        while (pair.world.drop(Pick())) {
        }
        pair.delete_ike_sa(b);
        pair.world.run_for(seconds(94));
        while (pair.world.drop(Pick())) {
        }
    });
}

TEST_CASE("child rekey: what went through since the last reading is in the sums") {
    Rekeying pair;
    const auto count = [](Gateway& gateway, EspSpi spi, std::uint64_t packets) {
        for (const auto& [id, sa] : gateway.kernel.sas())
            if (id.spi == spi) gateway.kernel.count(id, packets, packets * 100);
    };
    const auto child = pair.west.engine().overview().ike_sas.front().children.front();
    count(pair.west, child.spi_in, 5);
    count(pair.west, child.spi_out, 7);
    pair.rekey_child(pair.west);
    pair.world.run_for(std::chrono::milliseconds(100));
    // Stragglers are taken for a while.
    count(pair.west, child.spi_in, 2);
    pair.world.run_for(seconds(100));
    const auto total = pair.west.engine().tunnel("tunnel")->phase2s.front().total;
    CHECK(total.packets_in == 7);
    CHECK(total.bytes_in == 700);
    CHECK(total.packets_out == 7);
    CHECK(total.bytes_out == 700);
}
