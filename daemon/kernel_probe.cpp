#include "daemon/kernel_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "xfrm/algorithms.hpp"
#include "xfrm/lookup_chain.hpp"

namespace xfrmd::daemon {
namespace {

/// Of probes alone: no phase 2 gets this number.
constexpr Reqid probe_reqid = xfrm::reqid_of_pair(xfrm::last_reqid_pair);

/// An SA to or from a loopback address serves no packet.
IpAddress probe_address(IpFamily family) {
    const auto address = IpAddress::from_text(family == IpFamily::v4 ? "127.0.0.1" : "::1");
    return address.value_or(IpAddress::any(family));
}

crypto::EspSuite suite_of(const config::EspProposal& proposal) {
    return {.cipher = proposal.cipher, .integrity = proposal.integrity};
}

/// "rfc4106(gcm(aes))", "cbc(aes) with hmac(sha256)"
std::string kernel_names(const config::EspProposal& proposal) {
    const auto cipher = xfrm::kernel_cipher(proposal.cipher.id);
    const auto integrity = xfrm::kernel_integrity(proposal.integrity);
    std::string names(cipher ? cipher->name : "");
    if (integrity) names += fmt::format(" with {}", integrity->name);
    return names;
}

/// The kernel's modules for a proposal, as far as their names are no guess.
std::string_view modules_of(const config::EspProposal& proposal) {
    switch (proposal.cipher.id) {
        case wire::EncryptionId::chacha20_poly1305: return "chacha20poly1305";
        case wire::EncryptionId::aes_gcm_8:
        case wire::EncryptionId::aes_gcm_12:
        case wire::EncryptionId::aes_gcm_16: return "-a gcm seqiv";
        default: return "-a authenc echainiv cbc hmac";
    }
}

std::string warning(const config::EspProposal& proposal, IpFamily family,
                    const xfrm::OperationResult& refusal) {
    const std::string name = suite_of(proposal).to_text();
    if (refusal.error == EPROTONOSUPPORT)
        return fmt::format("kernel lacks ESP for IPv{0}: modprobe esp{0} (tried {1}: {2})",
                           static_cast<int>(family), name, refusal.to_text());
    return fmt::format("kernel lacks {} for {}: modprobe {} ({})", kernel_names(proposal), name,
                       modules_of(proposal), refusal.to_text());
}

/// Which families each proposal is wanted for.
std::vector<std::pair<config::EspProposal, std::vector<IpFamily>>> wanted(
    const config::Config& config) {
    std::vector<std::pair<config::EspProposal, std::vector<IpFamily>>> result;
    for (const auto& phase1 : config.phase1s)
        for (const config::Phase2& phase2 : phase1->phase2s)
            for (const config::EspProposal& proposal : phase2.proposals) {
                auto entry =
                    std::ranges::find_if(result, [&](auto& e) { return e.first == proposal; });
                if (entry == result.end()) entry = result.insert(result.end(), {proposal, {}});
                if (std::ranges::find(entry->second, phase1->ip_version) == entry->second.end())
                    entry->second.push_back(phase1->ip_version);
            }
    return result;
}

}  // namespace

ProbeResult KernelProbe::probe(const config::Config& config) {
    ProbeResult result;
    for (const auto& [proposal, families] : wanted(config)) {
        bool works = false;
        for (const IpFamily family : families) {
            if (!is_known_to_work(proposal, family)) {
                const xfrm::OperationResult answer = try_out(proposal, family);
                if (!answer.ok()) {
                    result.warnings.push_back(warning(proposal, family, answer));
                    continue;
                }
                working_.push_back({proposal, family});
            }
            works = true;
        }
        if (!works) result.lacking.push_back(proposal);
    }
    if (std::ranges::any_of(config.phase1s, [](const auto& p) { return p->route_based; }))
        probe_interfaces(result);
    return result;
}

bool KernelProbe::is_known_to_work(const config::EspProposal& proposal, IpFamily family) const {
    return std::ranges::any_of(working_, [&](const Verdict& verdict) {
        return verdict.proposal == proposal && verdict.family == family;
    });
}

xfrm::OperationResult KernelProbe::try_out(const config::EspProposal& proposal, IpFamily family) {
    const crypto::EspSuite suite = suite_of(proposal);
    if (!xfrm::is_installable(suite))
        return {.error = ENOSYS, .message = "the kernel has no name for it", .status = {}};
    xfrm::InstallSa install;
    install.source = install.destination = probe_address(family);
    install.reqid =
        xfrm::reqid_for(probe_reqid, xfrm::OffloadMode::none, install.source, install.destination);
    install.suite = suite;
    install.mode = xfrm::Mode::transport;
    install.replay_window = 32;
    install.keys.encryption = Secret(xfrm::kernel_key_size(suite.cipher));
    install.keys.integrity = Secret(crypto::integrity_key_size(suite.integrity));
    random_.fill(install.keys.encryption.writable());
    random_.fill(install.keys.integrity.writable());
    // SPIs up to 255 are reserved (RFC 4303 section 2.1).
    install.spi = EspSpi(random_.number<std::uint32_t>() | 0x100);
    const xfrm::DeleteSa remove{
        .source = install.source, .destination = install.destination, .spi = install.spi};
    const xfrm::OperationResult installed = kernel_.run(xfrm::Operation(std::move(install)));
    if (installed.ok()) kernel_.run(xfrm::Operation(remove));
    return installed;
}

void KernelProbe::probe_interfaces(ProbeResult& result) {
    // Interface id 0 is refused by a kernel that knows XFRM interfaces, so nothing is made; the
    // others do not know the kind.
    const std::string name = "xfrmd-probe";
    const auto answer =
        kernel_.run(xfrm::Operation(xfrm::CreateInterface{.name = name, .if_id = IfId(0)}));
    if (answer.ok())
        kernel_.run(xfrm::Operation(xfrm::DeleteInterface{.name = name, .if_id = IfId(0)}));
    if (answer.error == EOPNOTSUPP)
        result.warnings.push_back(
            fmt::format("kernel lacks XFRM interfaces, which phase1-interface needs: modprobe "
                        "xfrm_interface ({})",
                        answer.to_text()));
}

}  // namespace xfrmd::daemon
