// Dead peer detection to the millisecond: when a silent peer is asked, when it is given up, and
// what is left of its tunnel (fortios.md 6.3 to 6.5).
#include <fmt/format.h>

#include <algorithm>

#include "ike/ike_sa.hpp"
#include "sim/moments.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"
#include "support/invariants.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using config::DpdMode;
using ike::EventKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

using Times = std::vector<Duration>;

const Times all_transmissions{seconds(0), seconds(3), seconds(9), seconds(21), seconds(45)};

config::Phase1 probing(const TunnelSpec& spec, DpdMode mode, std::uint32_t count = 3,
                       Duration interval = seconds(20)) {
    config::Phase1 phase1 = spec.phase1();
    phase1.dpd = mode;
    phase1.dpd_retry_count = count;
    phase1.dpd_retry_interval = std::chrono::duration_cast<milliseconds>(interval);
    return phase1;
}

/// A tunnel that west has started and watches; east only answers.
struct Watched : Pair {
    explicit Watched(const config::Phase1& west_phase1, DpdMode east_mode = DpdMode::disable)
        : Pair(west_phase1, probing(TunnelSpec{}.mirrored(), east_mode)) {
        REQUIRE(connect());
        established = time_of(west, EventKind::ike_sa_established);
    }
    explicit Watched(DpdMode mode, std::uint32_t count = 3, Duration interval = seconds(20))
        : Watched(probing(TunnelSpec{}, mode, count, interval)) {}

    void cut() { world.network.cut(west.address, east.address); }
    void run_to(Duration age) { test::run_to(world, established, age); }
    Duration age() const { return world.now().boottime - established; }
    /// Requests of west's since the IKE SA was established.
    Times requests(ExchangeType exchange) const {
        return requests_of(world, west, exchange, established);
    }
    Times probes() const { return requests(ExchangeType::informational); }
    bool is_dead() const { return west.engine().established_count() == 0; }
    /// How old the IKE SA was when west gave the peer up.
    Duration death() {
        REQUIRE(world.run_until([this] { return is_dead(); }, seconds(300)));
        return age();
    }

    Instant established;
};

Times shifted(Times times, Duration by) {
    for (Duration& time : times)
        time += by;
    return times;
}

/// The peer falls silent at once: the probe leaves after the interval, at these times, and the
/// tunnel is given up that much after its first transmission, not a millisecond sooner or later.
void check_failure_time(std::uint32_t count, seconds interval, const Times& transmissions,
                        seconds failure) {
    Watched pair(DpdMode::on_idle, count, interval);
    pair.cut();
    pair.run_to(interval + failure - milliseconds(1));
    CHECK_FALSE(pair.is_dead());
    pair.run_to(interval + failure);
    CHECK(pair.is_dead());
    pair.run_to(seconds(600));
    CHECK(pair.probes() == shifted(transmissions, interval));
}

}  // namespace

// ---- When a peer is asked ----------------------------------------------------------------------

TEST_CASE("dpd disable: a silent peer is never asked", "[proves:dpd-disable]") {
    Watched pair(DpdMode::disable);
    pair.world.ping(pair.west, pair.east, there, seconds(1));
    pair.cut();
    pair.run_to(seconds(3600));
    CHECK(pair.probes().empty());
    CHECK_FALSE(pair.is_dead());
}

TEST_CASE("dpd disable: the peer's probes are answered", "[proves:dpd-disable]") {
    Watched pair(probing(TunnelSpec{}, DpdMode::disable), DpdMode::on_idle);
    pair.run_to(seconds(600));
    CHECK(requests_of(pair.world, pair.east, ExchangeType::informational, pair.established).size() >
          20);
    CHECK(pair.probes().empty());
    CHECK(pair.east.engine().established_count() == 1);
}

TEST_CASE("dpd on-demand: without packets out there is no probe", "[proves:dpd-on-demand]") {
    Watched pair(DpdMode::on_demand);
    pair.run_to(seconds(300));
    Ping& ping = pair.world.ping(pair.east, pair.west, back, seconds(7));
    pair.run_to(seconds(600));
    ping.stopped = true;
    pair.run_to(seconds(900));
    CHECK(pair.probes().empty());
}

