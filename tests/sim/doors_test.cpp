// Who is let in, and what strangers cost (RFC 7296 section 2.6, RFC 8019).
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "ike/doors.hpp"
#include "sim/forgery.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Doors;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::KeyExchangeMethod;
using wire::NotifyType;
using wire::PayloadType;

namespace {

const Endpoint caller_end{*IpAddress::from_text("192.0.2.1"), 500};

void always_ask(config::DaemonOptions& options) {
    options.cookie_threshold = 0;
}

/// The n-th of many addresses that nobody has.
Endpoint stranger(std::uint32_t n) {
    Bytes octets(4);
    store_big_endian(0x0a000000U + n, octets.data());
    return {*IpAddress::from_bytes(octets), 500};
}

/// The only datagram that east sent; empty if there is none.
Bytes answer(Gateway& gateway) {
    auto sent = take_sent(gateway);
    REQUIRE(sent.size() <= 1);
    return sent.empty() ? Bytes() : sent[0];
}

bool is_cookie(const Bytes& octets) {
    return !octets.empty() && notify_types(read_clear(octets)) == std::vector{NotifyType::cookie};
}

bool has_sa(const Bytes& octets) {
    return !octets.empty() && read_clear(octets).payloads.sa;
}

/// The call once more with the cookie that it was answered with.
Bytes with_cookie(const Bytes& call, const Bytes& demand) {
    const OpenedMessage asked = read_clear(demand);
    return changed_clear(call, [&](Parts& parts) {
        parts.insert(parts.begin(),
                     notify_part(NotifyType::cookie, to_bytes(asked.payloads.notifies[0].data)));
    });
}

/// So many calls of strangers, each from an address and under an SPI of its own; answers are lost.
void flood(World& world, Gateway& to, const Bytes& call, std::uint32_t count,
           std::uint32_t first = 0) {
    for (std::uint32_t i = first; i < first + count; ++i)
        give_from(world, to, stranger(i), with_spi(call, 0x1000 + i));
    to.sent.clear();
}

}  // namespace

// HDR(A,0), SAi1, KEi, Ni  -->   <--  HDR(A,0), N(COOKIE)
// HDR(A,0), N(COOKIE), SAi1, KEi, Ni  -->   <--  HDR(A,B), SAr1, KEr, Nr   (section 2.6)
TEST_CASE("C10 doors: who has to show a cookie gets in with one message more, for each suite") {
    for (const NamedSuite& suite : four_suites()) {
        INFO(suite.name);
        Pair pair(suite.spec);
        set_daemon_options(pair, always_ask);
        REQUIRE(pair.connect());
        REQUIRE(pair.world.traffic.size() == 6);
        const auto& asked = pair.world.traffic[1].datagram.octets;
        CHECK(is_cookie(asked));
        CHECK(read_clear(asked).header.spi_r == IkeSpi(0));
        CHECK(pair.east.engine().door_counts().cookies_asked == 1);
        CHECK(pair.east.engine().door_counts().admitted == 1);
    }
}

TEST_CASE("C10 doors: INVALID_KE_PAYLOAD after COOKIE, and the cookie is good for both") {
    TunnelSpec spec;
    spec.groups = {KeyExchangeMethod::curve25519, KeyExchangeMethod::modp_2048};
    config::Phase1 east = spec.mirrored().phase1();
    east.key_exchanges = {KeyExchangeMethod::modp_2048};
    Pair pair(spec.phase1(), east);
    set_daemon_options(pair, always_ask);
    REQUIRE(pair.connect());
    // Request and COOKIE, with cookie and INVALID_KE_PAYLOAD, with both and the answer, IKE_AUTH.
    CHECK(pair.world.traffic.size() == 8);
    CHECK(pair.east.engine().door_counts().cookies_asked == 1);
}

