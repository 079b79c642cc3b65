#include "ike/retired_sas.hpp"

#include <utility>

#include "ike/engine_context.hpp"

namespace xfrmd::ike {

void remove_counted(const xfrm::DeleteSa& sa, std::vector<xfrm::Operation>& operations) {
    operations.emplace_back(xfrm::QuerySa{sa.source, sa.destination, sa.spi});
    operations.emplace_back(sa);
}

namespace {

void give_back_policies(const RetiredSa& retired, std::vector<xfrm::Operation>& removal,
                        EngineContext& context) {
    const PolicyChange change =
        context.policies.release(retired.policies, retired.if_id, retired.booked.sa.spi);
    xfrm::append(removal, change.outbound);
    xfrm::append(removal, change.inbound);
}

}  // namespace

void RetiredSas::retire(RetiredSa retired, Duration time, EngineContext& context) {
    const EspSpi spi_in = retired.booked.sa.spi;
    sas_.insert_or_assign(spi_in, std::move(retired));
    context.esp_spis[spi_in] = IkeSpi(0);
    context.timers.arm({Timer::retired_sa, spi_in.value()}, context.now.boottime + time);
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
    const RetiredSa retired = std::move(found->second);
    remove_counted(retired.booked.sa, removal);
    give_back_policies(retired, removal, context);
    sas_.erase(found);
    context.esp_spis.erase(spi_in);
    context.request(Removal{{retired.booked}}, std::move(removal));
}

void RetiredSas::flush(EngineContext& context) {
    std::vector<xfrm::Operation> removal;
    for (const auto& [spi_in, retired] : std::exchange(sas_, {})) {
        context.timers.cancel({Timer::retired_sa, spi_in.value()});
        context.esp_spis.erase(spi_in);
        removal.emplace_back(retired.booked.sa);
        give_back_policies(retired, removal, context);
    }
    if (!removal.empty()) context.request(Removal{}, std::move(removal));
}

std::vector<xfrm::DeleteSa> RetiredSas::all() const {
    std::vector<xfrm::DeleteSa> all;
    for (const auto& [spi_in, retired] : sas_)
        all.push_back(retired.booked.sa);
    return all;
}

}  // namespace xfrmd::ike
