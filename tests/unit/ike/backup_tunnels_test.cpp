#include "ike/backup_tunnels.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

std::shared_ptr<Tunnel> add(TunnelTable& tunnels, std::uint64_t number, std::string name,
                            std::vector<std::string> monitor = {}, std::uint32_t minimum = 0) {
    auto phase1 = std::make_shared<config::Phase1>();
    phase1->name = std::move(name);
    phase1->monitor = std::move(monitor);
    phase1->monitor_minimum = minimum;
    auto tunnel = std::make_shared<Tunnel>();
    tunnel->phase1 = std::move(phase1);
    tunnel->number = number;
    tunnels.add(tunnel);
    return tunnel;
}

/// Whether the backups changed with that.
bool set_up(BackupTunnels& backups, Tunnel& tunnel, bool up) {
    tunnel.is_up = up;
    return !backups.on_change(tunnel).empty();
}

}  // namespace

TEST_CASE("backup tunnels: with no minimum one that is up is enough to stand by") {
    TunnelTable tunnels;
    const auto a = add(tunnels, 1, "a");
    const auto b = add(tunnels, 2, "b");
    const auto backup = add(tunnels, 3, "backup", {"a", "b"});
    BackupTunnels backups;
    backups.configure(tunnels);
    CHECK(set_up(backups, *a, true));
    CHECK(backup->standby);
    CHECK_FALSE(set_up(backups, *b, true));
    CHECK_FALSE(set_up(backups, *a, false));
    CHECK(backup->standby);
    CHECK(set_up(backups, *b, false));
    CHECK_FALSE(backup->standby);
    CHECK_FALSE(set_up(backups, *backup, true));
}

TEST_CASE("backup tunnels: monitor-min of them must be down, all if it asks for more") {
    for (const std::uint32_t minimum : {1U, 2U, 9U}) {
        TunnelTable tunnels;
        const auto a = add(tunnels, 1, "a");
        const auto b = add(tunnels, 2, "b");
        const auto backup = add(tunnels, 3, "backup", {"a", "b"}, minimum);
        BackupTunnels backups;
        backups.configure(tunnels);
        set_up(backups, *a, true);
        CHECK(backup->standby == (minimum > 1));
        set_up(backups, *b, true);
        CHECK(backup->standby);
        set_up(backups, *a, false);
        CHECK(backup->standby == (minimum > 1));
    }
}

TEST_CASE("backup tunnels: another configuration counts those that are up already") {
    TunnelTable tunnels;
    const auto main = add(tunnels, 1, "main");
    BackupTunnels backups;
    CHECK(backups.configure(tunnels).empty());
    set_up(backups, *main, true);
    const auto backup = add(tunnels, 2, "backup", {"main"});
    const auto lonely = add(tunnels, 3, "lonely", {"gone"});
    CHECK(backups.configure(tunnels) == std::vector{backup});
    CHECK((backup->standby && !lonely->standby));
    CHECK(backups.configure(tunnels).empty());
    CHECK(set_up(backups, *main, false));
    CHECK_FALSE(backup->standby);
    backup->standby = true;
    auto phase1 = std::make_shared<config::Phase1>(*backup->phase1);
    phase1->monitor.clear();
    backup->phase1 = phase1;
    CHECK(backups.configure(tunnels) == std::vector{backup});
    CHECK_FALSE(backup->standby);
}
