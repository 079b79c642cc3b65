// The fake kernel's devices refuse, fall back and mix with software as the real kernel's do.
#include <cerrno>

#include "samples.hpp"
#include "support/catch.hpp"
#include "support/fake_kernel.hpp"
#include "xfrm/selectors.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

namespace {

constexpr std::uint32_t device = 2;
const Packet leaving{ip("10.1.0.5"), ip("10.2.0.9")};
const Packet coming{ip("10.2.0.9"), ip("10.1.0.5")};
const Packet stray{ip("10.3.0.9"), ip("10.1.0.5")};

template <class Op>
OperationResult perform(FakeKernel& kernel, Op&& operation) {
    std::vector<Operation> one;
    one.emplace_back(std::forward<Op>(operation));
    return std::move(kernel.run(one)[0]);
}

InstallSa offloaded(OffloadMode mode, EspSpi spi = EspSpi(0xc1234567)) {
    InstallSa sa = gcm_sa();
    sa.spi = spi;
    sa.offload = OffloadRequest{device, mode};
    return sa;
}

InstallSa inbound(OffloadMode mode) {
    InstallSa sa = offloaded(mode);
    sa.direction = Direction::in;
    std::swap(sa.source, sa.destination);
    return sa;
}

InstallPolicy policy(Direction direction, OffloadMode mode) {
    InstallPolicy policy = out_policy();
    policy.direction = direction;
    policy.index = PolicyIndex{};
    if (direction != Direction::out) {
        policy.selector = reversed(policy.selector);
        std::swap(policy.tmpl->source, policy.tmpl->destination);
    }
    if (mode == OffloadMode::packet) policy.offload = OffloadRequest{device, mode};
    return policy;
}

OffloadMode mode_of(const FakeKernel& kernel, EspSpi spi = EspSpi(0xc1234567)) {
    return kernel.find(spi, Direction::out)->offload;
}

}  // namespace

TEST_CASE("FakeKernel: an unable device leaves crypto to software, and refuses packet mode") {
    FakeKernel kernel;
    CHECK(perform(kernel, offloaded(OffloadMode::packet)).error == EOPNOTSUPP);
    CHECK(kernel.sas().empty());
    const OperationResult result = perform(kernel, offloaded(OffloadMode::crypto));
    CHECK(result.ok());
    CHECK(result.message == "Device failed to offload this state");
    CHECK(mode_of(kernel) == OffloadMode::none);

    FakeKernel silent;
    silent.device(device).warns = false;
    CHECK(perform(silent, offloaded(OffloadMode::crypto)).message.empty());
    CHECK(mode_of(silent) == OffloadMode::none);
}

TEST_CASE("FakeKernel: an able device is read back with its mode, SA and policy") {
    FakeKernel kernel;
    kernel.device(device).most = OffloadMode::packet;
    CHECK(perform(kernel, offloaded(OffloadMode::packet)).ok());
    CHECK(perform(kernel, policy(Direction::out, OffloadMode::packet)).ok());
    const SaStatus sa = kernel.dump_sas().front();
    CHECK(sa.offload == OffloadMode::packet);
    CHECK(sa.offload_device == device);
    CHECK(kernel.dump_policies().front().offload_device == device);
    CHECK(kernel.offloaded(device) == 1);
    kernel.device(device).takes_policies = false;
    CHECK(perform(kernel, policy(Direction::in, OffloadMode::packet)).error == EINVAL);
}

TEST_CASE("FakeKernel: what a driver refuses in other words than EOPNOTSUPP fails as a whole") {
    FakeKernel kernel;
    FakeDevice& able = kernel.device(device);
    able.most = OffloadMode::crypto;
    able.ciphers = {wire::EncryptionId::aes_cbc};
    CHECK(perform(kernel, offloaded(OffloadMode::crypto)).error == EINVAL);
    able.ciphers.clear();
    able.refuses_inbound_if_id = true;
    InstallSa routed = inbound(OffloadMode::crypto);
    routed.if_id = IfId(1);
    CHECK(perform(kernel, std::move(routed)).message == "XFRM if_id is not supported in RX path");
    able.table_size = 1;
    CHECK(perform(kernel, offloaded(OffloadMode::crypto)).ok());
    CHECK(perform(kernel, offloaded(OffloadMode::crypto, EspSpi(0xc2000000))).error == ENOSPC);
    able.error = EINVAL;
    CHECK(perform(kernel, offloaded(OffloadMode::packet, EspSpi(0xc2000000))).error == EINVAL);
    CHECK(kernel.sas().size() == 1);
}

TEST_CASE("FakeKernel: packet mode is not mixed with software") {
    FakeKernel kernel;
    kernel.device(device).most = OffloadMode::packet;
    perform(kernel, offloaded(OffloadMode::packet));
    perform(kernel, policy(Direction::out, OffloadMode::none));
    CHECK(kernel.outbound(leaving).fate == FakeKernel::Fate::no_sa);
    perform(kernel, policy(Direction::out, OffloadMode::packet));
    CHECK(kernel.outbound(leaving).fate == FakeKernel::Fate::protected_);
    kernel.lose_offload({ip("192.0.2.2"), EspSpi(0xc1234567)});
    CHECK(kernel.outbound(leaving).fate == FakeKernel::Fate::no_sa);
}

TEST_CASE("FakeKernel: crypto offload lets in what no policy is for") {
    FakeKernel kernel;
    kernel.device(device).most = OffloadMode::packet;
    perform(kernel, policy(Direction::forward, OffloadMode::none));
    perform(kernel, inbound(OffloadMode::crypto));
    const auto admits = [&](const Packet& packet) {
        return kernel.admits(*kernel.find(EspSpi(0xc1234567), Direction::in), packet,
                             Direction::forward);
    };
    CHECK(admits(coming));
    CHECK(admits(stray));
    perform(kernel, DeleteSa{ip("192.0.2.2"), ip("192.0.2.1"), EspSpi(0xc1234567)});
    InstallSa selecting = inbound(OffloadMode::crypto);
    selecting.selector = reversed(site_selector());
    perform(kernel, std::move(selecting));
    CHECK(admits(coming));
    CHECK_FALSE(admits(stray));
}

TEST_CASE("FakeKernel: in packet mode the device asks its own inbound policy") {
    FakeKernel kernel;
    kernel.device(device).most = OffloadMode::packet;
    perform(kernel, policy(Direction::forward, OffloadMode::none));
    perform(kernel, policy(Direction::in, OffloadMode::none));
    perform(kernel, inbound(OffloadMode::packet));
    const auto admits = [&](const Packet& packet) {
        return kernel.admits(*kernel.find(EspSpi(0xc1234567), Direction::in), packet,
                             Direction::forward);
    };
    CHECK_FALSE(admits(coming));
    perform(kernel, policy(Direction::in, OffloadMode::packet));
    CHECK(admits(coming));
    CHECK_FALSE(admits(stray));
}

TEST_CASE("FakeKernel: a device that goes takes its SAs and policies with it") {
    FakeKernel kernel;
    kernel.device(device).most = OffloadMode::packet;
    perform(kernel, offloaded(OffloadMode::packet));
    perform(kernel, offloaded(OffloadMode::none, EspSpi(0xc2000000)));
    perform(kernel, policy(Direction::out, OffloadMode::packet));
    perform(kernel, policy(Direction::forward, OffloadMode::none));
    kernel.lose_device(device);
    CHECK(kernel.sas().size() == 1);
    CHECK(kernel.policies().size() == 1);
    CHECK(kernel.take_events().empty());
    CHECK(kernel.outbound(leaving).fate == FakeKernel::Fate::clear);
}
