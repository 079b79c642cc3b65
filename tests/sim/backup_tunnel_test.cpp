// Tunnels that stand in for others: monitor and monitor-min.
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// West has "main" (10.2.0.0/24) and "other" (10.3.0.0/24) to one peer each, and "backup"
/// (10.4.0.0/24) to a third, which monitors the two.
struct Site {
    explicit Site(std::uint32_t minimum) : west(world.add("west", "192.0.2.1")) {
        std::vector<config::Phase1> phase1s{tunnel("backup", 4), tunnel("main", 2),
                                            tunnel("other", 3)};
        phase1s[0].monitor = {"main", "other"};
        phase1s[0].monitor_minimum = minimum;
        west.configure(phase1s, world.now());
    }

    config::Phase1 tunnel(const std::string& name, int number) {
        TunnelSpec spec;
        spec.name = name;
        spec.auto_negotiate = true;
        spec.remote = "192.0.2." + std::to_string(number);
        spec.remote_subnets = {"10." + std::to_string(number) + ".0.0/24"};
        world.add(name, spec.remote).configure({spec.mirrored().phase1()}, world.now());
        return spec.phase1();
    }

    bool is_up(const std::string& name) const {
        for (const auto& gateway : world.gateways())
            if (gateway->name == name) return gateway->kernel.count_sas(xfrm::Direction::in) > 0;
        return false;
    }
    void down(const char* name) { west.handle(ike::CommandDown{name}, world.now()); }
    void up(const char* name) { west.handle(ike::CommandUp{name, ""}, world.now()); }

    World world;
    Gateway& west;
};

}  // namespace

TEST_CASE("backup: stands by while what it monitors is up") {
    Site site(0);
    site.world.run_for(seconds(20));
    CHECK(site.is_up("main"));
    CHECK(site.is_up("other"));
    CHECK_FALSE(site.is_up("backup"));
    CHECK(site.west.logged("standing by"));
}

TEST_CASE("backup: stands in when all are down, at once, and steps back when one returns") {
    Site site(0);
    site.world.run_for(seconds(20));
    site.down("main");
    site.world.run_for(seconds(20));
    CHECK_FALSE(site.is_up("backup"));
    site.down("other");
    site.world.run_for(milliseconds(100));
    CHECK(site.is_up("backup"));
    site.world.run_for(seconds(20));
    CHECK(site.is_up("backup"));
    site.up("main");
    site.world.run_for(milliseconds(200));
    CHECK(site.is_up("main"));
    CHECK_FALSE(site.is_up("backup"));
    site.world.run_for(seconds(60));
    CHECK_FALSE(site.is_up("backup"));
}

TEST_CASE("backup: monitor-min says how many must be down") {
    Site site(1);
    site.world.run_for(seconds(20));
    CHECK_FALSE(site.is_up("backup"));
    site.down("other");
    site.world.run_for(milliseconds(100));
    CHECK(site.is_up("backup"));
}

TEST_CASE("backup: neither traffic nor an operator raises one that stands by") {
    Site site(0);
    // Responders that heard nothing have asked once by then.
    site.world.run_for(seconds(30));
    const std::size_t sent = site.world.traffic.size();
    site.up("backup");
    site.west.handle(xfrm::Event{acquire(1, 7)}, site.world.now());
    site.world.run_for(seconds(20));
    CHECK(site.world.traffic.size() == sent);
    CHECK(site.west.reasons().back() == Reason::standby);
}
