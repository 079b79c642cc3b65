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

ChildPolicies site_policies() {
    ChildPolicies policies;
    policies.selectors = {site_selector(), {net("10.1.1.0/24"), net("10.2.0.0/16")}};
    policies.local = ip("192.0.2.1");
    policies.remote = ip("192.0.2.2");
    policies.reqid = Reqid(0x58000001);
    policies.priority = 1000;
    policies.first_slot = 3;
    policies.outbound_spi = EspSpi(0xc1234567);
    return policies;
}

ChildInstall site_child() {
    ChildInstall child{.inbound = gcm_sa(), .outbound = gcm_sa(), .policies = site_policies()};
    child.inbound.direction = Direction::in;
    std::swap(child.inbound.source, child.inbound.destination);
    child.inbound.spi = EspSpi(0xc7654321);
    child.inbound.keys.encryption = counted_key(20, 0x40);
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
              "install inbound policy 10.2.0.0/16 -> 10.1.1.0/24",
              "install forward policy 10.2.0.0/16 -> 10.1.0.0/24",
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
    both_families.policies.selectors.push_back({net("::/0"), net("::/0")});
    operations = install_child(std::move(both_families));
    CHECK_FALSE(std::get<InstallSa>(operations[0]).selector);
}

TEST_CASE("install_child: indices are ours, one slot a selector, and the direction's") {
    const auto inbound = inbound_policies(site_policies());
    const auto outbound = outbound_policies(site_policies());
    CHECK(inbound[0].index == PolicyIndex(0x58000018));
    CHECK(inbound[1].index == PolicyIndex(0x58000020));
    CHECK(inbound[2].index == PolicyIndex(0x5800001a));
    CHECK(outbound[0].index == PolicyIndex(0x58000019));
    CHECK(outbound[1].index == PolicyIndex(0x58000021));
    CHECK(is_own(policy_index(policy_slots - 1, Direction::forward)));
}

TEST_CASE("install_child: templates look each their own way, the outbound ones are pinned") {
    const auto inbound = inbound_policies(site_policies());
    CHECK(inbound[0].tmpl == PolicyTemplate{ip("192.0.2.2"), ip("192.0.2.1"), Reqid(0x58000001),
                                            Mode::tunnel, std::nullopt});
    CHECK(outbound_policies(site_policies())[0].tmpl ==
          PolicyTemplate{ip("192.0.2.1"), ip("192.0.2.2"), Reqid(0x58000001), Mode::tunnel,
                         EspSpi(0xc1234567)});
}

TEST_CASE("install_child: transport mode has no forward policies") {
    ChildPolicies policies = site_policies();
    policies.mode = Mode::transport;
    CHECK(inbound_policies(policies).size() == 2);
}

TEST_CASE("install_child: forward policies are never offloaded") {
    ChildPolicies policies = site_policies();
    policies.offload = OffloadRequest{2, OffloadMode::packet};
    for (const InstallPolicy& policy : inbound_policies(policies))
        CHECK(policy.offload.has_value() == (policy.direction == Direction::in));
    CHECK(outbound_policies(policies)[0].offload);
}

TEST_CASE("undo: whichever operation is refused, nothing is left behind") {
    const std::size_t count = install_child(site_child()).size();
    for (std::size_t refused = 0; refused < count; ++refused) {
        FakeKernel kernel;
        kernel.refuse(refused, EINVAL, "no");
        const auto operations = install_child(site_child());
        const auto results = kernel.run(operations);
        CHECK(results[refused].to_text() == "EINVAL: no");
        const auto back = undo(operations, results);
        for (const OperationResult& result : kernel.run(back))
            CHECK(result.ok());
        CHECK(kernel.empty());
    }
}

TEST_CASE("undo: goes backwards and skips what was refused or changed nothing") {
    FakeKernel kernel;
    kernel.refuse(2, EINVAL, "no");
    const auto operations = install_child(site_child());
    const auto results = kernel.run(operations);
    CHECK(texts(undo(operations, results)) ==
          std::vector<std::string>{
              "delete outbound policy 10.1.1.0/24 -> 10.2.0.0/16",
              "delete outbound policy 10.1.0.0/24 -> 10.2.0.0/16",
              "delete SA c1234567 to 192.0.2.2",
              "delete forward policy 10.2.0.0/16 -> 10.1.1.0/24",
              "delete forward policy 10.2.0.0/16 -> 10.1.0.0/24",
              "delete inbound policy 10.2.0.0/16 -> 10.1.0.0/24",
              "delete SA c7654321 to 192.0.2.1",
          });
    CHECK(undo(operations, {}).empty());
}

TEST_CASE("undo: a policy that replaced another is replaced by it again") {
    FakeKernel kernel;
    ChildPolicies traps = site_policies();
    traps.outbound_spi.reset();
    std::vector<InstallPolicy> before = outbound_policies(traps);
    std::vector<Operation> setup(before.begin(), before.end());
    kernel.run(setup);

    const auto operations = install_child(site_child());
    kernel.refuse(operations.size() - 1, EINVAL, "no");
    const auto results = kernel.run(operations);
    CHECK(kernel.policies().at(0).tmpl->spi);
    kernel.run(undo(operations, results, before));
    CHECK(kernel.sas().empty());
    REQUIRE(kernel.policies().size() == 2);
    CHECK_FALSE(kernel.policies()[0].tmpl->spi);
}

TEST_CASE("undo: interfaces are deleted, deletions are not taken back") {
    std::vector<Operation> operations;
    operations.emplace_back(CreateInterface{"to-hq", IfId(7), 0, 0});
    operations.emplace_back(DeleteInterface{"other", IfId(8)});
    CHECK(texts(undo(operations, std::vector<OperationResult>(2))) ==
          std::vector<std::string>{"delete interface to-hq"});
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