TEST_CASE("dpd on-demand: while packets go both ways there is no probe", "[proves:dpd-on-demand]") {
    Watched pair(DpdMode::on_demand);
    pair.world.ping(pair.west, pair.east, there, seconds(1));
    pair.world.ping(pair.east, pair.west, back, seconds(3));
    pair.run_to(seconds(600));
    CHECK(pair.probes().empty());
}

TEST_CASE("dpd on-demand: a packet out and none in for the interval, and the peer is asked once",
          "[proves:dpd-on-demand]") {
    Watched pair(DpdMode::on_demand);
    pair.run_to(seconds(2));
    CHECK(pair.world.send(pair.west, pair.east, there) == PacketFate::delivered);
    pair.run_to(seconds(600));
    CHECK(pair.probes() == Times{seconds(20)});
    CHECK_FALSE(pair.is_dead());
}

TEST_CASE("dpd on-demand: as long as packets only go out, the peer is asked once an interval",
          "[proves:dpd-on-demand]") {
    Watched pair(DpdMode::on_demand);
    pair.world.ping(pair.west, pair.east, there, seconds(1));
    pair.run_to(seconds(90));
    CHECK(pair.probes() ==
          Times{seconds(20), milliseconds(40020), milliseconds(60040), milliseconds(80060)});
}

TEST_CASE("dpd on-idle: an idle peer is asked once an interval, counted from its answer",
          "[proves:dpd-on-idle]") {
    Watched pair(DpdMode::on_idle);
    pair.run_to(seconds(90));
    CHECK(pair.probes() ==
          Times{seconds(20), milliseconds(40020), milliseconds(60040), milliseconds(80060)});
    CHECK_FALSE(pair.is_dead());
}

TEST_CASE("dpd on-idle: while packets come in there is no probe", "[proves:dpd-on-idle]") {
    Watched pair(DpdMode::on_idle);
    pair.world.ping(pair.east, pair.west, back, seconds(3));
    pair.run_to(seconds(600));
    CHECK(pair.probes().empty());
}

TEST_CASE("dpd on-idle: packets out do not make up for silence", "[proves:dpd-on-idle]") {
    Watched pair(DpdMode::on_idle);
    pair.world.ping(pair.west, pair.east, there, seconds(1));
    pair.cut();
    pair.run_to(seconds(21));
    CHECK(pair.probes() == Times{seconds(20)});
}

TEST_CASE("dpd: a passive end asks as well: that is not initiating", "[proves:passive-mode]") {
    config::Phase1 east = probing(TunnelSpec{}.mirrored(), DpdMode::on_idle);
    east.passive = true;
    east.auto_negotiate = false;
    Pair pair(probing(TunnelSpec{}, DpdMode::disable), east);
    REQUIRE(pair.connect());
    const Instant established = time_of(pair.east, EventKind::ike_sa_established);
    run_to(pair.world, established, seconds(30));
    CHECK(requests_of(pair.world, pair.east, ExchangeType::informational, established) ==
          Times{seconds(20)});
    pair.world.network.cut(pair.west.address, pair.east.address);
    run_to(pair.world, established, seconds(600));
    CHECK(pair.east.engine().established_count() == 0);
    CHECK(requests_of(pair.world, pair.east, ExchangeType::ike_sa_init, established).empty());
}

// ---- When it is given up -----------------------------------------------------------------------

TEST_CASE("dpd 3 x 20: dead after 60 s", "[proves:dpd-3x20]") {
    check_failure_time(3, seconds(20), all_transmissions, seconds(60));
}

TEST_CASE("dpd 4 x 30: dead after 93 s", "[proves:dpd-4x30]") {
    check_failure_time(4, seconds(30), all_transmissions, seconds(93));
}

TEST_CASE("dpd 2 x 5: dead after 10 s", "[proves:dpd-2x5]") {
    check_failure_time(2, seconds(5), {seconds(0), seconds(3), seconds(9)}, seconds(10));
}

TEST_CASE("dpd 1 x 2: dead after 2 s", "[proves:dpd-1x2]") {
    check_failure_time(1, seconds(2), {seconds(0)}, seconds(2));
}

TEST_CASE("dpd 3 x 31: dead after 93 s", "[proves:dpd-3x31]") {
    check_failure_time(3, seconds(31), all_transmissions, seconds(93));
}

