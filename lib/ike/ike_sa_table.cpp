#include "ike/ike_sa_table.hpp"

#include <algorithm>
#include <ranges>

namespace xfrmd::ike {

IkeSpi IkeSaTable::new_spi(Random& random) const {
    for (;;) {
        const IkeSpi spi(random.number<std::uint64_t>());
        if (spi != IkeSpi(0) && !sas_.contains(spi)) return spi;
    }
}

IkeSa& IkeSaTable::add(std::unique_ptr<IkeSa> sa) {
    const IkeSpi own_spi = sa->own_spi();
    if (sa->is_half_open()) {
        const Call call{sa->remote, sa->spi_i};
        half_open_.emplace(own_spi, call);
        if (sa->role == Role::responder) calls_.insert_or_assign(call, own_spi);
    }
    return *sas_.insert_or_assign(own_spi, std::move(sa)).first->second;
}

IkeSa* IkeSaTable::find(IkeSpi own_spi) {
    const auto found = sas_.find(own_spi);
    return found == sas_.end() ? nullptr : found->second.get();
}

IkeSa* IkeSaTable::find_call(const Endpoint& caller, IkeSpi spi_i) {
    const auto found = calls_.find({caller, spi_i});
    return found == calls_.end() ? nullptr : find(found->second);
}

std::unique_ptr<IkeSa> IkeSaTable::settle(IkeSpi own_spi) {
    const auto found = sas_.find(own_spi);
    if (found == sas_.end()) return nullptr;
    if (!found->second->is_half_open()) {
        if (const auto half = half_open_.find(own_spi); half != half_open_.end()) {
            calls_.erase(half->second);
            half_open_.erase(half);
        }
    }
    if (!found->second->is_dead()) return nullptr;
    std::unique_ptr<IkeSa> dead = std::move(found->second);
    sas_.erase(found);
    return dead;
}

std::vector<IkeSpi> IkeSaTable::all() const {
    std::vector<IkeSpi> spis;
    spis.reserve(sas_.size());
    for (const auto& [spi, sa] : sas_)
        spis.push_back(spi);
    // The order of a hash table is not the same everywhere; what we do in it must be.
    std::ranges::sort(spis);
    return spis;
}

}  // namespace xfrmd::ike
