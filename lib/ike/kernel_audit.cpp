#include "ike/kernel_audit.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>
#include <vector>

#include "xfrm/lookup_chain.hpp"

namespace xfrmd::ike {
namespace {

constexpr TimerKey audit_timer{Timer::kernel_audit, 0};

}  // namespace

void KernelAudit::start() {
    if (!due_ && !is_reading_) arm(interval);
}

void KernelAudit::stop() {
    context_.timers.cancel(audit_timer);
    due_.reset();
    is_uncertain_ = false;
}

void KernelAudit::on_uncertain() {
    const Duration wait = wait_after_hint();
    if (is_reading_)
        is_uncertain_ = true;
    else if (due_ && *due_ > context_.now.boottime + wait)
        arm(wait);
}

Duration KernelAudit::wait_after_hint() const {
    return reads_.is_spent(soon, context_.now.boottime) ? soon.interval : Duration(delay);
}

void KernelAudit::arm(Duration wait) {
    due_ = context_.now.boottime + wait;
    context_.timers.arm(audit_timer, *due_);
}

void KernelAudit::on_timer() {
    due_.reset();
    is_reading_ = true;
    reads_.take(soon, context_.now.boottime);
    context_.outputs.emplace_back(ReadKernel{});
}

// What was asked of the kernel before it was read is in the tables, and answered before them: what
// is believed now and is not there has got lost.
void KernelAudit::on_tables(const KernelTables& tables) {
    if (!std::exchange(is_reading_, false)) return;
    arm(std::exchange(is_uncertain_, false) ? wait_after_hint() : Duration(interval));
    if (!tables.complete) return;
    auto policies = context_.policies.repair(tables.policies);
    const std::size_t repaired = policies.size();
    std::vector<xfrm::Operation> operations;
    xfrm::append(operations, policies);
    if (!operations.empty()) context_.request(PolicySwitch{}, std::move(operations));
    for (const xfrm::SaStatus& sa : tables.sas)
        if (xfrm::is_own(sa.reqid)) offload_.on_status(sa);
    const std::size_t lost = close_lost(tables.sas);
    const std::size_t orphans = delete_orphans(tables.sas);
    if (lost + repaired + orphans > 0) tell(lost, repaired, orphans);
}

/// Child SAs of which a half is not in the kernel. The peer is told, and the tunnel may make
/// another one.
std::size_t KernelAudit::close_lost(std::span<const xfrm::SaStatus> kernel) {
    std::set<std::pair<Reqid, EspSpi>> there;
    for (const xfrm::SaStatus& sa : kernel)
        there.emplace(xfrm::base_reqid(sa.reqid), sa.spi);
    std::size_t lost = 0;
    for (IkeSpi spi : sas_.all()) {
        IkeSa& sa = *sas_.find(spi);
        std::vector<EspSpi> missing;
        for (const ChildSa& child : sa.children)
            // What a device has lost gets a successor when the device is back.
            if (child.state == ChildState::established && !child.offload.lost &&
                !(there.contains({child.reqid, child.spi_in}) &&
                  there.contains({child.reqid, child.spi_out})))
                missing.push_back(child.spi_in);
        for (EspSpi spi_in : missing)
            sa.close_child(spi_in, Reason::kernel_state_lost, context_);
        if (!missing.empty()) context_.unsettled.push_back(spi);
        lost += missing.size();
    }
    return lost;
}

/// SAs that were ours once, and that nobody knows.
std::size_t KernelAudit::delete_orphans(std::span<const xfrm::SaStatus> kernel) {
    std::vector<xfrm::Operation> removal;
    for (const xfrm::SaStatus& sa : kernel)
        if (!is_ours_to_know(sa))
            removal.emplace_back(xfrm::DeleteSa{sa.source, sa.destination, sa.spi});
    const std::size_t count = removal.size();
    if (count > 0) context_.request(Removal{}, std::move(removal));
    return count;
}

bool KernelAudit::is_ours_to_know(const xfrm::SaStatus& sa) const {
    // Somebody else's, or an acquire that waits: that one ends by itself.
    if (!xfrm::is_own(sa.reqid) || sa.spi == EspSpi{}) return true;
    return context_.esp_spis.contains(sa.spi) ||
           context_.outbound_spis.contains({sa.destination, sa.spi});
}

void KernelAudit::tell(std::size_t lost, std::size_t policies, std::size_t orphans) {
    Event event;
    event.kind = EventKind::kernel_repaired;
    event.severity = Severity::warning;
    event.message = fmt::format(
        "the kernel did not hold what it should: {} IPsec SAs were lost and are deleted, {} "
        "policies set right, {} SAs that nobody knows removed",
        lost, policies, orphans);
    context_.emit(std::move(event));
}

}  // namespace xfrmd::ike
