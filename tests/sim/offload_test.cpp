// The ladder of offload: packet mode, crypto mode, software. Which rung a Child SA gets, and why.
#include <algorithm>
#include <cerrno>

#include "sim/offload_pair.hpp"
#include "support/catch.hpp"
#include "support/invariants.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using config::Offload;
using ike::Reason;
using std::chrono::seconds;
using xfrm::Direction;
using xfrm::OffloadMode;

namespace {

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

OffloadPair::Change with(Offload offload, bool required = false) {
    return [=](config::Phase1& phase1) {
        phase1.offload = offload;
        phase1.offload_require = required;
    };
}

/// One pair of SAs and, in both directions, policies that fit it.
void check_one_child(Pair& pair) {
    for (const Gateway* gateway : {&pair.west, &pair.east}) {
        CHECK(gateway->kernel.sas().size() == 2);
        const bool is_packet = OffloadPair::mode(*gateway) == OffloadMode::packet;
        CHECK(OffloadPair::offloads_policies(*gateway, Direction::in) == is_packet);
        CHECK(OffloadPair::offloads_policies(*gateway, Direction::out) == is_packet);
        CHECK_FALSE(OffloadPair::offloads_policies(*gateway, Direction::forward));
    }
    CHECK(passes_both_ways(pair));
    CHECK(to_text(check_quiet(pair.world)).empty());
}

}  // namespace

TEST_CASE("offload auto: the best that the device does") {
    for (const OffloadMode most : {OffloadMode::packet, OffloadMode::crypto, OffloadMode::none}) {
        OffloadPair pair(most);
        REQUIRE(pair.connect());
        CHECK(OffloadPair::mode(pair.west) == most);
        CHECK(OffloadPair::mode(pair.east) == most);
        check_one_child(pair);
        if (most == OffloadMode::crypto)
            CHECK(says(OffloadPair::told(pair.west),
                       "(packet: inbound SA: EOPNOTSUPP: Device failed to offload this state)"));
        if (most == OffloadMode::none)
            CHECK(
                says(OffloadPair::told(pair.west), "crypto: Device failed to offload this state)"));
    }
}

TEST_CASE("offload: a mode that is named is the top of the ladder") {
    const std::pair<Offload, OffloadMode> cases[] = {{Offload::packet, OffloadMode::packet},
                                                     {Offload::crypto, OffloadMode::crypto},
                                                     {Offload::none, OffloadMode::none}};
    for (const auto& [asked, got] : cases) {
        OffloadPair pair(OffloadMode::packet, with(asked));
        REQUIRE(pair.connect());
        CHECK(OffloadPair::mode(pair.west) == got);
        CHECK(OffloadPair::mode(pair.east) == got);
        check_one_child(pair);
    }
    OffloadPair lesser(OffloadMode::crypto, with(Offload::packet));
    REQUIRE(lesser.connect());
    CHECK(OffloadPair::mode(lesser.west) == OffloadMode::crypto);
}

TEST_CASE("offload: a phase 2 has its own say") {
    OffloadPair pair(OffloadMode::packet, [](config::Phase1& phase1) {
        phase1.offload = Offload::none;
        phase1.phase2s[0].offload = Offload::crypto;
    });
    REQUIRE(pair.connect());
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::crypto);
}

TEST_CASE("offload: an ordinary machine is asked nothing, and told nothing") {
    Pair pair;
    pair.west.kernel_waits = true;
    REQUIRE_FALSE(pair.connect());
    for (const auto& request : pair.west.waiting_requests)
        for (const xfrm::Operation& operation : request.operations)
            CHECK_FALSE(std::holds_alternative<xfrm::QueryRoute>(operation));
    pair.west.kernel_waits = false;
    pair.west.answer_kernel(pair.world.now());
    pair.world.run_for(seconds(5));
    CHECK(passes_both_ways(pair));
    CHECK_FALSE(says(OffloadPair::told(pair.west), "announces"));
}

TEST_CASE("offload: the device is the one on the way to the peer") {
    OffloadPair pair(OffloadMode::packet);
    pair.west.kernel.route_device = 7;
    pair.east.kernel.route_device = 0;
    ike::InterfacesChanged both{{{"eth0", card, 1500, true, {pair.west.address}, true},
                                 {"bond0", 7, 1500, true, {}, false}}};
    pair.west.handle(both, pair.world.now());
    REQUIRE(pair.connect());
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::none);
    CHECK(says(OffloadPair::told(pair.west), "(packet, crypto: bond0 announces no ESP offload)"));
    CHECK(OffloadPair::mode(pair.east) == OffloadMode::none);
    both.interfaces[1].esp_offload = true;
    pair.west.kernel.device(7).most = OffloadMode::crypto;
    pair.west.handle(both, pair.world.now());
    pair.rekey_child(pair.west);
    pair.world.run_for(seconds(60));
    for (const xfrm::SaStatus& sa : pair.west.kernel.dump_sas())
        CHECK(sa.offload_device == 7);
}

