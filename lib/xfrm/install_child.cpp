#include "xfrm/install_child.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "base/assert.hpp"
#include "xfrm/algorithms.hpp"
#include "xfrm/selectors.hpp"

namespace xfrmd::xfrm {
namespace {

/// The first SPI that is not reserved (RFC 4303 section 2.1).
constexpr EspSpi probe_spi{0x100};

std::vector<InstallPolicy> policies_of(const ChildPolicies& policies, Direction direction) {
    const bool outbound = direction == Direction::out;
    PolicyTemplate tmpl{
        .source = outbound ? policies.local : policies.remote,
        .destination = outbound ? policies.remote : policies.local,
        .reqid = policies.reqid,
        .mode = policies.mode,
        .spi = outbound ? policies.outbound_spi : std::nullopt,
    };
    std::vector<InstallPolicy> installs;
    std::uint32_t slot = policies.first_slot;
    for (const Selector& selector : policies.selectors) {
        InstallPolicy install;
        install.direction = direction;
        install.selector = outbound ? selector : reversed(selector);
        install.if_id = policies.if_id;
        install.index = policy_index(slot++, direction);
        install.priority = policies.priority;
        install.tmpl = tmpl;
        if (direction != Direction::forward) install.offload = policies.offload;
        installs.push_back(std::move(install));
    }
    return installs;
}

bool same_policy(const InstallPolicy& a, const InstallPolicy& b) {
    return a.direction == b.direction && a.selector == b.selector && a.if_id == b.if_id;
}

/// The operation that takes one back; nothing for those that change nothing or cannot be.
std::optional<Operation> inverse(const Operation& operation,
                                 std::span<const InstallPolicy> before) {
    if (const auto* sa = std::get_if<InstallSa>(&operation))
        return DeleteSa{sa->source, sa->destination, sa->spi};
    if (const auto* policy = std::get_if<InstallPolicy>(&operation)) {
        const auto old = std::ranges::find_if(
            before, [&](const InstallPolicy& other) { return same_policy(other, *policy); });
        if (old != before.end()) return *old;
        return DeletePolicy{policy->direction, policy->selector, policy->if_id};
    }
    if (const auto* interface = std::get_if<CreateInterface>(&operation))
        return DeleteInterface{interface->name, interface->if_id};
    return std::nullopt;
}

Secret patterned_key(std::size_t size) {
    Secret key(size);
    // Not all zero: some ciphers know weak keys.
    for (std::size_t i = 0; i < size; ++i)
        key.writable()[i] = static_cast<std::uint8_t>(i * 37 + 1);
    return key;
}

}  // namespace

PolicyIndex policy_index(std::uint32_t slot, Direction direction) {
    XFRMD_ASSERT(slot < policy_slots);
    return PolicyIndex(own_index_prefix | slot << 3 | std::to_underlying(direction));
}

std::vector<InstallPolicy> inbound_policies(const ChildPolicies& policies) {
    std::vector<InstallPolicy> installs = policies_of(policies, Direction::in);
    if (policies.mode == Mode::tunnel)
        std::ranges::move(policies_of(policies, Direction::forward), std::back_inserter(installs));
    return installs;
}

std::vector<InstallPolicy> outbound_policies(const ChildPolicies& policies) {
    return policies_of(policies, Direction::out);
}

std::vector<Operation> install_child(ChildInstall child) {
    if (const auto all = hull(child.policies.selectors)) {
        if (!child.outbound.selector) child.outbound.selector = *all;
        if (!child.inbound.selector) child.inbound.selector = reversed(*all);
    }
    const QuerySa query_inbound{child.inbound.source, child.inbound.destination, child.inbound.spi};
    const QuerySa query_outbound{child.outbound.source, child.outbound.destination,
                                 child.outbound.spi};
    std::vector<Operation> operations;
    operations.emplace_back(std::move(child.inbound));
    for (InstallPolicy& policy : inbound_policies(child.policies))
        operations.emplace_back(std::move(policy));
    operations.emplace_back(std::move(child.outbound));
    for (InstallPolicy& policy : outbound_policies(child.policies))
        operations.emplace_back(std::move(policy));
    operations.emplace_back(query_inbound);
    operations.emplace_back(query_outbound);
    return operations;
}

std::vector<Operation> undo(std::span<const Operation> operations,
                            std::span<const OperationResult> results,
                            std::span<const InstallPolicy> before) {
    std::vector<Operation> taken_back;
    for (std::size_t i = std::min(operations.size(), results.size()); i-- > 0;) {
        if (!results[i].ok()) continue;
        if (auto operation = inverse(operations[i], before))
            taken_back.push_back(*std::move(operation));
    }
    return taken_back;
}

std::vector<Operation> probe_suite(const crypto::EspSuite& suite) {
    InstallSa install;
    install.source = *IpAddress::from_text("127.0.0.1");
    install.destination = install.source;
    install.spi = probe_spi;
    install.reqid = Reqid(own_reqid_prefix);
    install.suite = suite;
    install.replay_window = 32;
    install.keys.encryption = patterned_key(kernel_key_size(suite.cipher));
    if (const auto integrity = kernel_integrity(suite.integrity))
        install.keys.integrity = patterned_key(integrity->key_size);
    const DeleteSa remove{install.source, install.destination, install.spi};
    std::vector<Operation> operations;
    operations.emplace_back(std::move(install));
    operations.emplace_back(remove);
    return operations;
}

}  // namespace xfrmd::xfrm
