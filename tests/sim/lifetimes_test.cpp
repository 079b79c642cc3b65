// When SAs get successors, and when they end without one (fortios.md 5.4).
#include "ike/lifetimes.hpp"

#include <algorithm>

#include "sim/moments.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::EventKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

using Times = std::vector<Duration>;

constexpr seconds day{86400};
constexpr seconds half_day{43200};

/// One end as most tests want it: nothing probes, the IKE SA outlives the Child SA by far.
config::Phase1 end(const TunnelSpec& spec, seconds keylife, bool keepalive) {
    config::Phase1 phase1 = spec.phase1();
    phase1.dpd = config::DpdMode::disable;
    phase1.keylife = 2 * day;
    phase1.phase2s[0].keylife = keylife;
    phase1.phase2s[0].keepalive = keepalive;
    return phase1;
}

config::Phase1 west_end(seconds keylife = half_day, bool keepalive = false) {
    return end(TunnelSpec{}, keylife, keepalive);
}

config::Phase1 east_end(seconds keylife = half_day, bool keepalive = false) {
    return end(TunnelSpec{}.mirrored(), keylife, keepalive);
}

/// A tunnel that west has started, and how old its SAs are at each end.
struct Aging : Pair {
    Aging(const config::Phase1& west_phase1, const config::Phase1& east_phase1,
          std::uint64_t seed = 1)
        : Pair(west_phase1, east_phase1, seed) {
        REQUIRE(connect());
        west_up = time_of(west, EventKind::child_sa_established);
        east_up = time_of(east, EventKind::child_sa_established);
    }

    void run_to(Duration age) { test::run_to(world, west_up, age); }
    Duration west_age() const { return world.now().boottime - west_up; }
    /// CREATE_CHILD_SA requests of an end's, by the age of the first Child SA there.
    Times west_asks() const {
        return requests_of(world, west, ExchangeType::create_child_sa, west_up);
    }
    Times east_asks() const {
        return requests_of(world, east, ExchangeType::create_child_sa, east_up);
    }
    EspSpi west_child() const {
        const ike::Event* event = west.last_event(EventKind::child_sa_established);
        return event->esp_spi_in;
    }
    /// One IKE SA, one Child SA, at both ends.
    bool has_one_pair() const {
        return std::ranges::all_of(std::array{&west, &east}, [](const Gateway* gateway) {
            const auto overview = gateway->engine().overview();
            return overview.ike_sas.size() == 1 && overview.ike_sas[0].children.size() == 1 &&
                   gateway->kernel.sas().size() == 2;
        });
    }

    Instant west_up, east_up;
};

/// The only request came up to three seconds before that age.
void check_asked_once(const Times& asked, Duration age) {
    REQUIRE(asked.size() == 1);
    CHECK(asked[0] <= age);
    CHECK(asked[0] >= age - ike::rekey_jitter);
}

/// Packets until the kernel has a word for the gateway; how many it took.
std::uint64_t send_until_told(Aging& pair, Gateway& told, std::uint64_t most = 2000) {
    for (std::uint64_t count = 1; count <= most; ++count) {
        pair.world.send(pair.west, pair.east, there);
        const auto events = told.kernel.take_events();
        for (const xfrm::Event& event : events)
            told.handle(event, pair.world.now());
        if (!events.empty()) return count;
    }
    return 0;
}

config::Phase1 counting(config::Phase1 phase1, std::uint64_t kilobytes) {
    phase1.phase2s[0].keylife_type = config::KeylifeType::kbs;
    phase1.phase2s[0].keylife_kilobytes = kilobytes;
    return phase1;
}

}  // namespace

// ---- With keepalive ----------------------------------------------------------------------------

TEST_CASE(
    "lifetimes: with keepalive the initiator asks 300 s before the end, or 50 s of a short life",
    "[proves:keepalive-rekeys]") {
    struct Case {
        seconds keylife, soft;
    };
    for (const auto& [keylife, soft] :
         {Case{seconds(43200), seconds(42900)}, Case{seconds(3600), seconds(3300)},
          Case{seconds(3599), seconds(3549)}, Case{seconds(1800), seconds(1750)},
          Case{seconds(120), seconds(70)}}) {
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            INFO(keylife.count() << " s, seed " << seed);
            Aging pair(west_end(keylife, true), east_end(keylife, true), seed);
            const EspSpi old = pair.west_child();
            pair.run_to(soft + seconds(10));
            check_asked_once(pair.west_asks(), soft);
            CHECK(pair.east_asks().empty());
            CHECK(pair.west_child() != old);
            CHECK(pair.has_one_pair());
            CHECK(passes_both_ways(pair));
        }
    }
}

