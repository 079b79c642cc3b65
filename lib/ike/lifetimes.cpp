#include "ike/lifetimes.hpp"

namespace xfrmd::ike::lifetimes {

void start(IkeSa& sa, EngineContext& context) {
    context.timers.arm({Timer::ike_expire, sa.own_spi().value()},
                       context.now.boottime + sa.phase1().keylife);
}

void start(IkeSa& sa, ChildSa& child, EngineContext& context) {
    const config::Phase2& phase2 = sa.phase1().phase2s[child.phase2];
    if (phase2.keylife_type != config::KeylifeType::kbs)
        context.timers.arm({Timer::child_expire, child.spi_in.value()},
                           context.now.boottime + phase2.keylife);
}

void on_ike_rekey_timer(IkeSa& sa, EngineContext& context) {
    sa.ask(RekeyIkeSa{}, context);
}

void on_child_rekey_timer(IkeSa& sa, EspSpi spi_in, EngineContext& context) {
    sa.ask(RekeyChild{spi_in}, context);
}

void on_octets_nearly_used(IkeSa& sa, EspSpi spi_in, EngineContext& context) {
    sa.ask(RekeyChild{spi_in}, context);
}

void retry_ike_rekey(IkeSa& sa, EngineContext& context) {
    context.timers.arm({Timer::ike_rekey, sa.own_spi().value()},
                       context.now.boottime + rekey_retry_interval);
}

void retry_child_rekey(IkeSa& sa, EspSpi spi_in, EngineContext& context) {
    if (sa.find_child(spi_in) != nullptr)
        context.timers.arm({Timer::child_rekey, spi_in.value()},
                           context.now.boottime + rekey_retry_interval);
}

}  // namespace xfrmd::ike::lifetimes
