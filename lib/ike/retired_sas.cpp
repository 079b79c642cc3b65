#include "ike/retired_sas.hpp"

#include <utility>

#include "ike/engine_context.hpp"

namespace xfrmd::ike {

void remove_counted(const xfrm::DeleteSa& sa, std::vector<xfrm::Operation>& operations) {
    operations.emplace_back(xfrm::QuerySa{sa.source, sa.destination, sa.spi});
    operations.emplace_back(sa);
}

void RetiredSas::retire(const BookedSa& retired, Duration time, EngineContext& context) {
    const EspSpi spi = retired.sa.spi;
    sas_.insert_or_assign(spi, retired);
    context.esp_spis[spi] = IkeSpi(0);
    context.timers.arm({Timer::retired_sa, spi.value()}, context.now.boottime + time);
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
    remove_counted(found->second.sa, removal);
    context.request(Removal{{found->second}}, std::move(removal));
    sas_.erase(found);
    context.esp_spis.erase(spi_in);
}

void RetiredSas::flush(EngineContext& context) {
    std::vector<xfrm::Operation> removal;
    for (const auto& [spi_in, retired] : std::exchange(sas_, {})) {
        context.timers.cancel({Timer::retired_sa, spi_in.value()});
        context.esp_spis.erase(spi_in);
        removal.emplace_back(retired.sa);
    }
    if (!removal.empty()) context.request(Removal{}, std::move(removal));
}

std::vector<xfrm::DeleteSa> RetiredSas::all() const {
    std::vector<xfrm::DeleteSa> all;
    for (const auto& [spi_in, retired] : sas_)
        all.push_back(retired.sa);
    return all;
}

}  // namespace xfrmd::ike
