#include "xfrm/install_child.hpp"

#include <cerrno>

#include "samples.hpp"
#include "support/catch.hpp"
#include "support/fake_kernel.hpp"
#include "xfrm/selectors.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

namespace {

const std::vector<Selector> site_selectors{site_selector(),
                                           {net("10.1.1.0/24"), net("10.2.0.0/16")}};

PolicyOperation policy(Direction direction, const Selector& selector) {
    InstallPolicy install = out_policy();
    install.direction = direction;
    install.index = {};  // the kernel chooses
    install.selector = selector;
    return install;
}

ChildInstall site_child() {
    ChildInstall child{.inbound = gcm_sa(),
                       .outbound = gcm_sa(),
                       .selectors = site_selectors,
                       .inbound_policies = {},
                       .outbound_policies = {}};
    child.inbound.direction = Direction::in;
    std::swap(child.inbound.source, child.inbound.destination);
    child.inbound.spi = EspSpi(0xc7654321);
    child.inbound.keys.encryption = counted_key(20, 0x40);
    for (const Selector& selector : site_selectors) {
        child.inbound_policies.push_back(policy(Direction::in, reversed(selector)));
        child.inbound_policies.push_back(policy(Direction::forward, reversed(selector)));
        child.outbound_policies.push_back(policy(Direction::out, selector));
    }
    return child;
}

std::vector<std::string> texts(std::span<const Operation> operations) {
    std::vector<std::string> out;
    for (const Operation& operation : operations)
        out.push_back(to_text(operation));
    return out;
}

}  // namespace

TEST_CASE("install_child: what can receive comes before what sends, and all is read back") {
    CHECK(texts(install_child(site_child())) ==
          std::vector<std::string>{
              "install inbound SA c7654321 to 192.0.2.1",
              "install inbound policy 10.2.0.0/16 -> 10.1.0.0/24",
              "install forward policy 10.2.0.0/16 -> 10.1.0.0/24",
              "install inbound policy 10.2.0.0/16 -> 10.1.1.0/24",
              "install forward policy 10.2.0.0/16 -> 10.1.1.0/24",
              "install outbound SA c1234567 to 192.0.2.2",
              "install outbound policy 10.1.0.0/24 -> 10.2.0.0/16",
              "install outbound policy 10.1.1.0/24 -> 10.2.0.0/16",
              "query SA c7654321 to 192.0.2.1",
              "query SA c1234567 to 192.0.2.2",
          });
}

TEST_CASE("install_child: both SAs carry the hull of the selectors") {
    auto operations = install_child(site_child());
    const Selector all{net("10.1.0.0/23"), net("10.2.0.0/16")};
    CHECK(std::get<InstallSa>(operations[0]).selector == reversed(all));
    CHECK(std::get<InstallSa>(operations[5]).selector == all);

    ChildInstall both_families = site_child();
    both_families.selectors.push_back({net("::/0"), net("::/0")});
    operations = install_child(std::move(both_families));
    CHECK_FALSE(std::get<InstallSa>(operations[0]).selector);
}

TEST_CASE("install_child: without policies of its own it is two SAs") {
    ChildInstall child = site_child();
    child.inbound_policies.clear();
    child.outbound_policies.clear();
    CHECK(install_child(std::move(child)).size() == 4);
}

TEST_CASE("install_sas, install_policies: the same in two steps, with the device's policies read") {
    ChildInstall child = site_child();
    const auto sas = install_sas(site_child());
    REQUIRE(sas.size() == 4);
    CHECK(std::get<InstallSa>(sas[0]).selector.has_value());
    const std::size_t changes = child.inbound_policies.size() + child.outbound_policies.size();
    CHECK(install_policies(child).size() == changes + 2);
    std::get<InstallPolicy>(child.outbound_policies[0]).offload =
        OffloadRequest{2, OffloadMode::packet};
    const auto policies = install_policies(child);
    REQUIRE(policies.size() == changes + 3);
    CHECK(to_text(policies[changes]) == "query outbound policy 10.1.0.0/24 -> 10.2.0.0/16");
    CHECK(std::holds_alternative<QuerySa>(policies.back()));
}

TEST_CASE("probe_suite: adds an SA with keys of the right size and takes it away") {
    FakeKernel kernel;
    crypto::EspSuite suite;
    suite.cipher = {wire::EncryptionId::aes_gcm_16, 256};
    for (const auto& result : kernel.run(probe_suite(suite)))
        CHECK(result.ok());
    suite.cipher = {wire::EncryptionId::aes_cbc, 192};
    suite.integrity = wire::IntegrityId::hmac_sha2_384_192;
    for (const auto& result : kernel.run(probe_suite(suite)))
        CHECK(result.ok());
    CHECK(kernel.empty());
    kernel.refuse_cipher(wire::EncryptionId::aes_cbc, ENOSYS, "Requested AEAD algorithm not found");
    CHECK(kernel.run(probe_suite(suite))[0].error == ENOSYS);
}

TEST_CASE("update_ports: keeps the selector of the installation, and needs no keys") {
    FakeKernel kernel;
    ChildInstall child = site_child();
    child.inbound.encapsulation = Encapsulation{20000, 4500};
    child.outbound.encapsulation = Encapsulation{4500, 20000};
    for (const auto& result : kernel.run(install_child(std::move(child)))) {
        INFO(result.to_text());
        CHECK(result.ok());
    }

    InstallSa moved = gcm_sa();
    moved.keys = {};
    moved.encapsulation = Encapsulation{4500, 20001};
    UpdatePorts update = update_ports(std::move(moved), site_selectors);
    CHECK(update.sa.selector == Selector{net("10.1.0.0/23"), net("10.2.0.0/16")});
    CHECK(to_text(Operation(update_ports(gcm_sa(), {}))) ==
          "change the ports of outbound SA c1234567 to 192.0.2.2");
    std::vector<Operation> operations;
    operations.emplace_back(std::move(update));
    CHECK(kernel.run(operations)[0].ok());
    const HeldSa* held = kernel.find(EspSpi(0xc1234567), Direction::out);
    REQUIRE(held != nullptr);
    CHECK(held->install.encapsulation == Encapsulation{4500, 20001});
    CHECK(Secret::equal(held->install.keys.encryption.view(), gcm_sa().keys.encryption.view()));
}
