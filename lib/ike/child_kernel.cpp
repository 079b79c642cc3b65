#include "ike/child_kernel.hpp"

#include "ike/child_halves.hpp"
#include "ike/child_policies.hpp"
#include "xfrm/install_child.hpp"

namespace xfrmd::ike {

using xfrm::Direction;

void activate_child(const IkeSa& sa, const ChildSa& child, EngineContext& context) {
    std::vector<xfrm::Operation> operations;
    xfrm::append(operations,
                 context.policies.activate(child.policies, sa.tunnel->if_id, child.spi_in));
    if (!operations.empty()) context.request(PolicySwitch{}, std::move(operations));
}

void uninstall_child(const IkeSa& sa, const ChildSa& child, Inbound when, EngineContext& context) {
    const PolicyChange change = give_back_policies(sa, child, when, context);
    const Traffic& read = child.traffic;
    const BookedSa out{outbound_deletion(child), false, read.outbound.packets, read.outbound.bytes};
    const BookedSa in{inbound_deletion(child), true, read.inbound.packets, read.inbound.bytes};
    Removal purpose{{out}};
    std::vector<xfrm::Operation> removal;
    xfrm::append(removal, change.outbound);
    remove_counted(out.sa, removal);
    xfrm::append(removal, change.inbound);
    if (when == Inbound::now) {
        remove_counted(in.sa, removal);
        purpose.booked.push_back(in);
    }
    context.request(std::move(purpose), std::move(removal));
    if (when == Inbound::now) return;
    const Duration time = when == Inbound::later ? retired_sa_grace : unanswered_retirement;
    RetiredSa retired{in, {}, sa.tunnel->if_id};
    if (goes_on_receiving(child, when)) retired.policies = child.policies;
    context.retired_sas.retire(std::move(retired), time, context);
}

void update_ports(const IkeSa& sa, const ChildSa& child, EngineContext& context) {
    std::vector<xfrm::Operation> operations;
    for (Direction direction : {Direction::in, Direction::out})
        operations.emplace_back(xfrm::update_ports(half_of(sa, child, direction), child.policies));
    context.request(PortUpdate{child.spi_in}, std::move(operations));
}

void forget_outbound_spi(const ChildSa& child, EngineContext& context) {
    const auto found = context.outbound_spis.find({child.path.remote.address, child.spi_out});
    if (found != context.outbound_spis.end() && found->second == child.spi_in)
        context.outbound_spis.erase(found);
}

}  // namespace xfrmd::ike
