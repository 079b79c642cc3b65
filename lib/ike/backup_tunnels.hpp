// Tunnels that stand in for others (FortiOS's "monitor" and "monitor-min"): a backup starts only
// while enough of the phase 1s that it monitors are down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "ike/tunnel.hpp"
#include "ike/tunnel_table.hpp"

namespace xfrmd::ike {

class BackupTunnels {
  public:
    /// Learns who monitors whom, when a configuration was applied. Returns the tunnels whose
    /// `standby` has changed with that.
    std::vector<std::shared_ptr<Tunnel>> configure(const TunnelTable& tunnels);
    /// A tunnel went up or down. Returns the backups whose `standby` has changed with that; costs
    /// O(backups of this tunnel).
    std::vector<std::shared_ptr<Tunnel>> on_change(const Tunnel& monitored);

  private:
    struct Backup {
        std::shared_ptr<Tunnel> tunnel;
        std::size_t down = 0;    ///< of those it monitors
        std::size_t needed = 0;  ///< so many must be down
    };

    std::unordered_map<std::uint64_t, Backup> backups_;
    std::map<std::string, std::vector<std::uint64_t>, std::less<>> backups_of_;
};

}  // namespace xfrmd::ike
