#include "sim/reloads.hpp"

namespace xfrmd::test {

std::multimap<Reqid, EspSpi> sas_by_reqid(const Gateway& gateway) {
    std::multimap<Reqid, EspSpi> sas;
    for (const auto& [id, sa] : gateway.kernel.sas())
        sas.emplace(sa.install.reqid, id.spi);
    return sas;
}

std::vector<std::string> reload_watched(Gateway& gateway, std::vector<config::Phase1> phase1s,
                                        ike::Now now) {
    gateway.kernel_waits = true;
    gateway.configure(std::move(phase1s), now);
    std::vector<std::string> asked;
    for (const ike::KernelRequest& request : gateway.waiting_requests)
        for (const xfrm::Operation& operation : request.operations)
            asked.push_back(xfrm::to_text(operation));
    gateway.kernel_waits = false;
    gateway.answer_kernel(now);
    return asked;
}

std::vector<std::string> reload_lines(const Gateway& gateway) {
    std::vector<std::string> lines;
    for (const ike::Event& event : gateway.events)
        if (event.kind == ike::EventKind::configuration_applied) lines.push_back(event.message);
    return lines;
}

Loaded::Loaded() : Rekeying(1, west_phase1(), east_phase1()) {
    west.events.clear();
}

config::Phase1 Loaded::west_phase1() {
    return with_phase2s({}, 2);
}

config::Phase1 Loaded::east_phase1() {
    return mirrored(west_phase1(), {});
}

std::set<EspSpi> Loaded::spis(std::size_t phase2) const {
    std::set<EspSpi> found;
    const std::string& name = west.config()->phase1s[0]->phase2s[phase2].name;
    for (const auto& sa : west.engine().overview().ike_sas)
        for (const auto& child : sa.children)
            if (child.phase2 == name) found.insert(child.spi_in);
    return found;
}

std::size_t Loaded::phase2s_up() const {
    std::set<std::string> names;
    for (const auto& sa : west.engine().overview().ike_sas)
        for (const auto& child : sa.children)
            names.insert(child.phase2);
    return names.size();
}

}  // namespace xfrmd::test