TEST_CASE("C10 doors: a cookie that is not what was given is asked for anew") {
    Pair pair;
    set_daemon_options(pair, always_ask);
    const Bytes call = lone_call();
    give_from(pair.world, pair.east, caller_end, call);
    const Bytes demand = answer(pair.east);
    REQUIRE(is_cookie(demand));
    const Bytes good = with_cookie(call, demand);

    const auto is_asked_again = [&](const Endpoint& sender, const Bytes& octets) {
        give_from(pair.world, pair.east, sender, octets);
        return is_cookie(answer(pair.east));
    };
    CHECK(is_asked_again(stranger(1), good));
    CHECK(is_asked_again({caller_end.address, 501}, good));
    CHECK(is_asked_again(caller_end, with_spi(good, 77)));
    CHECK(is_asked_again(caller_end, changed_clear(good, [](Parts& parts) {
                             part(parts, PayloadType::nonce).body[3] ^= 1;
                         })));
    CHECK(is_asked_again(caller_end, changed_clear(good, [](Parts& parts) {
                             std::swap(parts[0], parts[1]);  // not the first payload
                         })));
    for (std::size_t size : {0U, 16U, 64U, 65U, 1000U})
        CHECK(is_asked_again(caller_end, changed_clear(good, [size](Parts& parts) {
                                 parts[0] = notify_part(NotifyType::cookie, Bytes(size, 1));
                             })));
    CHECK(pair.east.engine().half_open_count() == 0);
    CHECK(pair.east.key_logs.empty());

    give_from(pair.world, pair.east, caller_end, good);
    CHECK(has_sa(answer(pair.east)));
}

TEST_CASE("C10 doors: a cookie is good for a minute, not for three") {
    Pair pair;
    set_daemon_options(pair, always_ask);
    const Bytes call = lone_call();
    give_from(pair.world, pair.east, caller_end, call);
    const Bytes good = with_cookie(call, answer(pair.east));
    pair.world.run_for(seconds(59));
    pair.east.sent.clear();
    give_from(pair.world, pair.east, stranger(1), call);  // others ask meanwhile
    pair.east.sent.clear();
    pair.world.run_for(seconds(120));
    give_from(pair.world, pair.east, caller_end, good);
    CHECK(is_cookie(answer(pair.east)));
}

// The responder must prove itself over the request that it answered, not over a later one.
TEST_CASE("C10 doors: cookies switched on between a request and its retransmission") {
    Pair pair;
    const Bytes call = first_call(pair);
    give_from(pair.world, pair.east, caller_end, call);
    CHECK(has_sa(answer(pair.east)));  // and lost
    flood(pair.world, pair.east, call, 200);
    CHECK(pair.east.engine().door_counts().cookies_asked > 0);
    pair.world.run_for(seconds(4));
    CHECK(pair.is_up());
}

TEST_CASE("C10 doors: a cookie that was asked for is taken when nobody asks any more") {
    Pair pair;
    const Bytes call = lone_call();
    const Bytes strange = with_spi(call, 5);
    flood(pair.world, pair.east, call, 200);
    give_from(pair.world, pair.east, caller_end, strange);
    const Bytes demand = answer(pair.east);
    REQUIRE(is_cookie(demand));
    pair.world.run_for(seconds(40));
    give_from(pair.world, pair.east, caller_end, with_cookie(strange, demand));
    CHECK(has_sa(answer(pair.east)));
}

TEST_CASE("C11 F15 doors: calls from 100,000 addresses cost no key exchange, and 20 peers get in") {
    constexpr std::uint32_t peers = 20;
    World world;
    Gateway& hub = world.add("hub", "192.0.2.2");
    std::vector<config::Phase1> phase1s;
    std::vector<Gateway*> spokes;
    for (std::uint32_t i = 0; i < peers; ++i) {
        TunnelSpec spec;
        spec.name = fmt::format("spoke{:02}", i);
        spec.local = fmt::format("198.51.100.{}", i + 1);
        spec.local_subnets = {fmt::format("10.1.{}.0/24", i)};
        phase1s.push_back(spec.mirrored().phase1());
        spokes.push_back(&world.add(spec.name, spec.local));
        spokes.back()->configure({spec.phase1()}, world.now());
    }
    TunnelSpec anybody;
    anybody.name = "anybody";
    config::Phase1 dialup = anybody.mirrored().phase1();
    dialup.remote_gateway.reset();
    dialup.type = config::GatewayType::dynamic;
    phase1s.push_back(dialup);
    hub.configure(phase1s, world.now());

    const Bytes call = lone_call();
    constexpr std::uint32_t rounds = 100;
    constexpr std::uint32_t calls = 1000;
    for (std::uint32_t round = 0; round < rounds; ++round) {
        if (round % 5 == 0)
            spokes[round / 5]->handle(ike::CommandUp{fmt::format("spoke{:02}", round / 5), ""},
                                      world.now());
        flood(world, hub, call, calls, round * calls);
        world.run_for(milliseconds(33));
        CHECK(hub.engine().half_open_count() <= 64 + peers);
    }
    world.run_for(seconds(5));
    for (Gateway* spoke : spokes)
        CHECK(spoke->engine().established_count() == 1);
    const auto& counts = hub.engine().door_counts();
    CHECK(counts.admitted <= 64 + 2 * peers);
    CHECK(counts.cookies_asked + counts.admitted >= rounds * calls + peers);
    // A line for each spoke's IKE SA and Child SA, and one about the flood in ten seconds.
    CHECK(hub.count_events(ike::EventKind::callers_refused) <= 1);
    CHECK(hub.count_events(ike::EventKind::message_dropped) == 0);
    CHECK(hub.count_events(ike::EventKind::ike_sa_failed) == 0);
    world.run_for(seconds(40));
    CHECK(hub.engine().half_open_count() == 0);
}

