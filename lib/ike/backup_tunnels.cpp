#include "ike/backup_tunnels.hpp"

#include <algorithm>
#include <utility>

namespace xfrmd::ike {

std::vector<std::shared_ptr<Tunnel>> BackupTunnels::configure(const TunnelTable& tunnels) {
    backups_.clear();
    backups_of_.clear();
    std::vector<std::shared_ptr<Tunnel>> changed;
    const auto settle = [&changed](const std::shared_ptr<Tunnel>& tunnel, bool standby) {
        if (std::exchange(tunnel->standby, standby) != standby) changed.push_back(tunnel);
    };
    const auto is_down = [&tunnels](const std::string& name) {
        const auto monitored = tunnels.find(name);
        return !monitored || !monitored->is_up;
    };
    for (const auto& [name, tunnel] : tunnels.by_name()) {
        const config::Phase1& phase1 = *tunnel->phase1;
        const std::size_t all = phase1.monitor.size();
        if (all == 0) {
            settle(tunnel, false);
            continue;
        }
        const auto down = static_cast<std::size_t>(std::ranges::count_if(phase1.monitor, is_down));
        // More than there are can never be down: all of them is what is meant.
        const std::size_t needed =
            phase1.monitor_minimum == 0 ? all : std::min<std::size_t>(phase1.monitor_minimum, all);
        backups_.emplace(tunnel->number, Backup{tunnel, down, needed});
        for (const std::string& monitored : phase1.monitor)
            backups_of_[monitored].push_back(tunnel->number);
        settle(tunnel, down < needed);
    }
    return changed;
}

std::vector<std::shared_ptr<Tunnel>> BackupTunnels::on_change(const Tunnel& monitored) {
    std::vector<std::shared_ptr<Tunnel>> changed;
    const auto found = backups_of_.find(monitored.name());
    if (found == backups_of_.end()) return changed;
    for (std::uint64_t number : found->second) {
        Backup& backup = backups_.at(number);
        if (monitored.is_up)
            --backup.down;
        else
            ++backup.down;
        const bool standby = backup.down < backup.needed;
        if (standby == backup.tunnel->standby) continue;
        backup.tunnel->standby = standby;
        changed.push_back(backup.tunnel);
    }
    return changed;
}

}  // namespace xfrmd::ike
