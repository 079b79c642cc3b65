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
    Entry entry{std::move(sa), {}, 0};
    if (entry.sa->is_half_open()) {
        half_open_.insert(own_spi);
        entry.caller = entry.sa->remote;
        if (entry.sa->role == Role::responder) {
            entry.fingerprint = entry.sa->window.last_request_fingerprint();
            calls_.insert_or_assign(Call{entry.caller, entry.sa->spi_i}, own_spi);
            unfinished_calls_.add(entry.caller.address);
        }
    }
    return *sas_.insert_or_assign(own_spi, std::move(entry)).first->second.sa;
}

IkeSa* IkeSaTable::find(IkeSpi own_spi) {
    const auto found = sas_.find(own_spi);
    return found == sas_.end() ? nullptr : found->second.sa.get();
}

const IkeSaTable::Entry* IkeSaTable::find_entry(const Call& call) const {
    const auto found = calls_.find(call);
    if (found == calls_.end()) return nullptr;
    const auto entry = sas_.find(found->second);
    return entry == sas_.end() ? nullptr : &entry->second;
}

IkeSa* IkeSaTable::find_call(const Endpoint& caller, IkeSpi spi_i) {
    const Entry* entry = find_entry({caller, spi_i});
    return entry != nullptr && half_open_.contains(entry->sa->own_spi()) ? entry->sa.get()
                                                                         : nullptr;
}

bool IkeSaTable::is_answered(const Endpoint& caller, IkeSpi spi_i, ByteView first_message) const {
    const Entry* entry = find_entry({caller, spi_i});
    return entry != nullptr && entry->fingerprint == MessageWindow::fingerprint(first_message);
}

std::unique_ptr<IkeSa> IkeSaTable::settle(IkeSpi own_spi) {
    const auto found = sas_.find(own_spi);
    if (found == sas_.end()) return nullptr;
    Entry& entry = found->second;
    if (!entry.sa->is_half_open() && half_open_.erase(own_spi) > 0 &&
        entry.sa->role == Role::responder)
        finish_call(entry);
    if (!entry.sa->is_dead()) return nullptr;
    forget_call(entry);
    std::unique_ptr<IkeSa> dead = std::move(entry.sa);
    sas_.erase(found);
    return dead;
}

/// One that failed keeps its place as long as one of a silent peer.
void IkeSaTable::finish_call(const Entry& entry) {
    if (!entry.sa->is_dead()) return unfinished_calls_.remove(entry.caller.address);
    unfinished_calls_.remove_later(entry.caller.address,
                                   entry.sa->began + entry.sa->phase1().negotiate_timeout);
}

/// Unless the same caller has called again with the same SPI.
void IkeSaTable::forget_call(const Entry& entry) {
    const auto call = calls_.find({entry.caller, entry.sa->spi_i});
    if (call != calls_.end() && call->second == entry.sa->own_spi()) calls_.erase(call);
}

std::vector<IkeSpi> IkeSaTable::all() const {
    std::vector<IkeSpi> spis;
    spis.reserve(sas_.size());
    for (const auto& [spi, entry] : sas_)
        spis.push_back(spi);
    // The order of a hash table is not the same everywhere; what we do in it must be.
    std::ranges::sort(spis);
    return spis;
}

}  // namespace xfrmd::ike