TEST_CASE("C11 doors: an address that answers cookies has its limit, and others get in") {
    Pair pair;
    set_daemon_options(pair, [](auto& options) { options.half_open_limit_per_address = 20; });
    const Bytes call = lone_call();
    std::size_t answered = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const Bytes mine = with_spi(call, 0x1000 + i);
        give_from(pair.world, pair.east, stranger(1), mine);
        Bytes reply = answer(pair.east);
        if (is_cookie(reply)) {
            give_from(pair.world, pair.east, stranger(1), with_cookie(mine, reply));
            reply = answer(pair.east);
        }
        if (has_sa(reply)) ++answered;
    }
    CHECK(answered == 0);  // no phase 1 is for a stranger
    pair.world.run_for(seconds(1));
    for (std::uint32_t i = 0; i < 100; ++i) {
        const Bytes mine = with_spi(call, 0x2000 + i);
        give_from(pair.world, pair.east, caller_end, mine);
        Bytes reply = answer(pair.east);
        if (is_cookie(reply)) {
            CHECK(i >= Doors::free_per_address);
            give_from(pair.world, pair.east, caller_end, with_cookie(mine, reply));
            reply = answer(pair.east);
        }
        if (has_sa(reply)) ++answered;
    }
    CHECK(answered == 20);
    CHECK(pair.east.engine().half_open_count() == 20);
    CHECK(pair.east.engine().door_counts().over_peer_limit == 80);
}

// Whoever forges a peer's address cannot lock the peer out.
TEST_CASE("C11 doors: calls in a peer's name do not keep the peer out") {
    Pair pair;
    const Bytes call = first_call(pair);
    for (std::uint32_t i = 0; i < 1000; ++i)
        give_from(pair.world, pair.east, caller_end, with_spi(call, 0x1000 + i));
    pair.east.sent.clear();
    CHECK(pair.east.engine().half_open_count() == Doors::free_per_address);
    pair.world.run_for(seconds(4));  // its retransmission has to show a cookie
    CHECK(pair.west.engine().established_count() == 1);
    CHECK(passes_both_ways(pair));
}

TEST_CASE("C11 doors: embryonic-limit holds for those that show cookies too, and ends with them") {
    Pair pair;
    set_daemon_options(pair, [](auto& options) {
        options.half_open_limit = 50;
        options.cookie_threshold = 64;
    });
    const Bytes call = lone_call();
    std::size_t asked = 0;
    // The caller is configured: it has as many places as strangers, and as many again.
    for (std::uint32_t i = 0; i < 125; ++i) {
        const Endpoint sender{caller_end.address, static_cast<std::uint16_t>(1000 + i)};
        const Bytes mine = with_spi(call, 0x1000 + i);
        give_from(pair.world, pair.east, sender, mine);
        const Bytes reply = answer(pair.east);
        if (!is_cookie(reply)) continue;
        ++asked;
        give_from(pair.world, pair.east, sender, with_cookie(mine, reply));
        pair.east.sent.clear();
    }
    CHECK(pair.east.engine().half_open_count() == 100);
    CHECK(asked == 100 - Doors::free_per_address);
    CHECK(pair.east.engine().door_counts().over_limit == 25);
    pair.world.run_for(seconds(11));
    const ike::Event* told = pair.east.last_event(ike::EventKind::callers_refused);
    REQUIRE(told != nullptr);
    CHECK(told->severity == ike::Severity::warning);
    CHECK(told->message.contains("25 over embryonic-limit,"));
    pair.world.run_for(seconds(30));
    CHECK(pair.east.engine().half_open_count() == 0);
    CHECK(pair.east.count_events(ike::EventKind::callers_refused) == 1);
}