TEST_CASE("dpd: an answer to the last transmission saves the tunnel") {
    Watched pair(DpdMode::on_idle);
    pair.world.network.cut(pair.west.address, pair.east.address, pair.established + seconds(64));
    pair.run_to(seconds(85));
    CHECK(pair.probes() == shifted(all_transmissions, seconds(20)));
    CHECK_FALSE(pair.is_dead());
    CHECK(passes_both_ways(pair));
}

// Counters are read four times in an interval, so a packet may be taken for older than it is, by a
// quarter; never for younger.
TEST_CASE("dpd: from the last packet in to the end it takes 80 s at most",
          "[proves:dpd-detection]") {
    for (milliseconds late{0}; late < seconds(5); late += milliseconds(499)) {
        INFO("the last packet came " << late.count() << " ms after a reading");
        Watched pair(DpdMode::on_demand);
        pair.world.ping(pair.west, pair.east, there, seconds(1));
        Ping& answers = pair.world.ping(pair.east, pair.west, back, seconds(5));
        pair.run_to(seconds(99));
        answers.stopped = true;
        pair.run_to(seconds(100) + late);
        CHECK(pair.world.send(pair.east, pair.west, back) == PacketFate::delivered);
        pair.cut();
        const Duration silence = pair.death() - seconds(100) - late;
        CHECK(silence <= seconds(80));
        CHECK(silence >= seconds(75));
    }
}

TEST_CASE("dpd: from the last IKE message in to the end it takes 80 s", "[proves:dpd-detection]") {
    for (const DpdMode mode : {DpdMode::on_idle, DpdMode::on_demand}) {
        Watched pair(mode);
        pair.world.ping(pair.west, pair.east, there, seconds(1));
        pair.run_to(milliseconds(20021));
        REQUIRE(pair.probes() == Times{seconds(20)});
        pair.cut();
        CHECK(pair.death() == milliseconds(20020) + seconds(80));
    }
}

TEST_CASE("dpd: an unanswered CREATE_CHILD_SA is proof enough, and has 93 s",
          "[proves:dpd-child-outstanding]") {
    for (const DpdMode mode : {DpdMode::on_idle, DpdMode::on_demand}) {
        Watched pair(mode);
        pair.world.ping(pair.west, pair.east, there, seconds(1));
        pair.cut();
        pair.run_to(seconds(19));
        pair.west.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, pair.world.now());
        CHECK(pair.death() == seconds(19) + seconds(93));
        pair.run_to(seconds(600));
        CHECK(pair.probes().empty());
        CHECK(pair.requests(ExchangeType::create_child_sa) ==
              shifted(all_transmissions, seconds(19)));
    }
}

TEST_CASE("dpd disable: an unanswered CREATE_CHILD_SA takes the tunnel down after 93 s",
          "[proves:create-child-unanswered]") {
    for (const char* phase2 : {"tunnel-net", ""}) {
        INFO("the rekey of " << phase2);
        Watched pair(DpdMode::disable);
        pair.cut();
        pair.run_to(seconds(7));
        pair.west.handle(ike::CommandRekey{"tunnel", phase2}, pair.world.now());
        pair.run_to(seconds(7 + 93) - milliseconds(1));
        CHECK(pair.is_up());
        CHECK_FALSE(pair.is_dead());
        pair.run_to(seconds(7 + 93));
        CHECK(pair.is_dead());
        CHECK(pair.west.kernel.holds_only_standing());
        CHECK(pair.requests(ExchangeType::create_child_sa) ==
              shifted(all_transmissions, seconds(7)));
        CHECK(pair.probes().empty());
    }
}

TEST_CASE("dpd: an unanswered CREATE_CHILD_SA takes the tunnel down whatever the failure time",
          "[proves:create-child-unanswered]") {
    Watched pair(DpdMode::on_idle, 1, seconds(2));
    pair.cut();
    pair.west.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, pair.world.now());
    const Instant asked = pair.world.now().boottime;
    pair.death();
    CHECK(pair.world.now().boottime - asked == seconds(93));
}

// ---- What is left ------------------------------------------------------------------------------

