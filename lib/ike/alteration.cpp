#include "ike/alteration.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <type_traits>

#include "ike/exchanges/create_child_sa.hpp"

namespace xfrmd::ike {
namespace {

using config::Renews;

/// Under way, and built on what does not hold any more.
bool is_outdated(const IkeSa& sa, const Alteration& alteration) {
    // IKE_SA_INIT has not offered anything of a phase 2 yet.
    if (const auto* init = std::get_if<InitSent>(&sa.state))
        return alteration.new_place(init->phase2) == no_phase2;
    if (const auto* auth = std::get_if<AuthSent>(&sa.state))
        return alteration.outdates(auth->child.phase2);
    return sa.is_half_open() && std::ranges::any_of(sa.children, [&](const ChildSa& child) {
               return alteration.ends(child.phase2);
           });
}

}  // namespace

bool Alteration::is_none() const {
    return !phase1 && !list_changed &&
           std::ranges::none_of(phase2s, [](const auto& renews) { return renews.has_value(); });
}

bool Alteration::ends(std::size_t phase2) const {
    return phase2 < phase2s.size() && phase2s[phase2] == Renews::tunnel;
}

bool Alteration::outdates(std::size_t phase2) const {
    return phase1.value_or(Renews::nothing) != Renews::nothing ||
           (phase2 < phase2s.size() &&
            phase2s[phase2].value_or(Renews::nothing) != Renews::nothing);
}

Alteration alteration(const config::Phase1& running, const config::Phase1& loaded) {
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < loaded.phase2s.size(); ++i)
        places.emplace(loaded.phase2s[i].name, i);
    Alteration made;
    made.phase1 = config::renewal(running, loaded);
    made.list_changed = running.phase2s.size() != loaded.phase2s.size();
    for (const config::Phase2& phase2 : running.phase2s) {
        const auto place = places.find(phase2.name);
        const std::size_t moved = place == places.end() ? no_phase2 : place->second;
        if (moved != made.places.size()) made.list_changed = true;
        made.places.push_back(moved);
        made.phase2s.push_back(moved == no_phase2 ? Renews::tunnel
                                                  : config::renewal(phase2, loaded.phase2s[moved]));
    }
    return made;
}

void withdraw(IkeSa& sa, const Alteration& alteration, EngineContext& context) {
    if (is_outdated(sa, alteration)) return sa.close(Reason::configuration_changed, context);
    create_child_sa::withdraw_request(
        sa, [&](std::size_t phase2) { return alteration.outdates(phase2); });
    std::vector<EspSpi> ended;
    for (const ChildSa& child : sa.children)
        if (alteration.ends(child.phase2)) ended.push_back(child.spi_in);
    for (EspSpi spi_in : ended) {
        create_child_sa::withdraw_answer(sa, spi_in, context);
        sa.close_child(spi_in, Reason::configuration_changed, context);
    }
}

void move_phase2s(IkeSa& sa, const Alteration& alteration) {
    const auto move = [&](std::size_t& phase2) { phase2 = alteration.new_place(phase2); };
    for (ChildSa& child : sa.children)
        move(child.phase2);
    sa.wishes.retain([&](Wish& wish) {
        auto* create = std::get_if<CreateChild>(&wish);
        if (create != nullptr) move(create->phase2);
        return create == nullptr || create->phase2 != no_phase2;
    });
    if (auto* init = std::get_if<InitSent>(&sa.state)) move(init->phase2);
    if (auto* auth = std::get_if<AuthSent>(&sa.state)) move(auth->child.phase2);
    if (auto* request = sa.pending<ChildRequest>()) move(request->wish.phase2);
}

void move_phase2s(std::deque<Report>& reports, const Tunnel& tunnel, const Alteration& alteration) {
    std::erase_if(reports, [&](Report& report) {
        return std::visit(
            [&](auto& happened) {
                if constexpr (requires { happened.phase2; }) {
                    if (happened.tunnel.get() != &tunnel) return false;
                    happened.phase2 = alteration.new_place(happened.phase2);
                    return happened.phase2 == no_phase2;
                } else {
                    return false;
                }
            },
            report);
    });
}

}  // namespace xfrmd::ike
