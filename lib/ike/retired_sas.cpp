#include "ike/retired_sas.hpp"

#include <utility>

#include "ike/engine_context.hpp"

namespace xfrmd::ike {

void RetiredSas::retire(const xfrm::DeleteSa& sa, Duration time, EngineContext& context) {
    sas_.insert_or_assign(sa.spi, sa);
    context.esp_spis[sa.spi] = IkeSpi(0);
    context.timers.arm({Timer::retired_sa, sa.spi.value()}, context.now.boottime + time);
}

void RetiredSas::hasten(EspSpi spi_in, EngineContext& context) {
    if (contains(spi_in))
        context.timers.arm({Timer::retired_sa, spi_in.value()},
                           context.now.boottime + retired_sa_grace);
}

void RetiredSas::on_timer(EspSpi spi_in, EngineContext& context) {
    const auto found = sas_.find(spi_in);
    if (found == sas_.end()) return;
    std::vector<xfrm::Operation> removal;
    removal.emplace_back(found->second);
    sas_.erase(found);
    context.esp_spis.erase(spi_in);
    context.request(Removal{}, std::move(removal));
}

void RetiredSas::flush(EngineContext& context) {
    std::vector<xfrm::Operation> removal;
    for (const auto& [spi_in, sa] : std::exchange(sas_, {})) {
        context.timers.cancel({Timer::retired_sa, spi_in.value()});
        context.esp_spis.erase(spi_in);
        removal.emplace_back(sa);
    }
    if (!removal.empty()) context.request(Removal{}, std::move(removal));
}

std::vector<xfrm::DeleteSa> RetiredSas::all() const {
    std::vector<xfrm::DeleteSa> all;
    for (const auto& [spi_in, sa] : sas_)
        all.push_back(sa);
    return all;
}

}  // namespace xfrmd::ike
