#include "ike/kernel_acquire.hpp"

#include "support/catch.hpp"
#include "support/fake_kernel.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;

TEST_CASE("kernel acquire: once cancelled, the next packet raises one again") {
    const crypto::Library library;
    SeededRandom random{1};
    EngineContext context(library, random, {});
    FakeKernel kernel;
    xfrm::InstallPolicy trap;
    trap.selector = {*Subnet::from_text("10.1.0.0/24"), *Subnet::from_text("10.2.0.0/24")};
    trap.tmpl =
        xfrm::PolicyTemplate{*IpAddress::from_text("192.0.2.1"), *IpAddress::from_text("192.0.2.2"),
                             Reqid(0x58000001), xfrm::Mode::tunnel, std::nullopt};
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(trap);
    kernel.run(operations);
    const Packet packet{*IpAddress::from_text("10.1.0.5"), *IpAddress::from_text("10.2.0.9")};

    const auto acquire = kernel.send(packet, IfId{}, Instant{}).acquire;
    REQUIRE(acquire);
    CHECK_FALSE(kernel.send(packet, IfId{}, Instant{}).acquire);
    cancel_acquire(*acquire, context);
    REQUIRE(context.outputs.size() == 1);
    const auto& request = std::get<KernelRequest>(context.outputs.front());
    for (const auto& result : kernel.run(request.operations))
        CHECK(result.ok());
    CHECK(kernel.larvals().empty());
    CHECK(kernel.send(packet, IfId{}, Instant{}).acquire);

    const auto& pending = context.kernel_requests.at(request.ticket);
    CHECK(std::holds_alternative<Removal>(pending.purpose));
}

TEST_CASE("kernel acquire: an SA of ours to the same peer is never in the way") {
    const crypto::Library library;
    SeededRandom random{1};
    const auto allocated = [&](SeededRandom seed, const std::vector<EspSpi>& taken) {
        EngineContext context(library, seed, {});
        for (EspSpi spi : taken)
            context.outbound_spis[{IpAddress{}, spi}] = EspSpi(0x1000);
        cancel_acquire({}, context);
        const auto& request = std::get<KernelRequest>(context.outputs.front());
        return std::get<xfrm::AllocateSpi>(request.operations.front()).spi;
    };
    const EspSpi first = allocated(random, {});
    CHECK(allocated(random, {first}) != first);
    CHECK(first.value() >= 256);
}