TEST_CASE(
    "lifetimes: with keepalive the responder asks 270 s before the end, or 30 s of a short life",
    "[proves:keepalive-rekeys]") {
    struct Case {
        seconds keylife, soft;
    };
    for (const auto& [keylife, soft] :
         {Case{seconds(43200), seconds(42930)}, Case{seconds(3600), seconds(3330)},
          Case{seconds(1800), seconds(1770)}, Case{seconds(120), seconds(90)}}) {
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            INFO(keylife.count() << " s, seed " << seed);
            Aging pair(west_end(2 * day), east_end(keylife, true), seed);
            pair.run_to(soft + seconds(10));
            check_asked_once(pair.east_asks(), soft);
            CHECK(pair.west_asks().empty());
            CHECK(pair.has_one_pair());
            CHECK(passes_both_ways(pair));
        }
    }
}

TEST_CASE("lifetimes: with keepalive a tunnel lives on and on without traffic, and loses no packet",
          "[proves:keepalive-rekeys]") {
    Aging pair(west_end(seconds(3600), true), east_end(seconds(3600), true));
    Ping& out = pair.world.ping(pair.west, pair.east, there, seconds(1));
    Ping& in = pair.world.ping(pair.east, pair.west, back, seconds(1));
    pair.run_to(10 * seconds(3600));
    INFO(out.summary() << "; " << in.summary());
    CHECK(out.sent == out.delivered);
    CHECK(in.sent == in.delivered);
    CHECK(pair.west_asks().size() == 10);
    CHECK(pair.east_asks().empty());
}

TEST_CASE("lifetimes: no successor is asked for before half the life is over",
          "[proves:keepalive-rekeys]") {
    using config::GatewayType;
    using ike::lifetimes::soft_lifetime;
    for (const bool initiated : {true, false}) {
        for (seconds life{1}; life <= seconds(4000); ++life) {
            INFO(life.count() << " s");
            REQUIRE(soft_lifetime(life, initiated, GatewayType::static_) >= Duration(life) / 2);
            REQUIRE(soft_lifetime(life, initiated, GatewayType::dynamic) >= Duration(life) / 2);
        }
    }
    CHECK(soft_lifetime(seconds(80), true, GatewayType::static_) == seconds(40));
    CHECK(soft_lifetime(seconds(20), true, GatewayType::dynamic) == seconds(10));
}

TEST_CASE("lifetimes: a dial-up server asks 15 s before the end", "[proves:keepalive-rekeys]") {
    for (const seconds keylife : {seconds(43200), seconds(1800)}) {
        INFO(keylife.count() << " s");
        config::Phase1 east = east_end(keylife);
        east.type = config::GatewayType::dynamic;
        east.remote_gateway.reset();
        Aging pair(west_end(2 * day), east);
        pair.run_to(keylife - seconds(50));
        pair.world.ping(pair.west, pair.east, there, seconds(1));
        pair.run_to(keylife - seconds(1));
        check_asked_once(pair.east_asks(), keylife - seconds(15));
        CHECK(pair.west_asks().empty());
    }
}

TEST_CASE("lifetimes: keepalive does not raise a tunnel", "[proves:keepalive-raises-nothing]") {
    Pair pair(west_end(half_day, true), east_end(half_day, true));
    pair.world.run_for(seconds(3600));
    CHECK(pair.world.traffic.empty());
    // Nor one that went down.
    REQUIRE(pair.connect());
    pair.east.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    const std::size_t sent = pair.world.traffic.size();
    pair.world.run_for(seconds(3600));
    CHECK(pair.world.traffic.size() == sent);
    CHECK(nothing_is_left(pair));
}

// ---- Without keepalive -------------------------------------------------------------------------

