// The first two exchanges, one datagram a step (RFC 7296 section 1.2).
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::NotifyType;

namespace {

/// The datagram that left last, in clear text.
OpenedMessage last_clear(const Pair& pair) {
    return read_clear(pair.world.traffic.back().datagram.octets);
}

OpenedMessage last_protected(const Pair& pair) {
    const Wiretap tap(pair.world.library(), pair.west.key_logs.back());
    return tap.open(pair.world.traffic.back().datagram.octets);
}

std::vector<Bytes> traffic_of(const TunnelSpec& spec, std::uint64_t seed) {
    Pair pair(spec.phase1(), spec.mirrored().phase1(), seed);
    REQUIRE(pair.connect());
    pair.east.handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(seconds(5));
    std::vector<Bytes> octets;
    for (const Flight& flight : pair.world.traffic)
        octets.push_back(flight.datagram.octets);
    return octets;
}

}  // namespace

TEST_CASE("handshake: the four messages, for each suite") {
    for (const NamedSuite& suite : four_suites()) {
        INFO(suite.name);
        Pair pair(suite.spec);
        pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());

        // HDR, SAi1, KEi, Ni  -->
        REQUIRE(pair.world.step());
        REQUIRE(pair.world.traffic.size() == 2);
        const auto request = read_clear(pair.world.traffic[0].datagram.octets);
        CHECK(request.header.spi_r == IkeSpi(0));
        CHECK((request.payloads.sa && request.payloads.ke && request.payloads.nonce));

        // HDR, SAr1, KEr, Nr  <--
        const auto answer = last_clear(pair);
        CHECK(answer.header.response);
        CHECK_FALSE(answer.header.initiator);
        CHECK(answer.header.spi_i == request.header.spi_i);
        CHECK(answer.header.spi_r != IkeSpi(0));
        CHECK(pair.east.engine().half_open_count() == 1);
        REQUIRE(pair.world.step());

        // HDR, SK {IDi, [N(INITIAL_CONTACT),] [IDr,] AUTH, SAi2, TSi, TSr}  -->
        const auto auth = last_protected(pair);
        CHECK(auth.header.message_id == MessageId(1));
        CHECK((auth.payloads.idi && auth.payloads.auth && auth.payloads.sa && auth.payloads.tsi &&
               auth.payloads.tsr && !auth.payloads.idr));
        CHECK(auth.payloads.find(NotifyType::initial_contact) != nullptr);
        CHECK(pair.east.kernel.holds_only_standing());
        REQUIRE(pair.world.step());

        // HDR, SK {IDr, AUTH, SAr2, TSi, TSr}  <--
        const auto reply = last_protected(pair);
        CHECK((reply.header.response && reply.payloads.idr && reply.payloads.auth &&
               reply.payloads.sa && reply.payloads.tsi && reply.payloads.tsr));
        CHECK(pair.east.kernel.sas().size() == 2);
        CHECK(pair.west.kernel.holds_only_standing());
        REQUIRE(pair.world.step());
        CHECK(pair.is_up());
        CHECK(passes_both_ways(pair));
        CHECK_FALSE(pair.world.step());
        CHECK(pair.world.traffic.size() == 4);
    }
}

TEST_CASE("handshake: both ends report the suite, ESTABLISHED comes once at each") {
    for (const NamedSuite& suite : four_suites()) {
        Pair pair(suite.spec);
        REQUIRE(pair.connect());
        for (Gateway* gateway : {&pair.west, &pair.east}) {
            INFO(suite.name << " " << gateway->name);
            CHECK(gateway->logged(suite.name));
            CHECK(gateway->count_events(ike::EventKind::ike_sa_established) == 1);
            CHECK(gateway->count_events(ike::EventKind::child_sa_established) == 1);
            CHECK(gateway->reasons().empty());
        }
    }
}