TEST_CASE("C11 doors: a hundred calls a second without a cookie, whatever becomes of them") {
    Pair pair;
    const Bytes call = lone_call();
    const auto asked = [&] { return pair.east.engine().door_counts().cookies_asked; };
    flood(pair.world, pair.east, call, 150);  // no phase 1 is for them: no IKE SA comes of it
    CHECK(pair.east.engine().half_open_count() == 0);
    CHECK(asked() == 150 - Doors::free_per_second);
    pair.world.run_for(seconds(1));
    flood(pair.world, pair.east, call, 10, 1000);
    CHECK(asked() == 150 - Doors::free_per_second);
}

// What is drawn for our own half shows in the answer to the next call.
TEST_CASE("A19 C11 doors: a public value that is none costs no key exchange") {
    TunnelSpec spec;
    spec.groups = {KeyExchangeMethod::modp_2048};
    const Bytes call = lone_call(spec);
    const auto answer_after = [&](const Bytes& first) {
        Pair pair(spec);
        give_from(pair.world, pair.east, caller_end, first);
        pair.east.sent.clear();
        give_from(pair.world, pair.east, caller_end, with_spi(call, 7));
        return answer(pair.east);
    };
    const Bytes zero = changed_clear(call, [](Parts& parts) {
        std::ranges::fill(part(parts, PayloadType::key_exchange).body | std::views::drop(4), 0);
    });
    const Bytes other_group = changed_clear(
        call, [](Parts& parts) { part(parts, PayloadType::key_exchange).body[1] = 19; });
    CHECK(has_sa(answer_after(zero)));
    CHECK(answer_after(zero) == answer_after(other_group));
}

TEST_CASE("C11 doors: whoever fails at once has no more key exchanges than who is silent") {
    TunnelSpec wrong;
    wrong.psk = "a key that nobody has at all";
    Pair pair(wrong.phase1(), TunnelSpec{}.mirrored().phase1());
    for (int i = 0; i < 200; ++i) {
        pair.west.crash();
        pair.west.start(pair.world.now());
        pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
        pair.world.run_for(milliseconds(140));
    }
    const auto exchanges = [&] {
        return pair.east.engine().tally().exchanges.at(ExchangeType::ike_sa_init).answered;
    };
    CHECK(exchanges() == 128);
    CHECK(pair.east.engine().half_open_count() == 0);
    pair.world.run_for(seconds(31));
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.run_for(seconds(1));
    CHECK(exchanges() > 128);
}

TEST_CASE("C11 doors: calls that show cookies have their rate too, and it comes back") {
    Pair pair;
    set_daemon_options(pair, [](auto& options) {
        options.half_open_limit_per_address = 1000;
        options.cookie_threshold = 0;
    });
    // Nothing in common: each is refused, and holds no place.
    const Bytes call = changed_clear(lone_call(), [](Parts& parts) {
        part(parts, PayloadType::security_association).body.back() = 99;
    });
    give_from(pair.world, pair.east, caller_end, call);
    const Bytes good = with_cookie(call, answer(pair.east));
    const auto refused = [&] {
        give_from(pair.world, pair.east, caller_end, good);
        return answer(pair.east).empty();
    };
    std::size_t taken = 0;
    while (taken < 2000 && !refused())
        ++taken;
    CHECK(taken == 1000 + 2);  // one tunnel has its address
    CHECK(pair.east.engine().door_counts().over_peer_rate == 1);
    pair.world.run_for(ike::CallRates::interval);
    CHECK_FALSE(refused());
    CHECK(refused());
}

TEST_CASE("C11 doors: strangers that take all places leave room for peers that are configured") {
    World world;
    Gateway& hub = world.add("hub", "192.0.2.2");
    Gateway& west = world.add("west", "192.0.2.1");
    TunnelSpec spec;
    TunnelSpec anybody;
    anybody.name = "anybody";
    config::Phase1 dialup = anybody.mirrored().phase1();
    dialup.remote_gateway.reset();
    dialup.type = config::GatewayType::dynamic;
    hub.configure({dialup, spec.mirrored().phase1()}, world.now());
    west.configure({spec.phase1()}, world.now());
    auto changed = std::make_shared<config::Config>(*hub.config());
    changed->daemon.half_open_limit = 50;
    hub.handle(ike::ConfigApplied{changed, {}}, world.now());

    const Bytes call = lone_call();
    std::size_t taken = 0;
    for (std::uint32_t i = 0; i < 60; ++i) {
        const Bytes mine = with_spi(call, 0x1000 + i);
        give_from(world, hub, stranger(i), mine);
        Bytes reply = answer(hub);
        if (is_cookie(reply)) {
            give_from(world, hub, stranger(i), with_cookie(mine, reply));
            reply = answer(hub);
        }
        if (has_sa(reply)) ++taken;
    }
    CHECK(taken == 50);
    west.handle(ike::CommandUp{"tunnel", ""}, world.now());
    world.run_for(seconds(1));
    CHECK(west.engine().established_count() == 1);
}