TEST_CASE("lifetimes: an SA that was used in the last minute gets a successor in time",
          "[proves:rekey-with-traffic]") {
    for (const bool out : {true, false}) {
        INFO((out ? "a packet out" : "a packet in"));
        Aging pair(west_end(), east_end(2 * day));
        pair.run_to(seconds(42860));
        (out ? pair.world.send(pair.west, pair.east, there)
             : pair.world.send(pair.east, pair.west, back));
        pair.run_to(seconds(43300));
        check_asked_once(pair.west_asks(), seconds(42900));
        CHECK(pair.has_one_pair());
    }
}

TEST_CASE("lifetimes: an old SA that was not used lately gets a successor with the next packet",
          "[proves:rekey-with-traffic]") {
    for (const bool out : {true, false}) {
        INFO((out ? "a packet out" : "a packet in"));
        Aging pair(west_end(), east_end(2 * day));
        pair.run_to(seconds(42830));
        pair.world.send(pair.west, pair.east, there);  // more than a minute before
        pair.run_to(seconds(43000));
        REQUIRE(pair.west_asks().empty());
        Ping& ping = out ? pair.world.ping(pair.west, pair.east, there, seconds(1))
                         : pair.world.ping(pair.east, pair.west, back, seconds(1));
        pair.run_to(seconds(43300));
        REQUIRE(pair.west_asks().size() == 1);
        CHECK(pair.west_asks()[0] >= seconds(43000));
        CHECK(pair.west_asks()[0] <= seconds(43005));
        CHECK(pair.has_one_pair());
        INFO(ping.summary());
        CHECK(ping.sent == ping.delivered);
    }
}

TEST_CASE("lifetimes: an old SA that is not used is looked at every five seconds",
          "[proves:rekey-with-traffic]") {
    Aging pair(west_end(), east_end(2 * day));
    pair.run_to(seconds(42890));
    pair.west.kernel_waits = true;
    Times readings;
    while (pair.world.run_until([&] { return !pair.west.waiting_requests.empty(); },
                                seconds(43190) - pair.west_age())) {
        readings.push_back(pair.west_age());
        pair.west.answer_kernel(pair.world.now());
    }
    REQUIRE(readings.size() >= 56);
    for (std::size_t i = 1; i < readings.size(); ++i)
        CHECK(readings[i] - readings[i - 1] == seconds(5));
    CHECK(pair.west_asks().empty());
}

TEST_CASE("lifetimes: an SA that nobody uses ends with its life, at both ends",
          "[proves:rekey-with-traffic]") {
    for (const bool west_first : {true, false}) {
        INFO((west_first ? "west's life ends first" : "east's life ends first"));
        Aging pair(west_end(west_first ? half_day : 2 * day),
                   east_end(west_first ? 2 * day : half_day));
        Gateway& first = west_first ? pair.west : pair.east;
        const Instant end = (west_first ? pair.west_up : pair.east_up) + half_day;
        run_to(pair.world, end, -milliseconds(1));
        CHECK(pair.has_one_pair());
        run_to(pair.world, end, Duration::zero());
        CHECK(first.kernel.sas().empty());
        CHECK(first.last_event(EventKind::child_sa_deleted)->reason ==
              ike::Reason::lifetime_expired);
        pair.world.run_for(milliseconds(10));
        CHECK(pair.west.kernel.holds_only_standing());
        CHECK(pair.east.kernel.holds_only_standing());
        pair.world.run_for(seconds(600));
        CHECK(pair.west_asks().empty());
        CHECK(pair.east_asks().empty());
        // The IKE SA stays, and the next packet gets a new Child SA.
        CHECK(pair.west.engine().established_count() == 1);
        pair.world.send(pair.west, pair.east, there);
        pair.world.run_for(milliseconds(50));
        CHECK(passes_both_ways(pair));
    }
}

TEST_CASE("lifetimes: both lives end at once: both ends delete, nothing is left of the Child SA",
          "[proves:rekey-with-traffic]") {
    Aging pair(west_end(), east_end());
    pair.run_to(half_day + seconds(1));
    CHECK(pair.west.kernel.holds_only_standing());
    CHECK(pair.east.kernel.holds_only_standing());
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(pair.east.engine().established_count() == 1);
    CHECK(pair.west_asks().empty());
    CHECK(pair.east_asks().empty());
}

// ---- Passive ends ------------------------------------------------------------------------------

