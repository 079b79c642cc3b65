// Metrics in Prometheus's text format (version 0.0.4), made piece by piece: first all tunnels are
// added, some at a time, then the text is taken, some lines at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/answers.hpp"
#include "ike/tally.hpp"
#include "ike/tunnel_overview.hpp"

namespace xfrmd::control {

/// How late the daemon's timers were, since its start.
struct LoopDelay {
    std::uint64_t count = 0;
    Duration sum{};
    Duration most{};
};

class MetricsText {
  public:
    /// Takes what there is to say of each phase 2 of a tunnel.
    void add(const ike::TunnelOverview& tunnel);
    /// The next piece; nothing when all is said.
    std::optional<std::string> next(const ike::Tally& tally, const DaemonNumbers& numbers,
                                    const LoopDelay& delay);

  private:
    struct Sample {
        std::string labels;  ///< phase1="...",phase2="..."
        std::string state;   ///< with its reason, as labels
        bool up = false;
        ike::ChildTraffic traffic;
    };

    std::string lines(std::size_t family, std::size_t from, std::size_t to) const;

    std::vector<Sample> samples_;
    std::array<std::uint64_t, 3> offload_{};  ///< IPsec SAs by mode
    bool globals_said_ = false;
    std::size_t family_ = 0;
    std::size_t sample_ = 0;
};

/// A text as the value of a label: backslash, quote and line feed escaped.
std::string label_value(std::string_view text);

}  // namespace xfrmd::control
