// The kernel refuses one step of an installation: nothing of it stays, both ends know why.
#include <algorithm>
#include <cerrno>
#include <iterator>

#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::seconds;
using wire::NotifyType;

namespace {

/// Inbound SA, outbound SA, outbound policy, both SAs read back.
constexpr std::size_t install_steps = 5;
constexpr const char* words = "the words of the kernel";

/// Somebody else's SA and policy, which have to stay.
void add_foreign_state(FakeKernel& kernel) {
    xfrm::InstallSa sa;
    sa.source = *IpAddress::from_text("203.0.113.1");
    sa.destination = *IpAddress::from_text("203.0.113.2");
    sa.spi = EspSpi(0x1000);
    sa.reqid = Reqid(7);
    sa.suite.cipher = {wire::EncryptionId::aes_gcm_16, 128};
    sa.keys.encryption = Secret(20);
    xfrm::InstallPolicy policy;
    policy.selector = {.source = *Subnet::from_text("172.16.1.0/24"),
                       .destination = *Subnet::from_text("172.16.2.0/24")};
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(std::move(sa));
    operations.emplace_back(std::move(policy));
    for (const auto& result : kernel.run(operations))
        REQUIRE(result.ok());
}

bool is_trap(const xfrm::InstallPolicy& policy) {
    return policy.tmpl && !policy.tmpl->spi && xfrm::is_own(policy.tmpl->reqid);
}

/// That, and the policies of tunnels that are down: three for each pair of subnets.
bool only_foreign_state(const Gateway& gateway, std::ptrdiff_t pairs) {
    const auto& policies = gateway.kernel.policies();
    return gateway.kernel.sas().size() == 1 &&
           gateway.kernel.sas().begin()->second.install.spi == EspSpi(0x1000) &&
           std::ranges::count_if(policies, is_trap) == 3 * pairs &&
           std::ranges::count_if(policies, [](const xfrm::InstallPolicy& policy) {
               return policy.selector.source == *Subnet::from_text("172.16.1.0/24");
           }) == std::ssize(policies) - 3 * pairs;
}

void check_refusal(const TunnelSpec& spec, bool at_initiator, std::size_t step, int error) {
    INFO("step " << step << (at_initiator ? " at the initiator" : " at the responder"));
    Pair pair(spec);
    add_foreign_state(pair.west.kernel);
    add_foreign_state(pair.east.kernel);
    Gateway& refused = at_initiator ? pair.west : pair.east;
    Gateway& other = at_initiator ? pair.east : pair.west;
    refused.kernel.refuse(step, error, words);
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(5));
    const std::ptrdiff_t pairs = std::ssize(spec.local_subnets);
    CHECK(only_foreign_state(pair.west, pairs));
    CHECK(only_foreign_state(pair.east, pairs));
    CHECK(refused.reasons().front() == Reason::kernel_refused);
    const std::string message = message_of(refused, Reason::kernel_refused);
    CHECK(message.find(words) != std::string::npos);
    CHECK(message.find(error == EINVAL ? "EINVAL" : "ENOMEM") != std::string::npos);
    if (at_initiator)
        CHECK(other.reasons().back() == Reason::peer_deleted);
    else
        CHECK(other.reasons().front() ==
              (error == EINVAL ? Reason::esp_no_proposal_chosen : Reason::peer_refused));
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(pair.east.engine().established_count() == 1);

    // It was this once: nothing stands in the way of the next try, in the IKE SA that stands.
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(5));
    CHECK(passes_both_ways(pair));
}

}  // namespace

TEST_CASE("F17 kernel refusal: each step of the installation, as initiator") {
    for (std::size_t step = 0; step < install_steps; ++step)
        check_refusal({}, true, step, EINVAL);
}

// HDR, SK {IDr, AUTH, N(NO_PROPOSAL_CHOSEN)}  <--   what waiting will not change
TEST_CASE("F17 kernel refusal: each step of the installation, as responder") {
    for (std::size_t step = 0; step < install_steps; ++step)
        check_refusal({}, false, step, EINVAL);
}

// HDR, SK {IDr, AUTH, N(TEMPORARY_FAILURE)}  <--
TEST_CASE("F17 kernel refusal: lack of memory is a temporary failure") {
    for (std::size_t step = 0; step < install_steps; ++step)
        check_refusal({}, false, step, ENOMEM);
}

// HDR, SK {IDr, AUTH, N(NO_PROPOSAL_CHOSEN)}  <--   for all errors of a kernel that lacks something
TEST_CASE("F17 kernel refusal: what a kernel lacks is no temporary failure") {
    for (const int error : {ENOSYS, EOPNOTSUPP, ENOENT, EPROTONOSUPPORT}) {
        INFO("error " << error);
        Pair pair;
        pair.east.kernel.refuse(0, error, words);
        CHECK_FALSE(pair.connect());
        CHECK(pair.east.reasons().front() == Reason::kernel_refused);
        CHECK(pair.west.reasons().front() == Reason::esp_no_proposal_chosen);
    }
}

TEST_CASE("F17 kernel refusal: several selectors, any of their policies") {
    TunnelSpec spec;
    spec.local_subnets = {"10.1.0.0/24", "10.3.0.0/24"};
    // Two SAs, an outbound policy for each of two pairs, two queries.
    for (std::size_t step = 0; step < 6; ++step) {
        check_refusal(spec, true, step, EINVAL);
        check_refusal(spec, false, step, EINVAL);
    }
}

TEST_CASE("F17 kernel refusal: a cipher that the kernel lacks") {
    for (const bool at_initiator : {true, false}) {
        Pair pair;
        Gateway& lacking = at_initiator ? pair.west : pair.east;
        lacking.kernel.refuse_cipher(wire::EncryptionId::aes_gcm_16, ENOSYS, words);
        CHECK_FALSE(pair.connect());
        CHECK(message_of(lacking, Reason::kernel_refused).find("ENOSYS") != std::string::npos);
        CHECK(pair.west.kernel.holds_only_standing());
        CHECK(pair.east.kernel.holds_only_standing());
    }
}

TEST_CASE("F17 kernel refusal: an answer too late for an IKE SA that is gone leaves nothing") {
    for (const bool at_initiator : {true, false}) {
        INFO((at_initiator ? "initiator" : "responder"));
        Pair pair;
        Gateway& slow = at_initiator ? pair.west : pair.east;
        slow.kernel_waits = true;
        pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
        pair.world.run_for(seconds(1));
        REQUIRE_FALSE(slow.waiting_requests.empty());
        slow.handle(ike::CommandDown{"tunnel"}, pair.world.now());
        pair.world.run_for(seconds(40));
        slow.kernel_waits = false;
        slow.answer_kernel(pair.world.now());
        pair.world.run_for(seconds(100));
        CHECK(nothing_is_left(pair));
    }
}

TEST_CASE("F17 kernel refusal: a kernel that never answers is given up with the negotiation") {
    Pair pair;
    pair.east.kernel_waits = true;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(40));
    CHECK(pair.west.reasons() == std::vector{Reason::negotiation_timeout});
    CHECK(pair.east.reasons().front() == Reason::negotiation_timeout);
    CHECK(pair.east.engine().half_open_count() == 0);
    pair.east.answer_kernel(pair.world.now());
    CHECK(nothing_is_left(pair));
}