TEST_CASE("lifetimes: a passive end asks for no successor, says so once, and deletes in the end",
          "[proves:passive-mode]") {
    config::Phase1 east = east_end(seconds(3600));
    east.passive = true;
    east.auto_negotiate = false;
    east.keylife = seconds(7200);
    Aging pair(west_end(2 * day), east);
    Ping& ping = pair.world.ping(pair.west, pair.east, there, seconds(1));
    const auto told = [&] {
        return std::ranges::count_if(pair.east.events, [](const ike::Event& event) {
            return event.message.find("is near its end, passive-mode") != std::string::npos;
        });
    };
    pair.run_to(seconds(3326));
    CHECK(told() == 0);
    pair.run_to(seconds(3331));
    CHECK(told() == 1);
    run_to(pair.world, pair.east_up, seconds(3600) - milliseconds(1));
    CHECK(pair.has_one_pair());
    CHECK(told() == 1);
    ping.stopped = true;
    run_to(pair.world, pair.east_up, seconds(3600));
    CHECK(pair.east.kernel.holds_only_standing());
    pair.run_to(seconds(7201));
    CHECK(pair.east.engine().established_count() == 0);
    CHECK(pair.west.engine().established_count() == 0);
    CHECK(pair.east_asks().empty());
    CHECK(requests_of(pair.world, pair.east, ExchangeType::ike_sa_init, pair.east_up).empty());
}

TEST_CASE("lifetimes: a passive end takes the successor that the peer asks for",
          "[proves:passive-mode]") {
    config::Phase1 east = east_end(seconds(3600));
    east.passive = true;
    east.auto_negotiate = false;
    Aging pair(west_end(seconds(3600), true), east);
    pair.run_to(seconds(3 * 3600));
    CHECK(pair.west_asks().size() == 3);
    CHECK(pair.east_asks().empty());
    CHECK_FALSE(pair.east.logged("passive-mode leaves"));
    CHECK(pair.has_one_pair());
}

// ---- IKE SAs -----------------------------------------------------------------------------------

TEST_CASE(
    "lifetimes: the IKE SA's initiator asks for its successor 300 s before the end, or 50 s") {
    for (const auto& [keylife, soft] : {std::pair{day, day - seconds(300)},
                                        {seconds(3600), seconds(3300)},
                                        {seconds(1800), seconds(1750)},
                                        {seconds(120), seconds(70)}}) {
        INFO(keylife.count() << " s");
        config::Phase1 west = west_end(2 * day);
        config::Phase1 east = east_end(2 * day);
        west.keylife = east.keylife = keylife;
        Aging pair(west, east);
        const EspSpi child = pair.west_child();
        pair.run_to(soft + seconds(20));
        CHECK(pair.west_asks() == Times{soft});
        CHECK(pair.east_asks().empty());
        CHECK(pair.has_one_pair());
        CHECK(pair.west_child() == child);
        CHECK(passes_both_ways(pair));
    }
}

TEST_CASE("lifetimes: the IKE SA's responder takes over 30 s later") {
    for (const auto& [keylife, soft] : {std::pair{day, day - seconds(270)},
                                        {seconds(3600), seconds(3330)},
                                        {seconds(1800), seconds(1770)}}) {
        INFO(keylife.count() << " s");
        config::Phase1 west = west_end(2 * day);
        config::Phase1 east = east_end(2 * day);
        west.keylife = east.keylife = keylife;
        west.rekey = false;
        Aging pair(west, east);
        const Instant up = time_of(pair.east, EventKind::ike_sa_established);
        pair.run_to(soft + seconds(20));
        CHECK(requests_of(pair.world, pair.east, ExchangeType::create_child_sa, up) == Times{soft});
        CHECK(pair.west_asks().empty());
        CHECK(pair.has_one_pair());
        CHECK(passes_both_ways(pair));
    }
}

TEST_CASE("lifetimes: a dial-up server asks for a new IKE SA 15 s before the end") {
    config::Phase1 west = west_end(2 * day);
    config::Phase1 east = east_end(2 * day);
    east.keylife = seconds(3600);
    east.type = config::GatewayType::dynamic;
    east.remote_gateway.reset();
    Aging pair(west, east);
    const Instant up = time_of(pair.east, EventKind::ike_sa_established);
    pair.run_to(seconds(3599));
    CHECK(requests_of(pair.world, pair.east, ExchangeType::create_child_sa, up) ==
          Times{seconds(3585)});
}