TEST_CASE("offload: a full table sends it to software, a freed slot is used by the next rekey") {
    OffloadPair pair(OffloadMode::packet);
    pair.west.kernel.device(card).table_size = 1;  // a pair needs two
    REQUIRE(pair.connect());
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::none);
    CHECK(OffloadPair::mode(pair.east) == OffloadMode::packet);
    CHECK(says(OffloadPair::told(pair.west),
               "(packet, crypto: outbound SA: ENOSPC: No room for another SA)"));
    check_one_child(pair);
    pair.west.kernel.device(card).table_size = 2;
    pair.ping();
    pair.rekey_child(pair.west);
    pair.world.run_for(seconds(60));
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::packet);
    INFO(pair.losses());
    CHECK(pair.lost() == 0);
    check_one_child(pair);
    // Its successor finds the table full again, and goes on in software without a gap.
    pair.rekey_child(pair.west);
    pair.world.run_for(seconds(60));
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::none);
    CHECK(pair.lost() == 0);
    check_one_child(pair);
}

TEST_CASE("offload-require: rather no tunnel than one without, at either end") {
    for (const bool at_initiator : {true, false}) {
        OffloadPair pair(OffloadMode::packet, with(Offload::automatic, true));
        Gateway& lacking = at_initiator ? pair.west : pair.east;
        lacking.kernel.device(card).most = OffloadMode::none;
        CHECK_FALSE(pair.connect());
        const std::string message = message_of(lacking, Reason::offload_required);
        CHECK(says(message, "of eth0: packet: inbound SA: EOPNOTSUPP"));
        CHECK(says(message, "; crypto: Device failed to offload this state"));
        CHECK(pair.west.kernel.holds_only_standing());
        CHECK(pair.east.kernel.holds_only_standing());
        lacking.kernel.device(card).most = OffloadMode::crypto;
        pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
        pair.world.run_for(seconds(5));
        CHECK(OffloadPair::mode(lacking) == OffloadMode::crypto);
        check_one_child(pair);
    }
}

TEST_CASE("offload-require: packet mode is not made up for by crypto mode") {
    OffloadPair pair(OffloadMode::crypto, with(Offload::packet, true));
    CHECK_FALSE(pair.connect());
    CHECK_FALSE(message_of(pair.east, Reason::offload_required).empty());
    CHECK(pair.west.kernel.holds_only_standing());
}

TEST_CASE("offload: ESP in UDP stays in software") {
    for (const bool required : {false, true}) {
        OffloadPair pair(OffloadMode::packet, [=](config::Phase1& phase1) {
            phase1.nat_traversal = config::NatTraversal::forced;
            phase1.offload_require = required;
        });
        CHECK(pair.connect() == !required);
        const std::string told = required ? message_of(pair.east, Reason::offload_required)
                                          : OffloadPair::told(pair.west);
        CHECK(says(told, "ESP goes in UDP, for NAT traversal"));
        if (!required) CHECK(OffloadPair::mode(pair.west) == OffloadMode::none);
    }
}

TEST_CASE("offload: crypto mode with several selectors would let others pass") {
    TunnelSpec spec;
    spec.local_subnets = {"10.1.0.0/24", "10.3.0.0/24"};
    OffloadPair crypto(OffloadMode::crypto, {}, spec);
    REQUIRE(crypto.connect());
    CHECK(OffloadPair::mode(crypto.west) == OffloadMode::none);
    OffloadPair packet(OffloadMode::packet, {}, spec);
    REQUIRE(packet.connect());
    CHECK(OffloadPair::mode(packet.west) == OffloadMode::packet);
    check_one_child(packet);
}

TEST_CASE("offload: packets outside of the selectors are not admitted in any mode") {
    for (const OffloadMode most : {OffloadMode::packet, OffloadMode::crypto, OffloadMode::none}) {
        OffloadPair pair(most);
        REQUIRE(pair.connect());
        const auto& sas = pair.east.kernel.sas();
        const auto inbound = std::ranges::find_if(
            sas, [](const auto& sa) { return sa.second.install.direction == Direction::in; });
        REQUIRE(inbound != sas.end());
        const Packet stray{address("10.9.0.5"), there.destination};
        CHECK(pair.east.kernel.admits(inbound->second, there, Direction::forward));
        CHECK_FALSE(pair.east.kernel.admits(inbound->second, stray, Direction::forward));
    }
}

TEST_CASE("offload: a fall-back without a word is read back, and told") {
    OffloadPair pair(OffloadMode::none, with(Offload::crypto));
    pair.west.kernel.device(card).warns = false;
    REQUIRE(pair.connect());
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::none);
    CHECK(says(OffloadPair::told(pair.west),
               "(crypto: the kernel fell back to software and gave no reason)"));
    check_one_child(pair);
}

TEST_CASE("offload: a kernel that cannot offload policies leaves crypto mode") {
    OffloadPair pair(OffloadMode::packet);
    pair.west.kernel.device(card).takes_policies = false;
    REQUIRE(pair.connect());
    CHECK(OffloadPair::mode(pair.west) == OffloadMode::crypto);
    CHECK(says(OffloadPair::told(pair.west), "(packet: install inbound policy"));
    check_one_child(pair);
}

