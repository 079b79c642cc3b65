#include "ike/kernel_acquire.hpp"

#include <utility>

namespace xfrmd::ike {
namespace {

/// An SPI that no outbound SA of ours to that destination has.
EspSpi free_outbound_spi(const IpAddress& destination, EngineContext& context) {
    // SPIs 0 to 255 are reserved (RFC 4303 section 2.1).
    static constexpr std::uint32_t first_free_spi = 256;
    for (;;) {
        const EspSpi spi(context.random.number<std::uint32_t>());
        if (spi.value() >= first_free_spi && !context.outbound_spis.contains({destination, spi}))
            return spi;
    }
}

}  // namespace

void cancel_acquire(const xfrm::Acquire& acquire, EngineContext& context) {
    xfrm::AllocateSpi allocate;
    allocate.source = acquire.source;
    allocate.destination = acquire.destination;
    allocate.spi = free_outbound_spi(acquire.destination, context);
    allocate.sequence = acquire.sequence;
    allocate.reqid = acquire.reqid;
    allocate.if_id = acquire.if_id;
    allocate.mode = acquire.mode;
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(allocate);
    operations.emplace_back(xfrm::DeleteSa{acquire.source, acquire.destination, allocate.spi});
    context.request(Removal{}, std::move(operations));
}

}  // namespace xfrmd::ike
