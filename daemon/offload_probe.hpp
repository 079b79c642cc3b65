// What a network device takes over of ESP, found by asking for it with throw-away SAs.
//
// A trial leaves nothing behind: what it installs it deletes before it returns.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "control/offload_matrix.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::daemon {

/// A device as it is now.
struct DeviceState {
    std::uint32_t index = 0;  ///< 0: it is not there
    bool announces = false;   ///< ESP offload
    std::string driver{};
};

class OffloadProbe {
  public:
    using Run = std::function<std::vector<xfrm::OperationResult>(std::span<const xfrm::Operation>)>;
    using Look = std::function<DeviceState(const std::string& device)>;

    /// `run` has operations done in order, with one result each. `random` outlives the probe.
    OffloadProbe(Run run, Look look, Random& random)
        : run_(std::move(run)), look_(std::move(look)), random_(random) {}

    DeviceState look(const std::string& device) const { return look_(device); }

    /// Asks a device for one SA, and in packet mode for a policy with it. Some milliseconds at most
    /// for what hardware does by firmware. What could not be deleted again is added to `leftovers`.
    control::OffloadTrial try_out(const control::OffloadSubject& subject,
                                  const xfrm::OffloadRequest& offload, xfrm::Direction direction,
                                  std::vector<std::string>& leftovers);

  private:
    xfrm::InstallSa throw_away_sa(const control::OffloadSubject& subject,
                                  const xfrm::OffloadRequest& offload, xfrm::Direction direction);
    void try_policy(control::OffloadTrial& trial, const control::OffloadSubject& subject,
                    const xfrm::OffloadRequest& offload, std::vector<std::string>& leftovers);
    void remove(const xfrm::Operation& removal, std::vector<std::string>& leftovers);

    Run run_;
    Look look_;
    Random& random_;
};

}  // namespace xfrmd::daemon
