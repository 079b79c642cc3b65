// What the control API's requests do.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "control/metrics.hpp"
#include "control/request.hpp"
#include "daemon/control_access.hpp"
#include "daemon/control_session.hpp"
#include "daemon/journal.hpp"
#include "daemon/offload_survey.hpp"
#include "ike/engine.hpp"

namespace xfrmd::daemon {

/// What became of a reload.
struct ReloadReport {
    std::vector<std::string> errors;  ///< not empty: nothing was applied
    std::vector<std::string> warnings;
};

/// What a reload would do.
struct PlanReport {
    std::vector<std::string> errors;  ///< not empty: it would change nothing
    std::vector<std::string> warnings;
    config::Difference difference;
};

/// What the service may do with the daemon.
struct DaemonHandles {
    std::function<void(ike::Input)> feed;
    std::function<bool()> is_stopping;
    std::function<ReloadReport()> reload;
    std::function<control::LoopDelay()> loop_delay;
    std::function<PlanReport()> plan;
    /// Of what is configured now.
    std::function<OffloadSurvey()> survey;
};

class ControlService {
  public:
    /// All of it outlives the service.
    ControlService(const ike::Engine& engine, Journal& journal, DaemonHandles daemon);

    Answer answer(const control::Call& call, const Peer& peer);
    /// All metrics, piece by piece.
    AnswerParts scrape();

  private:
    Answer on(const control::GetInfo&, bool more);
    Answer on(const control::GetInterfaceDescription& request, bool more);
    Answer on(const control::GetStatus& request, bool more);
    Answer on(const control::BringUp& request, bool more);
    Answer on(const control::TakeDown& request, bool more);
    Answer on(const control::Rekey& request, bool more);
    Answer on(const control::ReloadConfiguration&, bool more);
    Answer on(const control::PlanReload&, bool more);
    Answer on(const control::ProbeOffload&, bool more);
    Answer on(const control::Explain& request, bool more);
    Answer on(const control::Monitor& request, bool more);
    Answer on(const control::GetCounters&, bool more);
    Answer on(const control::SetLogLevel& request, bool more);

    /// With the kernel's numbers of now.
    std::optional<ike::TunnelOverview> look_at(const std::string& phase1);
    /// The reply for the tunnels behind `name`, some of them; moves `name` on.
    AnswerPart next_tunnels(std::string& name, std::size_t most);
    std::optional<control::ErrorReply> find(const std::string& phase1, const std::string& phase2);
    std::size_t count_tunnels(std::size_t most) const;
    control::DaemonNumbers numbers() const;
    void note_command(const control::Request& request, const Peer& peer);

    const ike::Engine& engine_;
    Journal& journal_;
    DaemonHandles daemon_;
    Instant started_;
    std::weak_ptr<OffloadSurvey> survey_;  ///< the one that is under way belongs to its answer
};

}  // namespace xfrmd::daemon
