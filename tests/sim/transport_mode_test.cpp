// Transport mode is asked for by a notify and granted by one (RFC 7296 section 1.3.1).
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using config::Encapsulation;
using ike::Reason;
using std::chrono::seconds;

namespace {

TunnelSpec host_to_host() {
    TunnelSpec spec;
    spec.local_subnets = {"192.0.2.1/32"};
    spec.remote_subnets = {"192.0.2.2/32"};
    return spec;
}

config::Phase1 with(config::Phase1 phase1, Encapsulation encapsulation) {
    phase1.phase2s[0].encapsulation = encapsulation;
    return phase1;
}

Pair pair_of(Encapsulation west, Encapsulation east) {
    const TunnelSpec spec = host_to_host();
    return Pair(with(spec.phase1(), west), with(spec.mirrored().phase1(), east));
}

}  // namespace

TEST_CASE("transport mode: both want it, both have it, packets pass") {
    Pair pair = pair_of(Encapsulation::transport, Encapsulation::transport);
    REQUIRE(pair.connect());
    for (const auto& [id, sa] : pair.west.kernel.sas())
        CHECK(sa.install.mode == xfrm::Mode::transport);
    const Packet there{*IpAddress::from_text("192.0.2.1"), *IpAddress::from_text("192.0.2.2")};
    const Packet back{there.destination, there.source};
    CHECK(would_pass(pair.west.kernel, IfId{}, pair.east.kernel, there));
    CHECK(would_pass(pair.east.kernel, IfId{}, pair.west.kernel, back));
    CHECK(pair.west.logged("transport-mode"));
}

// "If the responder declines the request, the Child SA will be established in tunnel mode. If this
//  is unacceptable to the initiator, the initiator MUST delete the SA."
TEST_CASE("transport mode: the responder declines, the initiator does not do without") {
    Pair pair = pair_of(Encapsulation::transport, Encapsulation::tunnel);
    CHECK_FALSE(pair.connect());
    CHECK(pair.west.reasons().front() == Reason::esp_no_proposal_chosen);
    CHECK(message_of(pair.west, Reason::esp_no_proposal_chosen).find("transport-mode") !=
          std::string::npos);
    CHECK(pair.east.reasons().back() == Reason::peer_deleted);
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.east.kernel.holds_only_standing());
}

TEST_CASE("transport mode: the responder insists, the initiator did not ask") {
    Pair pair = pair_of(Encapsulation::tunnel, Encapsulation::transport);
    CHECK_FALSE(pair.connect());
    CHECK(pair.west.reasons().front() == Reason::esp_no_proposal_chosen);
    CHECK(pair.east.reasons().front() == Reason::esp_no_proposal_chosen);
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.east.kernel.holds_only_standing());
}
