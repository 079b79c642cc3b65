#include "xfrm/install_child.hpp"

#include <utility>

#include "xfrm/algorithms.hpp"
#include "xfrm/selectors.hpp"

namespace xfrmd::xfrm {
namespace {

/// The first SPI that is not reserved (RFC 4303 section 2.1).
constexpr EspSpi probe_spi{0x100};

Secret patterned_key(std::size_t size) {
    Secret key(size);
    // Not all zero: some ciphers know weak keys.
    for (std::size_t i = 0; i < size; ++i)
        key.writable()[i] = static_cast<std::uint8_t>(i * 37 + 1);
    return key;
}

SaKeys patterned_keys(const crypto::EspSuite& suite) {
    SaKeys keys;
    keys.encryption = patterned_key(kernel_key_size(suite.cipher));
    if (const auto integrity = kernel_integrity(suite.integrity))
        keys.integrity = patterned_key(integrity->key_size);
    return keys;
}

/// An SA without a selector gets the hull of the outbound ones, if it exists.
void select_hull(InstallSa& sa, std::span<const Selector> selectors) {
    const auto all = hull(selectors);
    if (!all || sa.selector) return;
    sa.selector = sa.direction == Direction::out ? *all : reversed(*all);
}

QuerySa query_of(const InstallSa& sa) {
    return {sa.source, sa.destination, sa.spi};
}

}  // namespace

std::vector<Operation> install_child(ChildInstall child) {
    select_hull(child.outbound, child.selectors);
    select_hull(child.inbound, child.selectors);
    const QuerySa query_inbound = query_of(child.inbound);
    const QuerySa query_outbound = query_of(child.outbound);
    std::vector<Operation> operations;
    operations.emplace_back(std::move(child.inbound));
    append(operations, child.inbound_policies);
    operations.emplace_back(std::move(child.outbound));
    append(operations, child.outbound_policies);
    operations.emplace_back(query_inbound);
    operations.emplace_back(query_outbound);
    return operations;
}

std::vector<Operation> install_sas(ChildInstall child) {
    child.inbound_policies.clear();
    child.outbound_policies.clear();
    return install_child(std::move(child));
}

std::vector<Operation> install_policies(const ChildInstall& child) {
    std::vector<Operation> operations;
    append(operations, child.inbound_policies);
    append(operations, child.outbound_policies);
    const std::size_t changes = operations.size();
    for (std::size_t i = 0; i < changes; ++i) {
        const auto* policy = std::get_if<InstallPolicy>(&operations[i]);
        if (policy == nullptr || !policy->offload) continue;
        const QueryPolicy query{policy->direction, policy->selector, policy->if_id};
        operations.emplace_back(query);
    }
    operations.emplace_back(query_of(child.inbound));
    operations.emplace_back(query_of(child.outbound));
    return operations;
}

UpdatePorts update_ports(InstallSa sa, std::span<const Selector> selectors) {
    select_hull(sa, selectors);
    sa.keys = patterned_keys(sa.suite);
    sa.acquire_sequence = 0;
    return {std::move(sa)};
}

std::vector<Operation> probe_suite(const crypto::EspSuite& suite) {
    InstallSa install;
    install.source = *IpAddress::from_text("127.0.0.1");
    install.destination = install.source;
    install.spi = probe_spi;
    install.reqid = Reqid(own_reqid_prefix);
    install.suite = suite;
    install.replay_window = 32;
    install.keys = patterned_keys(suite);
    const DeleteSa remove{install.source, install.destination, install.spi};
    std::vector<Operation> operations;
    operations.emplace_back(std::move(install));
    operations.emplace_back(remove);
    return operations;
}

}  // namespace xfrmd::xfrm