// Garbage for a half-open IKE SA: its keys were computed once, and it waits for the right one.
TEST_CASE("C11 A03 doors: garbage IKE_AUTH costs no key exchange, and a rate of decryptions") {
    Pair pair;
    const Bytes good = auth_request(pair);
    const auto logs = pair.east.key_logs.size();
    for (std::size_t i = 0; i < 10'000; ++i) {
        Bytes bad = good;
        bad[bad.size() - 1 - i % 16] ^= static_cast<std::uint8_t>(1 + i % 255);
        give(pair, pair.east, bad);
    }
    CHECK(pair.east.sent.empty());
    CHECK(pair.east.key_logs.size() == logs);
    CHECK(pair.east.engine().half_open_count() == 1);
    CHECK(pair.east.logged("too many requests"));
    pair.world.run_for(seconds(5));  // the next retransmission
    CHECK(pair.is_up());
}

TEST_CASE("C12 doors: no answer to a stranger is longer than 1.2 times what it answers") {
    Pair pair;
    const Bytes call = lone_call();
    const auto check = [&](const Bytes& octets) {
        give_from(pair.world, pair.east, caller_end, octets);
        const auto sent = take_sent(pair.east);
        REQUIRE(sent.size() <= 1);
        if (!sent.empty()) CHECK(5 * sent[0].size() <= 6 * octets.size());
    };
    check(call);
    for (std::uint8_t version = 0; version < 16; ++version) {
        Bytes other = with_spi(call, 2);
        other[17] = static_cast<std::uint8_t>(version << 4);
        check(other);
        other.resize(wire::Header::size);
        wire::finish_message(other);
        check(other);
    }
    // The shortest request that leads to an answer: a nonce of 16 octets.
    check(changed_clear(with_spi(call, 3),
                        [](Parts& parts) { part(parts, PayloadType::nonce).body.resize(16); }));
    set_daemon_options(pair, always_ask);
    check(with_spi(call, 4));
    check(clear_message(read_clear(with_spi(call, 5)).header,
                        {{PayloadType::security_association, {}},
                         {PayloadType::key_exchange, {}},
                         {PayloadType::nonce, Bytes(16)}}));
    CHECK(pair.east.engine().door_counts().cookies_asked == 2);
}

TEST_CASE("C12 doors: nothing is sent to groups, to everybody, to port 0, or to ourselves") {
    Pair pair;
    const Bytes call = lone_call();
    for (const char* address : {"0.0.0.0", "224.0.0.1", "255.255.255.255"})
        give_from(pair.world, pair.east, {*IpAddress::from_text(address), 500}, call);
    give_from(pair.world, pair.east, {caller_end.address, 0}, call);
    give_from(pair.world, pair.east, {pair.east.address, 500}, call);
    CHECK(pair.east.sent.empty());
    CHECK(pair.east.engine().half_open_count() == 0);
}

TEST_CASE("C12 doors: the answer to IKE_SA_INIT is sent once for each request, never by itself") {
    Pair pair;
    const Bytes call = lone_call();
    give_from(pair.world, pair.east, caller_end, call);
    CHECK(take_sent(pair.east).size() == 1);
    pair.west.crash();
    pair.world.run_for(seconds(29));
    CHECK(pair.world.traffic.empty());
    CHECK(pair.east.engine().half_open_count() == 1);
}

TEST_CASE("C12 doors: the first message of an established IKE SA, once more, begins nothing") {
    Pair pair;
    REQUIRE(pair.connect());
    const auto logs = pair.east.key_logs.size();
    give(pair, pair.east, pair.world.traffic[0].datagram.octets);
    CHECK(pair.east.sent.empty());
    CHECK(pair.east.key_logs.size() == logs);
    CHECK(pair.east.engine().half_open_count() == 0);
}
