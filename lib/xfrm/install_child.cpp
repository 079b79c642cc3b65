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

}  // namespace

std::vector<Operation> install_child(ChildInstall child) {
    if (const auto all = hull(child.selectors)) {
        if (!child.outbound.selector) child.outbound.selector = *all;
        if (!child.inbound.selector) child.inbound.selector = reversed(*all);
    }
    const QuerySa query_inbound{child.inbound.source, child.inbound.destination, child.inbound.spi};
    const QuerySa query_outbound{child.outbound.source, child.outbound.destination,
                                 child.outbound.spi};
    std::vector<Operation> operations;
    operations.emplace_back(std::move(child.inbound));
    append(operations, child.inbound_policies);
    operations.emplace_back(std::move(child.outbound));
    append(operations, child.outbound_policies);
    operations.emplace_back(query_inbound);
    operations.emplace_back(query_outbound);
    return operations;
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