TEST_CASE("dpd: the lines of a dead peer, in their order", "[proves:dead-peer-lines]") {
    Watched pair(DpdMode::on_idle);
    const ike::Event up = *pair.west.last_event(EventKind::child_sa_established);
    const std::string spis = ike::to_text(up.spi_i, up.spi_r);
    pair.cut();
    pair.run_to(seconds(80) - milliseconds(1));
    const std::size_t before = pair.west.events.size();
    pair.run_to(seconds(80));
    const auto lines = lines_from(pair.west, before);
    REQUIRE(lines.size() >= 5);
    CHECK(std::vector(lines.begin(), lines.begin() + 5) ==
          std::vector<std::string>{
              spis + " retransmission timeout", "expiring IKE SA " + spis, "going to be deleted",
              "flushing", fmt::format("deleting IPsec SA with SPI {:08x}", up.esp_spi_in.value())});
    const auto first = pair.west.events.begin() + static_cast<std::ptrdiff_t>(before);
    CHECK(std::all_of(first, first + 5, [](const ike::Event& event) {
        return event.reason == ike::Reason::peer_silent && event.phase1 == "tunnel";
    }));
}

TEST_CASE("dpd: a flush leaves the policies: packets wait for an SA and never go in clear text",
          "[proves:flush-keeps-policies]") {
    Watched pair(DpdMode::on_demand);
    Ping& ping = pair.world.ping(pair.west, pair.east, there, milliseconds(100));
    pair.cut();
    pair.death();
    CHECK(pair.west.kernel.sas().empty());
    CHECK(pair.west.kernel.policies().size() == 3);
    CHECK(pair.west.kernel.outbound(there).fate == FakeKernel::Fate::no_sa);
    pair.run_to(seconds(600));
    CHECK(pair.west.left_in_clear.empty());
    CHECK(check_nothing_in_clear(pair.west).empty());
    CHECK(std::ranges::none_of(ping.losses, [](const Ping::Loss& loss) {
        return loss.fate == PacketFate::clear || loss.fate == PacketFate::rejected;
    }));
    // The next packet brings the tunnel back once there is a way.
    pair.world.network.heal(pair.west.address, pair.east.address);
    CHECK(pair.world.run_until([&] { return passes_both_ways(pair); }, seconds(36)));
}

TEST_CASE("dpd: after a flush auto-negotiate calls again, five seconds later",
          "[proves:flush-starts-again]") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Watched pair(probing(spec, DpdMode::on_idle));
    pair.cut();
    REQUIRE(pair.death() == seconds(80));
    CHECK(pair.west.logged("schedule auto-negotiate"));
    pair.run_to(seconds(150));
    CHECK(pair.requests(ExchangeType::ike_sa_init) ==
          Times{seconds(85), seconds(88), seconds(94), seconds(106), seconds(120), seconds(123),
                seconds(129), seconds(141)});
    pair.world.network.heal(pair.west.address, pair.east.address);
    CHECK(pair.world.run_until([&] { return passes_both_ways(pair); }, seconds(36)));
}

TEST_CASE("dpd: after a flush keepalive alone calls nobody", "[proves:keepalive-raises-nothing]") {
    config::Phase1 west = probing(TunnelSpec{}, DpdMode::on_idle);
    west.phase2s[0].keepalive = true;
    Watched pair(west);
    pair.cut();
    REQUIRE(pair.death() == seconds(80));
    pair.world.network.heal(pair.west.address, pair.east.address);
    pair.run_to(seconds(3600));
    CHECK(pair.requests(ExchangeType::ike_sa_init).empty());
    CHECK_FALSE(pair.west.logged("schedule auto-negotiate"));
}

TEST_CASE("dpd on-idle: with the shortest interval, packets that come in are still heard") {
    TunnelSpec spec;
    config::Phase1 west = spec.phase1();
    west.dpd = config::DpdMode::on_idle;
    west.dpd_retry_interval = std::chrono::seconds(1);
    config::Phase1 east = spec.mirrored().phase1();
    east.dpd = config::DpdMode::disable;
    Pair pair(west, east);
    REQUIRE(pair.connect());
    pair.world.ping(pair.east, pair.west, back, std::chrono::milliseconds(100));
    pair.world.run_for(std::chrono::seconds(2));
    const std::size_t sent = pair.world.traffic.size();
    pair.world.run_for(std::chrono::seconds(30));
    CHECK(pair.world.traffic.size() == sent);
}
