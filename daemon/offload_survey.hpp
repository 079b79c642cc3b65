// All trials of a configuration: which of its devices take which of its ESP algorithms.
//
// One trial a step, for a device's answer can take milliseconds and the loop serves others too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "daemon/offload_probe.hpp"
#include "ike/input_output.hpp"

namespace xfrmd::daemon {

class OffloadSurvey {
  public:
    /// Of the phase 1s that are given; `probe` outlives the survey. What is configured later does
    /// not change it.
    OffloadSurvey(OffloadProbe& probe,
                  const std::vector<std::shared_ptr<const config::Phase1>>& phase1s);

    std::size_t device_count() const { return devices_.size(); }
    /// All devices were given.
    bool is_done() const { return next_ == devices_.size(); }
    /// Looks at a device, or makes one trial with it. The device that is finished with that; each
    /// is given once, in the order of their first phase 1s. Not after the end.
    std::optional<control::OffloadDevice> step();

  private:
    std::optional<control::OffloadDevice> finish_device();

    OffloadProbe& probe_;
    std::vector<std::string> devices_;
    std::vector<control::OffloadSubject> subjects_;
    std::size_t next_ = 0;  ///< device
    std::optional<control::OffloadDevice> device_;
    std::uint32_t index_ = 0;  ///< of `device_`
};

/// What to try for these phase 1s, in their order and without repetitions.
std::vector<control::OffloadSubject> offload_subjects(
    const std::vector<std::shared_ptr<const config::Phase1>>& phase1s);

/// What a device was seen to take in both directions, of each suite the most.
std::vector<ike::OffloadTake> offload_takes(const control::OffloadDevice& device);

/// The same of all devices of these phase 1s, without a pause between the trials.
std::vector<ike::OffloadTake> find_offload_takes(
    OffloadProbe& probe, const std::vector<std::shared_ptr<const config::Phase1>>& phase1s);

}  // namespace xfrmd::daemon
