// What an authenticated peer costs: memory, time, and datagrams to others.
#include <fmt/format.h>

#include <ctime>

#include "ike/peer_limits.hpp"
#include "sim/intruder.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::PayloadType;

TEST_CASE("C12 cost: a request once more from elsewhere gets no long answer, and none for ever") {
    TunnelSpec many;
    for (int i = 1; i < 100; ++i)
        many.remote_subnets.push_back(fmt::format("10.2.{}.0/24", i));
    Intruder it(TunnelSpec{}.phase1(), many.mirrored().phase1());
    const Endpoint elsewhere{address("203.0.113.9"), 500};
    const auto sent_for = [&](const Endpoint& sender, const Bytes& request) {
        give_from(it.pair.world, it.pair.east, sender, request);
        return take_sent(it.pair.east).size();
    };
    const Endpoint west{it.pair.west.address, 500};
    const Bytes probe =
        sealed_message(*it.tap, it.tap->request(ExchangeType::informational, 2, true), {});
    CHECK(sent_for(west, probe) == 1);
    CHECK(sent_for(elsewhere, probe) == 1);  // as short as the request
    Parts parts = it.child_request(0x10000);
    part(parts, PayloadType::traffic_selectors_responder).body = {
        1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255};
    const Bytes request =
        sealed_message(*it.tap, it.tap->request(ExchangeType::create_child_sa, 3, true), parts);
    const std::size_t datagrams = sent_for(west, request);
    REQUIRE(datagrams > 1);
    CHECK(sent_for(elsewhere, request) == 0);
    CHECK(sent_for({west.address, 4500}, request) == datagrams);
    std::size_t answered = 0;
    while (answered < 1000 && sent_for(west, request) > 0)
        ++answered;
    CHECK(answered <= ike::allowance::repeats.burst);
    it.pair.world.run_for(seconds(1));
    CHECK(sent_for(west, request) > 0);
}

// Each new IKE SA says nothing of those before it, and nobody deletes them.
TEST_CASE("C18 cost: IKE SAs of one peer without end leave a bounded number behind") {
    Pair pair;
    pair.world.filter = [&](ike::Transmit& datagram) {
        if (!is(datagram, ExchangeType::ike_auth, false)) return true;
        Wiretap tap(pair.world.library(), pair.west.key_logs.back());
        datagram.octets = changed_sealed(tap, datagram.octets, [](Parts& parts) {
            std::erase_if(parts, [](const Part& one) { return one.type == PayloadType::notify; });
        });
        return true;
    };
    for (int i = 0; i < 40; ++i) {
        pair.west.crash();
        pair.west.start(pair.world.now());
        pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
        pair.world.run_for(milliseconds(100));
        CHECK(pair.west.engine().established_count() == 1);
        CHECK(pair.east.engine().overview().ike_sas.size() <= ike::most_ike_sas_of_peer);
    }
    CHECK(pair.east.engine().overview().ike_sas.size() == ike::most_ike_sas_of_peer);
    CHECK(passes_both_ways(pair));
}

TEST_CASE("C18 cost: Child SAs of 255 selectors each cost little when they are compared") {
    Intruder it;
    constexpr std::uint32_t count = 255;
    const std::clock_t start = std::clock();
    for (std::uint32_t i = 0; i < 65; ++i) {
        Parts parts = it.child_request(0x10000 + i);
        Bytes body{count, 0, 0, 0};
        for (std::uint32_t j = 0; j < count; ++j) {
            const auto host = static_cast<std::uint8_t>(i % 2 == 0 ? j : count - 1 - j);
            for (std::uint8_t octet :
                 Bytes{7, 0, 0, 16, 0, 0, 255, 255, 10, 1, 0, host, 10, 1, 0, host})
                body.push_back(octet);
        }
        part(parts, PayloadType::traffic_selectors_initiator).body = body;
        give(it.pair, it.pair.east,
             sealed_message(*it.tap, it.tap->request(ExchangeType::create_child_sa, it.id++, true),
                            parts));
        it.pair.east.sent.clear();
    }
    REQUIRE(it.children() == 66);
    // A fifth of what it took to make them, with the sanitizers as well.
    const std::clock_t before = std::clock();
    it.pair.east.handle(ike::DeadlineReached{}, {it.pair.world.now().boottime + seconds(3), {}});
    CHECK(std::clock() - before < before - start);
}

TEST_CASE("C11 cost: strangers do not push the last words to a peer out") {
    Pair pair;
    set_daemon_options(pair, [](auto& options) {
        options.half_open_limit_per_address = 400;
        options.cookie_threshold = 0;
    });
    REQUIRE(pair.connect());
    Wiretap tap(pair.world.library(), pair.west.key_logs[0]);
    const Bytes call = lone_call();
    const Endpoint caller{pair.west.address, 500};
    for (std::uint32_t i = 0; i < 300; ++i) {
        const Bytes mine = with_spi(call, 0x1000 + i);
        give_from(pair.world, pair.east, caller, mine);
        const OpenedMessage asked = read_clear(take_sent(pair.east).at(0));
        give_from(pair.world, pair.east, caller, changed_clear(mine, [&](Parts& parts) {
                      parts.insert(parts.begin(),
                                   notify_part(wire::NotifyType::cookie,
                                               to_bytes(asked.payloads.notifies.at(0).data)));
                  }));
        pair.east.sent.clear();
    }
    CHECK(pair.east.engine().half_open_count() == 300);
    pair.world.run_for(milliseconds(29'990));
    const Bytes end =
        sealed_message(tap, tap.request(ExchangeType::informational, 2, true), {deletion(1, {})});
    give_from(pair.world, pair.east, caller, end);
    const auto answer = take_sent(pair.east);
    REQUIRE(answer.size() == 1);
    pair.world.run_for(milliseconds(20));  // nobody has heard of the strangers again
    CHECK(pair.east.engine().half_open_count() == 0);
    give_from(pair.world, pair.east, caller, end);
    CHECK(take_sent(pair.east) == answer);
}