TEST_CASE("lifetimes: rekey disable: the IKE SA ends with its life, and takes its Child SA along") {
    config::Phase1 west = west_end();
    config::Phase1 east = east_end();
    west.keylife = seconds(3600);
    west.rekey = false;
    Aging pair(west, east);
    const Instant up = time_of(pair.west, EventKind::ike_sa_established);
    run_to(pair.world, up, seconds(3600) - milliseconds(1));
    CHECK(pair.has_one_pair());
    run_to(pair.world, up, seconds(3600));
    CHECK(pair.west.kernel.holds_only_standing());
    pair.world.run_for(milliseconds(20));
    CHECK(nothing_is_left(pair));
    CHECK(pair.west_asks().empty());
    CHECK(pair.east_asks().empty());
}

// ---- keylife-type kbs --------------------------------------------------------------------------

// 100 kilobytes are 102400 octets; the packet after 90 % of them finds out: the 923rd of 100
// octets.
TEST_CASE("lifetimes: of a keylife in kilobytes the initiator asks at 90 percent") {
    Aging pair(counting(west_end(), 100), counting(east_end(), 100));
    pair.run_to(day);  // time means nothing
    REQUIRE(pair.west_asks().empty());
    const EspSpi old = pair.west_child();
    CHECK(send_until_told(pair, pair.west) == 923);
    pair.world.run_for(seconds(10));
    CHECK(pair.west_asks().size() == 1);
    CHECK(pair.west_child() != old);
    CHECK(pair.has_one_pair());
    CHECK(passes_both_ways(pair));
}

TEST_CASE("lifetimes: of a keylife in kilobytes the responder asks at 95 percent") {
    Aging pair(west_end(2 * day), counting(east_end(), 100));
    CHECK(send_until_told(pair, pair.east) == 974);
    pair.world.run_for(seconds(10));
    CHECK(pair.west_asks().empty());
    CHECK(pair.east_asks().size() == 1);
    CHECK(pair.has_one_pair());
    CHECK(passes_both_ways(pair));
}

TEST_CASE("lifetimes: whichever of time and kilobytes is over first gets the successor") {
    config::Phase1 west = counting(west_end(), 100);
    west.phase2s[0].keylife_type = config::KeylifeType::both;
    SECTION("kilobytes") {
        Aging pair(west, east_end(2 * day));
        pair.run_to(seconds(60));
        CHECK(send_until_told(pair, pair.west) == 923);
        pair.world.run_for(seconds(10));
        CHECK(pair.west_asks() == Times{seconds(60)});
        CHECK(pair.has_one_pair());
    }
    SECTION("time") {
        west.phase2s[0].keepalive = true;
        Aging pair(west, east_end(2 * day));
        pair.run_to(seconds(42910));
        check_asked_once(pair.west_asks(), seconds(42900));
    }
}

TEST_CASE("lifetimes: reauth makes another IKE SA in place of a rekey, and tries until it can") {
    for (const seconds silence : {seconds(0), seconds(3400)}) {
        INFO("first messages are lost for " << silence.count() << " s");
        config::Phase1 west = west_end(half_day, true);
        west.reauth = true;
        west.keylife = seconds(3600);
        Pair pair(west, east_end());
        REQUIRE(pair.connect());
        const IkeSpi first = pair.west.engine().overview().ike_sas.at(0).spi_i;
        pair.world.filter = [](ike::Transmit& datagram) {
            return !is(datagram, ExchangeType::ike_sa_init, false);
        };
        pair.world.run_for(silence);
        CHECK(passes_both_ways(pair));
        pair.world.filter = nullptr;
        pair.world.run_for(seconds(3590) - silence);
        for (const Gateway* gateway : {&pair.west, &pair.east}) {
            const auto overview = gateway->engine().overview();
            REQUIRE(overview.ike_sas.size() == 1);
            CHECK(overview.ike_sas[0].spi_i != first);
            CHECK(overview.ike_sas[0].children.size() == 1);
        }
        CHECK(passes_both_ways(pair));
    }
}
