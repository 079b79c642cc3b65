#include "daemon/offload_probe.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "xfrm/algorithms.hpp"
#include "xfrm/lookup_chain.hpp"

namespace xfrmd::daemon {
namespace {

using control::OffloadOutcome;
using control::OffloadSubject;
using control::OffloadTrial;
using xfrm::OffloadMode;

/// Of these probes alone: no phase 2 gets such a number, no XFRM interface has it as its id.
constexpr Reqid probe_reqid = xfrm::reqid_of_pair(xfrm::last_reqid_pair);

/// Drivers know few windows in packet mode, and 256 is among those of all. With crypto offload the
/// window is the kernel's own.
constexpr std::uint32_t packet_window = 256, crypto_window = 2048;
constexpr std::uint32_t policy_priority = 0x10000;

crypto::EspSuite suite_of(const OffloadSubject& subject) {
    return {.cipher = subject.proposal.cipher,
            .integrity = subject.proposal.integrity,
            .esn = subject.esn ? wire::EsnId::yes : wire::EsnId::no};
}

IpAddress address(const char* text, IpFamily family) {
    return IpAddress::from_text(text).value_or(IpAddress::any(family));
}

/// An SA to or from a loopback address serves no packet.
IpAddress outer_address(IpFamily family) {
    return address(family == IpFamily::v4 ? "127.0.0.1" : "::1", family);
}

/// Hides no SA of a tunnel's, and is not hidden by one.
Reqid reqid_for(OffloadMode mode, IpFamily family) {
    return xfrm::reqid_for(probe_reqid, mode, outer_address(family), outer_address(family));
}

/// Two addresses between which there is no packet: nobody has them, and nobody forwards them. No
/// protocol or port, for drivers may know none.
xfrm::Selector no_packet(IpFamily family, xfrm::Direction direction) {
    const bool v4 = family == IpFamily::v4;
    const std::uint8_t whole = v4 ? 32 : 128;
    xfrm::Selector selector;
    selector.source = {address(v4 ? "127.88.102.1" : "fe80::5866:7278:1", family), whole};
    selector.destination = {address(v4 ? "127.88.102.2" : "fe80::5866:7278:2", family), whole};
    if (direction == xfrm::Direction::in) std::swap(selector.source, selector.destination);
    return selector;
}

template <class Status>
OffloadMode mode_in(const xfrm::OperationResult& answer) {
    const auto* status = std::get_if<Status>(&answer.status);
    return status == nullptr ? OffloadMode::none : status->offload;
}

void judge(OffloadTrial& trial, xfrm::OperationResult installed, OffloadMode got) {
    trial.error = installed.error;
    trial.message = std::move(installed.message);
    if (!installed.ok())
        trial.outcome = OffloadOutcome::refused;
    else
        trial.outcome = got == trial.mode ? OffloadOutcome::taken : OffloadOutcome::fell_back;
}

}  // namespace

OffloadTrial OffloadProbe::try_out(const OffloadSubject& subject,
                                   const xfrm::OffloadRequest& offload, xfrm::Direction direction,
                                   std::vector<std::string>& leftovers) {
    OffloadTrial trial{.mode = offload.mode, .direction = direction};
    if (!xfrm::is_installable(suite_of(subject))) {
        judge(trial, {.error = ENOSYS, .message = "the kernel has no name for it", .status = {}},
              OffloadMode::none);
        return trial;
    }
    xfrm::InstallSa sa = throw_away_sa(subject, offload, direction);
    const xfrm::QuerySa query{.source = sa.source, .destination = sa.destination, .spi = sa.spi};
    const xfrm::DeleteSa removal{.source = sa.source, .destination = sa.destination, .spi = sa.spi};
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(std::move(sa));
    operations.emplace_back(query);
    auto answers = run_(operations);
    judge(trial, std::move(answers[0]), mode_in<xfrm::SaStatus>(answers[1]));
    if (trial.outcome == OffloadOutcome::taken && offload.mode == OffloadMode::packet)
        try_policy(trial, subject, offload, leftovers);
    // Of somebody else's SA that happens to have the SPI.
    if (trial.error != EEXIST) remove(xfrm::Operation(removal), leftovers);
    return trial;
}

xfrm::InstallSa OffloadProbe::throw_away_sa(const OffloadSubject& subject,
                                            const xfrm::OffloadRequest& offload,
                                            xfrm::Direction direction) {
    xfrm::InstallSa sa;
    sa.direction = direction;
    sa.source = sa.destination = outer_address(subject.family);
    // SPIs up to 255 are reserved (RFC 4303 section 2.1).
    sa.spi = EspSpi(random_.number<std::uint32_t>() | 0x100);
    sa.reqid = reqid_for(offload.mode, subject.family);
    if (subject.interface_id) sa.if_id = IfId(sa.reqid.value());
    sa.mode = subject.transport ? xfrm::Mode::transport : xfrm::Mode::tunnel;
    sa.suite = suite_of(subject);
    sa.keys.encryption = Secret(xfrm::kernel_key_size(sa.suite.cipher));
    sa.keys.integrity = Secret(crypto::integrity_key_size(sa.suite.integrity));
    random_.fill(sa.keys.encryption.writable());
    random_.fill(sa.keys.integrity.writable());
    sa.replay_window = offload.mode == OffloadMode::packet ? packet_window : crypto_window;
    sa.offload = offload;
    return sa;
}

/// A device that takes SAs in packet mode may refuse the policies that lead to them.
void OffloadProbe::try_policy(OffloadTrial& trial, const OffloadSubject& subject,
                              const xfrm::OffloadRequest& offload,
                              std::vector<std::string>& leftovers) {
    xfrm::InstallPolicy policy;
    policy.direction = trial.direction;
    policy.selector = no_packet(subject.family, trial.direction);
    const Reqid reqid = reqid_for(offload.mode, subject.family);
    if (subject.interface_id) policy.if_id = IfId(reqid.value());
    policy.priority = policy_priority;
    const IpAddress outer =
        subject.transport ? IpAddress::any(subject.family) : outer_address(subject.family);
    policy.tmpl = {.source = outer,
                   .destination = outer,
                   .reqid = reqid,
                   .mode = subject.transport ? xfrm::Mode::transport : xfrm::Mode::tunnel,
                   .spi = std::nullopt};
    policy.offload = offload;
    policy.replace = false;
    const xfrm::QueryPolicy query{policy.direction, policy.selector, policy.if_id};
    const xfrm::DeletePolicy removal{policy.direction, policy.selector, policy.if_id};
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(std::move(policy));
    operations.emplace_back(query);
    auto answers = run_(operations);
    judge(trial, std::move(answers[0]), mode_in<xfrm::PolicyStatus>(answers[1]));
    trial.of_policy = trial.outcome != OffloadOutcome::taken;
    remove(xfrm::Operation(removal), leftovers);
}

void OffloadProbe::remove(const xfrm::Operation& removal, std::vector<std::string>& leftovers) {
    // It was refused, or its device has gone and has taken it along.
    const auto is_gone = [](int error) { return error == ESRCH || error == ENOENT; };
    const auto answer = std::move(run_({&removal, 1}).front());
    if (!answer.ok() && !is_gone(answer.error))
        leftovers.push_back(fmt::format("{}: {}", xfrm::to_text(removal), answer.to_text()));
}

}  // namespace xfrmd::daemon