TEST_CASE("offload: conditions of drivers send it down the ladder") {
    OffloadPair cipher(OffloadMode::packet);
    cipher.west.kernel.device(card).ciphers = {wire::EncryptionId::aes_cbc};
    REQUIRE(cipher.connect());
    CHECK(OffloadPair::mode(cipher.west) == OffloadMode::none);
    check_one_child(cipher);

    OffloadPair window(OffloadMode::packet);
    window.west.kernel.device(card).packet_windows = {32, 64, 128, 256};
    REQUIRE(window.connect());
    CHECK(OffloadPair::mode(window.west) == OffloadMode::packet);
    for (const xfrm::SaStatus& sa : window.west.kernel.dump_sas())
        CHECK((sa.replay_window == 0 || sa.replay_window == 256));
}

TEST_CASE("offload: any one refusal leaves nothing of its rung behind") {
    // The route; both SAs, both read back; two policies, both read back, and the SAs again.
    for (std::size_t step = 0; step < 11; ++step) {
        for (const bool at_initiator : {true, false}) {
            INFO("step " << step << (at_initiator ? " at the initiator" : " at the responder"));
            OffloadPair pair(OffloadMode::packet);
            Gateway& refused = at_initiator ? pair.west : pair.east;
            refused.kernel.refuse(step, EINVAL, "the words of the kernel");
            REQUIRE(pair.connect());
            CHECK(OffloadPair::mode(refused) ==
                  (step == 0 ? OffloadMode::none : OffloadMode::crypto));
            CHECK(says(OffloadPair::told(refused), "the words of the kernel"));
            check_one_child(pair);
        }
    }
}

TEST_CASE("offload: rekeys of Child SA and IKE SA lose no packet") {
    for (const OffloadMode most : {OffloadMode::packet, OffloadMode::crypto}) {
        OffloadPair pair(most);
        REQUIRE(pair.connect());
        pair.ping();
        for (Gateway* gateway : {&pair.west, &pair.east}) {
            pair.rekey_child(*gateway);
            pair.world.run_for(seconds(20));
            pair.rekey_ike_sa(*gateway);
            pair.world.run_for(seconds(40));
            CHECK(OffloadPair::mode(pair.west) == most);
            CHECK(OffloadPair::mode(pair.east) == most);
            check_one_child(pair);
        }
        INFO(pair.losses());
        CHECK(pair.lost() == 0);
    }
}

TEST_CASE("offload-prefer-suites: what the device takes comes first, at either end") {
    const config::EspProposal gcm{{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none};
    const config::EspProposal cbc{{wire::EncryptionId::aes_cbc, 128},
                                  wire::IntegrityId::hmac_sha2_256_128};
    TunnelSpec spec;
    spec.esp = {cbc, gcm};
    for (const bool prefers : {false, true}) {
        OffloadPair pair(
            OffloadMode::packet,
            [prefers](config::Phase1& phase1) { phase1.offload_prefer_suites = prefers; }, spec);
        for (Gateway* gateway : {&pair.west, &pair.east})
            gateway->handle(
                ike::ConfigApplied{gateway->config(), {}, {{"eth0", gcm, OffloadMode::packet}}},
                pair.world.now());
        REQUIRE(pair.connect());
        const auto view = pair.west.engine().tunnel("tunnel").value();
        CHECK(view.phase2s[0].children[0].offload.suite_preferred == prefers);
        CHECK((view.phase2s[0].children[0].inbound.cipher == "rfc4106(gcm(aes))") == prefers);
    }
}

TEST_CASE("offload: nothing is left in the device of a tunnel that ends") {
    OffloadPair pair(OffloadMode::packet);
    REQUIRE(pair.connect());
    REQUIRE(pair.west.kernel.offloaded(card) == 2);
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(5));
    for (const Gateway* gateway : {&pair.west, &pair.east}) {
        CHECK(gateway->kernel.offloaded(card) == 0);
        CHECK_FALSE(OffloadPair::offloads_policies(*gateway, Direction::in));
        CHECK_FALSE(OffloadPair::offloads_policies(*gateway, Direction::out));
    }
    CHECK(nothing_is_left(pair));
}

TEST_CASE("offload: a negotiation that ends while the ladder is climbed leaves nothing") {
    for (std::size_t answered = 0; answered < 4; ++answered) {
        INFO(answered << " answers of the kernel");
        OffloadPair pair(OffloadMode::packet);
        pair.west.kernel_waits = true;
        pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
        pair.world.run_for(seconds(1));
        for (std::size_t i = 0; i < answered && !pair.west.waiting_requests.empty(); ++i) {
            const ike::KernelRequest request = std::move(pair.west.waiting_requests.front());
            pair.west.waiting_requests.pop_front();
            pair.west.handle(
                ike::KernelReply{request.ticket, pair.west.kernel.run(request.operations)},
                pair.world.now());
        }
        pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
        pair.west.kernel_waits = false;
        pair.west.answer_kernel(pair.world.now());
        pair.world.run_for(seconds(100));
        CHECK(nothing_is_left(pair));
    }
}