TEST_CASE("handshake: the responder answers IKE_AUTH only when its kernel has the SAs") {
    Pair pair;
    pair.east.kernel_waits = true;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(departures(pair.world, ExchangeType::ike_auth, true).empty());
    REQUIRE_FALSE(pair.east.waiting_requests.empty());
    pair.east.answer_kernel(pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(pair.is_up());
}

TEST_CASE("handshake: over IPv6, inside and outside") {
    World world;
    TunnelSpec spec;
    spec.local = "2001:db8::1";
    spec.remote = "2001:db8::2";
    spec.local_subnets = {"2001:db8:1::/64", "10.1.0.0/24"};
    spec.remote_subnets = {"2001:db8:2::/64", "10.2.0.0/24"};
    Gateway& west = world.add("west", spec.local);
    Gateway& east = world.add("east", spec.remote);
    west.configure({spec.phase1()}, world.now());
    east.configure({spec.mirrored().phase1()}, world.now());
    west.handle(ike::CommandUp{"tunnel", ""}, world.now());
    world.run_for(seconds(1));
    const Packet six{*IpAddress::from_text("2001:db8:1::5"),
                     *IpAddress::from_text("2001:db8:2::9")};
    const Packet four{*IpAddress::from_text("10.1.0.5"), *IpAddress::from_text("10.2.0.9")};
    CHECK(would_pass(west.kernel, IfId{}, east.kernel, six));
    CHECK(would_pass(west.kernel, IfId{}, east.kernel, four));
}

TEST_CASE("handshake: the loss of any one datagram only costs time") {
    for (std::size_t lost = 0; lost < 4; ++lost) {
        INFO("lost: " << lost);
        Pair pair;
        std::size_t count = 0;
        pair.world.filter = [&](ike::Transmit&) { return count++ != lost; };
        CHECK(pair.connect());
        CHECK(passes_both_ways(pair));
        CHECK(pair.world.traffic.size() > 4);
        CHECK(pair.east.kernel.sas().size() == 2);
        CHECK(pair.east.engine().established_count() == 1);
    }
}

TEST_CASE("handshake: the loss of any two datagrams only costs time") {
    for (std::size_t one = 0; one < 8; ++one) {
        for (std::size_t other = one + 1; other < 8; ++other) {
            INFO("lost: " << one << " " << other);
            Pair pair;
            std::size_t count = 0;
            pair.world.filter = [&](ike::Transmit&) {
                ++count;
                return count - 1 != one && count - 1 != other;
            };
            CHECK(pair.connect());
            CHECK(passes_both_ways(pair));
        }
    }
}

TEST_CASE("handshake: equal seeds give equal octets, another seed gives others") {
    for (const NamedSuite& suite : four_suites()) {
        INFO(suite.name);
        const auto first = traffic_of(suite.spec, 7);
        CHECK(first.size() >= 6);
        CHECK(first == traffic_of(suite.spec, 7));
        CHECK(first[0] != traffic_of(suite.spec, 8)[0]);
    }
}

// "a retransmission of a request ... MUST be bitwise identical", and the response to it
// (RFC 7296 section 2.1).
TEST_CASE("handshake: a duplicate request is answered by the stored octets and costs no keys") {
    Pair pair;
    REQUIRE(pair.connect());
    const auto& traffic = pair.world.traffic;
    REQUIRE(traffic.size() == 4);
    const std::size_t key_logs = pair.east.key_logs.size();
    const std::size_t events = pair.east.events.size();
    give(pair, pair.east, traffic[2].datagram.octets);
    CHECK(take_sent(pair.east) == std::vector<Bytes>{traffic[3].datagram.octets});
    CHECK(pair.east.key_logs.size() == key_logs);
    CHECK(pair.east.events.size() == events);
    CHECK(pair.east.kernel.sas().size() == 2);
}

TEST_CASE("handshake: a duplicate IKE_SA_INIT meets the half-open IKE SA") {
    Pair pair;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    REQUIRE(pair.world.step());
    const auto& traffic = pair.world.traffic;
    for (int i = 0; i < 3; ++i)
        give(pair, pair.east, traffic[0].datagram.octets);
    const Bytes answer = traffic[1].datagram.octets;
    CHECK(take_sent(pair.east) == std::vector<Bytes>{answer, answer, answer});
    CHECK(pair.east.key_logs.size() == 1);
    CHECK(pair.east.engine().half_open_count() == 1);
}

TEST_CASE("handshake: another IKE_SA_INIT under the same SPI changes nothing") {
    Pair pair;
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    REQUIRE(pair.world.step());
    Bytes changed = pair.world.traffic[0].datagram.octets;
    changed.back() ^= 1;
    give(pair, pair.east, changed);
    CHECK(take_sent(pair.east).empty());
    CHECK(pair.east.engine().half_open_count() == 1);
    pair.world.run_for(seconds(1));
    CHECK(pair.is_up());
}
