// What the kernel holds against what we believe: compared once in a while, and whenever the
// kernel's events got lost or somebody else changed what is ours.
//
// Policies that are missing or different are installed again. SAs cannot be: their keys are the
// kernel's alone, so a Child SA that is missing there is deleted, and its tunnel makes another one.
// What bears our numbers and is nobody's goes. What does not bear them is never touched.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "ike/engine_context.hpp"
#include "ike/ike_sa_table.hpp"
#include "ike/offload_watch.hpp"
#include "ike/peer_limits.hpp"

namespace xfrmd::ike {

class KernelAudit {
  public:
    /// A lost event is made up for so soon; reading ten thousand SAs takes 20 ms.
    static constexpr std::chrono::seconds interval{60};
    /// After a hint: one change of somebody else's is often many events.
    static constexpr std::chrono::milliseconds delay{50};
    /// So often it is read so soon, then once in this time: whoever makes the kernel's events
    /// overflow without end does not keep us reading.
    static constexpr Allowance soon{16, std::chrono::seconds(1)};

    KernelAudit(EngineContext& context, IkeSaTable& sas, OffloadWatch& offload)
        : context_(context), sas_(sas), offload_(offload) {}

    /// From now on the kernel is read once in each interval.
    void start();
    void stop();
    /// There is reason to look soon.
    void on_uncertain();
    /// Timer::kernel_audit.
    void on_timer();
    /// The answer to ReadKernel.
    void on_tables(const KernelTables& tables);

  private:
    std::size_t close_lost(std::span<const xfrm::SaStatus> kernel);
    std::size_t delete_orphans(std::span<const xfrm::SaStatus> kernel);
    bool is_ours_to_know(const xfrm::SaStatus& sa) const;
    Duration wait_after_hint() const;
    void arm(Duration wait);
    void tell(std::size_t lost, std::size_t policies, std::size_t orphans);

    EngineContext& context_;
    IkeSaTable& sas_;
    OffloadWatch& offload_;
    UseOf reads_;                 ///< of `soon`
    std::optional<Instant> due_;  ///< when the timer is; none: it is not armed
    bool is_reading_ = false;     ///< ReadKernel is not answered
    bool is_uncertain_ = false;   ///< a hint came while it was being read
};

}  // namespace xfrmd::ike
