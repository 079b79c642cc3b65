#include "daemon/offload_probe.hpp"

#include <cerrno>
#include <set>

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace xfrmd::test;
using control::OffloadOutcome;
using xfrm::Direction;
using xfrm::OffloadMode;

namespace {

const config::EspProposal probe_gcm{{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none};

/// A kernel that answers as told and remembers what it was asked for and what it holds.
struct ProbedKernel {
    xfrm::OperationResult sa_answer{}, policy_answer{}, removal_answer{};
    OffloadMode sa_mode = OffloadMode::packet, policy_mode = OffloadMode::packet;

    std::vector<xfrm::InstallSa> sas;
    std::vector<xfrm::InstallPolicy> policies;
    std::set<std::uint32_t> held_sas;
    std::size_t held_policies = 0;

    xfrm::OperationResult on(const xfrm::InstallSa& op) {
        sas.push_back({.direction = op.direction,
                       .source = op.source,
                       .destination = op.destination,
                       .spi = op.spi,
                       .reqid = op.reqid,
                       .if_id = op.if_id,
                       .mode = op.mode,
                       .suite = op.suite,
                       .keys = {},
                       .replay_window = op.replay_window,
                       .selector = op.selector,
                       .encapsulation = {},
                       .limits = {},
                       .offload = op.offload});
        if (sa_answer.ok()) held_sas.insert(op.spi.value());
        return sa_answer;
    }
    xfrm::OperationResult on(const xfrm::QuerySa& op) const {
        if (!held_sas.contains(op.spi.value()))
            return {.error = ESRCH, .message = {}, .status = {}};
        xfrm::SaStatus status;
        status.offload = sa_mode;
        return {.error = 0, .message = {}, .status = status};
    }
    xfrm::OperationResult on(const xfrm::DeleteSa& op) {
        if (!removal_answer.ok()) return removal_answer;
        return {
            .error = held_sas.erase(op.spi.value()) == 1 ? 0 : ESRCH, .message = {}, .status = {}};
    }
    xfrm::OperationResult on(const xfrm::InstallPolicy& op) {
        policies.push_back(op);
        if (policy_answer.ok()) ++held_policies;
        return policy_answer;
    }
    xfrm::OperationResult on(const xfrm::QueryPolicy&) const {
        xfrm::PolicyStatus status;
        status.offload = policy_mode;
        if (held_policies == 0) return {.error = ENOENT, .message = {}, .status = {}};
        return {.error = 0, .message = {}, .status = status};
    }
    xfrm::OperationResult on(const xfrm::DeletePolicy&) {
        if (held_policies == 0) return {.error = ENOENT, .message = {}, .status = {}};
        --held_policies;
        return {};
    }
    xfrm::OperationResult on(const auto&) const {
        FAIL("no such operation is needed");
        return {};
    }

    bool is_empty() const { return held_sas.empty() && held_policies == 0; }
};

struct ProbeLab {
    control::OffloadTrial try_out(OffloadMode mode, Direction direction,
                                  control::OffloadSubject subject = {.proposal = probe_gcm}) {
        return probe.try_out(subject, {7, mode}, direction, leftovers);
    }

    ProbedKernel kernel;
    SeededRandom random{1};
    OffloadProbe probe{[this](std::span<const xfrm::Operation> operations) {
                           std::vector<xfrm::OperationResult> results;
                           for (const auto& operation : operations)
                               results.push_back(std::visit(
                                   [this](const auto& one) { return kernel.on(one); }, operation));
                           return results;
                       },
                       [](const std::string&) { return DeviceState{}; }, random};
    std::vector<std::string> leftovers;
};

xfrm::OperationResult probe_refusal(int error, const char* words) {
    return {.error = error, .message = words, .status = {}};
}

}  // namespace

TEST_CASE("offload probe: packet mode is taken if the SA and its policy are; nothing is left") {
    ProbeLab lab;
    for (const Direction direction : {Direction::in, Direction::out}) {
        const auto trial = lab.try_out(OffloadMode::packet, direction);
        CHECK(trial.outcome == OffloadOutcome::taken);
        CHECK(trial.mode == OffloadMode::packet);
        CHECK(trial.direction == direction);
        CHECK(lab.kernel.policies.back().direction == direction);
        CHECK(lab.kernel.policies.back().offload == lab.kernel.sas.back().offload);
    }
    CHECK(lab.kernel.is_empty());
    CHECK(lab.leftovers.empty());
    CHECK(lab.kernel.sas[0].spi != lab.kernel.sas[1].spi);
    CHECK(lab.kernel.sas[0].offload == xfrm::OffloadRequest{7, OffloadMode::packet});
}

TEST_CASE("offload probe: what it installs meets no packet and is ours alone") {
    ProbeLab lab;
    lab.try_out(OffloadMode::packet, Direction::in);
    lab.try_out(OffloadMode::packet, Direction::out,
                {.proposal = probe_gcm, .interface_id = true, .family = IpFamily::v6});
    for (const auto& sa : lab.kernel.sas) {
        CHECK(xfrm::is_own(sa.reqid));
        CHECK(sa.spi.value() >= 0x100);
        CHECK((sa.destination.to_text() == "127.0.0.1" || sa.destination.to_text() == "::1"));
    }
    for (const auto& policy : lab.kernel.policies) {
        CHECK(policy.selector.source != policy.selector.destination);
        CHECK(policy.selector.source.prefix_length ==
              (policy.selector.source.address.family() == IpFamily::v4 ? 32 : 128));
        CHECK_FALSE(policy.replace);
        REQUIRE(policy.tmpl);
        CHECK(xfrm::is_own(policy.tmpl->reqid));
    }
    CHECK(lab.kernel.sas[0].if_id == IfId{});
    CHECK(lab.kernel.sas[1].if_id != IfId{});
    CHECK(lab.kernel.policies[1].if_id == lab.kernel.sas[1].if_id);
}

TEST_CASE("offload probe: an SA of crypto mode hides none of packet mode in the kernel's table") {
    ProbeLab lab;
    for (const IpFamily family : {IpFamily::v4, IpFamily::v6})
        for (const OffloadMode mode : {OffloadMode::packet, OffloadMode::crypto})
            lab.try_out(mode, Direction::out, {.proposal = probe_gcm, .family = family});
    REQUIRE(lab.kernel.sas.size() == 4);
    for (const auto& sa : lab.kernel.sas) {
        // __xfrm_dst_hash: for IPv6 the two equal addresses cancel each other out.
        const bool v4 = sa.source.family() == IpFamily::v4;
        const std::uint32_t hash = sa.reqid.value() ^ (v4 ? 2U ^ 0xfe000002U : 10U);
        const bool packet = sa.offload->mode == OffloadMode::packet;
        CHECK(((hash ^ hash >> 16) & 1) == (packet ? 1 : 0));
    }
}

TEST_CASE("offload probe: crypto mode asks for no policy") {
    ProbeLab lab;
    lab.kernel.sa_mode = OffloadMode::crypto;
    CHECK(lab.try_out(OffloadMode::crypto, Direction::out).outcome == OffloadOutcome::taken);
    CHECK(lab.kernel.policies.empty());
    CHECK(lab.kernel.is_empty());
}

TEST_CASE("offload probe: a yes that reads back as software has fallen back, with the warning") {
    ProbeLab lab;
    lab.kernel.sa_mode = OffloadMode::none;
    lab.kernel.sa_answer = probe_refusal(0, "Device failed to offload this state");
    const auto trial = lab.try_out(OffloadMode::crypto, Direction::in);
    CHECK(trial.outcome == OffloadOutcome::fell_back);
    CHECK(trial.error == 0);
    CHECK(trial.message == "Device failed to offload this state");
    CHECK(lab.kernel.is_empty());
}

TEST_CASE("offload probe: a refusal has the kernel's words, of the SA or of the policy") {
    ProbeLab lab;
    lab.kernel.policy_answer = probe_refusal(EINVAL, "no policies");
    const auto of_policy = lab.try_out(OffloadMode::packet, Direction::in);
    CHECK(of_policy.outcome == OffloadOutcome::refused);
    CHECK(of_policy.of_policy);
    CHECK(of_policy.error == EINVAL);
    CHECK(of_policy.message == "no policies");
    CHECK(lab.kernel.is_empty());

    lab.kernel.sa_answer = probe_refusal(ENOSPC, "SA table full");
    const auto of_sa = lab.try_out(OffloadMode::packet, Direction::in);
    CHECK(of_sa.outcome == OffloadOutcome::refused);
    CHECK_FALSE(of_sa.of_policy);
    CHECK(of_sa.error == ENOSPC);
    CHECK(lab.kernel.policies.size() == 1);
    CHECK(lab.leftovers.empty());
}

TEST_CASE("offload probe: a policy that stays in software is told as such") {
    ProbeLab lab;
    lab.kernel.policy_mode = OffloadMode::none;
    const auto trial = lab.try_out(OffloadMode::packet, Direction::out);
    CHECK(trial.outcome == OffloadOutcome::fell_back);
    CHECK(trial.of_policy);
    CHECK(lab.kernel.is_empty());
}

TEST_CASE("offload probe: an answer that got lost does not keep the SA from being deleted") {
    ProbeLab lab;
    lab.kernel.sa_answer = probe_refusal(EAGAIN, "the kernel does not answer");
    lab.kernel.removal_answer = probe_refusal(EPERM, "");
    lab.try_out(OffloadMode::crypto, Direction::in);
    REQUIRE(lab.leftovers.size() == 1);
    CHECK(lab.leftovers[0].find("EPERM") != std::string::npos);
}

TEST_CASE("offload probe: somebody else's SA with the same SPI is not deleted") {
    ProbeLab lab;
    lab.kernel.sa_answer = probe_refusal(EEXIST, "");
    lab.kernel.removal_answer = probe_refusal(EPERM, "it was tried");
    lab.try_out(OffloadMode::crypto, Direction::in);
    CHECK(lab.leftovers.empty());
}

TEST_CASE("offload probe: an SA is tried as the tunnel would have it") {
    ProbeLab lab;
    lab.try_out(OffloadMode::packet, Direction::in, {.proposal = probe_gcm, .esn = true});
    lab.try_out(OffloadMode::crypto, Direction::in, {.proposal = probe_gcm, .transport = true});
    CHECK(lab.kernel.sas[0].suite.esn == wire::EsnId::yes);
    CHECK(lab.kernel.sas[0].replay_window == 256);
    CHECK(lab.kernel.sas[0].mode == xfrm::Mode::tunnel);
    CHECK(lab.kernel.sas[1].replay_window == 2048);
    CHECK(lab.kernel.sas[1].mode == xfrm::Mode::transport);
}

TEST_CASE("offload probe: algorithms that the kernel has no name for never reach it") {
    ProbeLab lab;
    const auto trial = lab.try_out(
        OffloadMode::crypto, Direction::in,
        {.proposal = {{static_cast<wire::EncryptionId>(999), 0}, wire::IntegrityId::none}});
    CHECK(trial.outcome == OffloadOutcome::refused);
    CHECK(trial.error == ENOSYS);
    CHECK(lab.kernel.sas.empty());
}
