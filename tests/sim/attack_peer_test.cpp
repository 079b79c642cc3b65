// Attacks by a peer that is authenticated, and by those who only know its SPIs.
#include "ike/peer_limits.hpp"
#include "sim/intruder.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::NotifyType;
using wire::PayloadType;

// ---- Those who know the SPIs only --------------------------------------------------------------

TEST_CASE("C16 attack: clear text tears nothing down, whatever it says, from anywhere") {
    Intruder it;
    const auto quiet = it.pair.east.events.size();
    for (Gateway* gateway : {&it.pair.west, &it.pair.east}) {
        for (ExchangeType exchange : {ExchangeType::ike_sa_init, ExchangeType::ike_auth,
                                      ExchangeType::create_child_sa, ExchangeType::informational})
            for (bool response : {false, true})
                for (std::uint32_t id : {0U, 1U, 2U, 3U}) {
                    wire::Header header = it.tap->request(exchange, id, gateway == &it.pair.east);
                    header.response = response;
                    for (NotifyType type :
                         {NotifyType::invalid_ike_spi, NotifyType::authentication_failed,
                          NotifyType::invalid_syntax, NotifyType::invalid_spi,
                          NotifyType::no_proposal_chosen}) {
                        give(it.pair, *gateway, clear_message(header, {notify_part(type)}));
                        give(it.pair, *gateway,
                             clear_message(header, {deletion(1, {}), notify_part(type)}));
                    }
                }
        CHECK(gateway->sent.empty());
    }
    CHECK(it.is_unharmed());
    for (std::size_t i = quiet; i < it.pair.east.events.size(); ++i)
        CHECK(it.pair.east.events[i].kind == ike::EventKind::message_dropped);
    it.pair.world.run_for(seconds(200));
    CHECK(it.is_unharmed());
}

TEST_CASE("C02 C16 attack: messages of IKE SAs that nobody has are not answered") {
    Intruder it;
    for (bool initiator : {false, true})
        for (bool response : {false, true}) {
            wire::Header header = it.tap->request(ExchangeType::informational, 2, initiator);
            header.response = response;
            header.spi_i = IkeSpi(0x1234);
            give(it.pair, it.pair.east, sealed_message(*it.tap, header, {}));
            header = it.tap->request(ExchangeType::informational, 2, initiator);
            header.response = response;
            header.spi_r = IkeSpi(0x1234);
            give(it.pair, it.pair.east, sealed_message(*it.tap, header, {}));
        }
    CHECK(it.pair.east.sent.empty());
    CHECK(it.is_unharmed());
}

TEST_CASE("C02 attack: our own protected request, sent back to us, is nothing") {
    Intruder it;
    it.pair.east.handle(ike::CommandDown{"tunnel"}, it.pair.world.now());
    const Bytes request = take_sent(it.pair.east).at(0);
    give(it.pair, it.pair.east, request);
    Bytes as_response = request;
    as_response[19] |= 0x20;
    give(it.pair, it.pair.east, as_response);
    CHECK(it.pair.east.sent.empty());
    CHECK(it.pair.east.engine().overview().ike_sas.size() == 1);  // it waits for west's answer
}

TEST_CASE("A16 attack: every exchange type, request and response, to an established IKE SA") {
    for (unsigned exchange = 0; exchange < 256; ++exchange) {
        if (exchange == std::to_underlying(ExchangeType::create_child_sa) ||
            exchange == std::to_underlying(ExchangeType::informational))
            continue;
        Intruder it;
        for (bool response : {false, true}) {
            wire::Header header = it.tap->request(static_cast<ExchangeType>(exchange), it.id, true);
            header.response = response;
            give(it.pair, it.pair.east, sealed_message(*it.tap, header, {deletion(1, {})}));
        }
        INFO(exchange);
        CHECK(it.pair.east.sent.empty());
        CHECK(it.is_unharmed());
        CHECK(it.ask(ExchangeType::informational, {}));  // the message ID was not used up
        if (exchange > 50) exchange += 10;
    }
}

// ---- Windows and message IDs -------------------------------------------------------------------

TEST_CASE("C03 attack: a request once more gets the same octets, other content gets nothing") {
    Intruder it;
    const wire::Header header = it.tap->request(ExchangeType::informational, 2, true);
    const Bytes request = sealed_message(*it.tap, header, {});
    give(it.pair, it.pair.east, request);
    const auto first = take_sent(it.pair.east);
    REQUIRE(first.size() == 1);
    const auto events = it.pair.east.events.size();
    for (int i = 0; i < 3; ++i) {
        give(it.pair, it.pair.east, request);
        CHECK(take_sent(it.pair.east) == first);
    }
    CHECK(it.pair.east.events.size() == events);  // nothing was computed again
    give(it.pair, it.pair.east, sealed_message(*it.tap, header, {deletion(1, {})}));
    CHECK(it.pair.east.sent.empty());
    CHECK(it.is_unharmed());
}

TEST_CASE("C03 attack: SET_WINDOW_SIZE of 0 and of everything changes nothing") {
    Intruder it;
    for (const Bytes& size :
         {Bytes{0, 0, 0, 0}, Bytes{255, 255, 255, 255}, Bytes{}, Bytes{1}, Bytes(64, 1)}) {
        CHECK(
            it.ask(ExchangeType::informational, {notify_part(NotifyType::set_window_size, size)}));
        CHECK(it.is_unharmed());
    }
    it.id += 1;  // a window of two is not ours
    CHECK_FALSE(it.ask(ExchangeType::informational, {}));
}

// ---- Payloads ----------------------------------------------------------------------------------

TEST_CASE("C05 A31 attack: every notify in INFORMATIONAL, unasked, with data of all sizes") {
    Intruder it;
    for (std::uint32_t first = 1; first < 65536; first += 60) {
        Parts parts;
        for (std::uint32_t type = first; type < first + 60; ++type)
            if (static_cast<NotifyType>(type) != NotifyType::authentication_failed)
                parts.push_back(notify_part(static_cast<NotifyType>(type), Bytes(type % 65, 3)));
        CHECK(it.ask(ExchangeType::informational, parts));
        it.pair.world.run_for(milliseconds(100));
    }
    CHECK(it.is_unharmed());
}

TEST_CASE("C05 attack: a thousand notifies, and 64 KiB of data, end their own IKE SA at most") {
    Intruder few;
    CHECK(few.ask(ExchangeType::informational,
                  {notify_part(NotifyType::invalid_syntax, Bytes(60'000, 1))}));
    CHECK(few.is_unharmed());
    Intruder many;
    CHECK(many.notify_to(ExchangeType::informational,
                         Parts(1000, notify_part(NotifyType::initial_contact))) ==
          NotifyType::invalid_syntax);
    CHECK(many.pair.east.engine().established_count() == 0);
    CHECK(many.pair.east.kernel.holds_only_standing());
}

TEST_CASE("B10 C05 attack: REKEY_SA of every protocol and SPI size") {
    Intruder it;
    for (unsigned protocol = 0; protocol < 256; protocol += protocol < 5 ? 1 : 50)
        for (std::size_t size : {0U, 3U, 4U, 8U, 255U}) {
            if (protocol == 3 && size == 4) continue;
            Parts parts = it.child_request(0x10000);
            parts.insert(parts.begin(),
                         rekey_notify(static_cast<std::uint8_t>(protocol), Bytes(size, 7)));
            INFO(protocol << " " << size);
            CHECK(it.notify_to(ExchangeType::create_child_sa, parts) ==
                  NotifyType::child_sa_not_found);
            it.pair.world.run_for(seconds(1));
        }
    CHECK(it.is_unharmed());
    CHECK(it.children() == 1);
}

TEST_CASE("B09 attack: selectors of CREATE_CHILD_SA, each octet one more and one less") {
    const std::size_t size = 4 + 16;
    for (std::size_t i = 0; i < size; ++i)
        for (std::uint8_t difference : Bytes{1, 255}) {
            INFO("octet " << i);
            Intruder it;
            Parts parts = it.child_request(0x10000);
            auto& octet = part(parts, PayloadType::traffic_selectors_initiator).body.at(i);
            octet = static_cast<std::uint8_t>(octet + difference);
            const auto answer = it.ask(ExchangeType::create_child_sa, parts);
            REQUIRE(answer);
            // Refused or narrowed; if it was nonsense, the IKE SA is gone and all of it.
            if (it.pair.east.engine().established_count() == 0)
                CHECK(it.pair.east.kernel.holds_only_standing());
            else
                CHECK(it.children() <= 2);
        }
}

TEST_CASE("B11 C06 attack: several DELETEs, of IKE and Child SAs, in one message") {
    Intruder it;
    const EspSpi spi = it.west_spi();
    const auto answer =
        it.ask(ExchangeType::informational, {deletion(3, {spi, spi, EspSpi(9)}), deletion(3, {spi}),
                                             deletion(2, {spi}), deletion(3, {})});
    REQUIRE(answer);
    REQUIRE(answer->payloads.deletes.size() == 1);
    CHECK(answer->payloads.deletes[0].spis.size() == 1);
    CHECK(it.pair.east.engine().established_count() == 1);
    CHECK(it.pair.east.kernel.sas().empty());

    Intruder both;
    REQUIRE(both.ask(ExchangeType::informational,
                     {deletion(3, {both.west_spi()}), deletion(1, {}), deletion(1, {})}));
    CHECK(both.pair.east.engine().established_count() == 0);
    CHECK(both.pair.east.kernel.holds_only_standing());
}

TEST_CASE("C06 attack: DELETEs whose numbers do not add up end their own IKE SA at most") {
    for (const Bytes& body :
         {Bytes{3, 4, 0, 2, 0, 0, 0, 1}, Bytes{3, 4, 0xff, 0xff}, Bytes{3, 0, 0, 1},
          Bytes{3, 3, 0, 0}, Bytes{3, 8, 0, 0}, Bytes{0, 4, 0, 0}, Bytes{4, 4, 0, 0},
          Bytes{255, 0, 0, 0}, Bytes{1}}) {
        Intruder it;
        CHECK(it.notify_to(ExchangeType::informational, {{PayloadType::delete_, body}}) ==
              NotifyType::invalid_syntax);
        CHECK(it.pair.east.kernel.holds_only_standing());
    }
}

TEST_CASE("C06 attack: a peer deletes nothing of another peer's") {
    World world;
    Gateway& hub = world.add("hub", "192.0.2.2");
    TunnelSpec a, b;
    a.name = "a";
    b.name = "b";
    b.local = "192.0.2.3";
    b.local_subnets = {"10.3.0.0/24"};
    Gateway& west = world.add("west", a.local, {.log_keys = true});
    Gateway& south = world.add("south", b.local);
    hub.configure({a.mirrored().phase1(), b.mirrored().phase1()}, world.now());
    west.configure({a.phase1()}, world.now());
    south.configure({b.phase1()}, world.now());
    west.handle(ike::CommandUp{"a", ""}, world.now());
    south.handle(ike::CommandUp{"b", ""}, world.now());
    world.run_for(seconds(1));
    REQUIRE(hub.kernel.sas().size() == 4);
    std::vector<EspSpi> all;
    for (const auto& sa : hub.engine().overview().ike_sas)
        for (const auto& child : sa.children)
            if (sa.phase1 == "b") all.insert(all.end(), {child.spi_in, child.spi_out});
    REQUIRE(all.size() == 2);
    Wiretap tap(world.library(), west.key_logs[0]);
    give_from(
        world, hub, {west.address, 500},
        sealed_message(tap, tap.request(ExchangeType::informational, 2, true), {deletion(3, all)}));
    CHECK(hub.kernel.sas().size() == 4);
}

// ---- Endless requests --------------------------------------------------------------------------

TEST_CASE("B12 attack: a Child SA rekeyed twice before it is deleted") {
    Intruder it;
    const EspSpi old = it.west_spi();
    Parts first = it.child_request(0x10001);
    first.insert(first.begin(), rekey_notify(3, spi_octets(old)));
    const auto answer = it.ask(ExchangeType::create_child_sa, first);
    REQUIRE(answer);
    CHECK(answer->payloads.sa);
    Parts second = it.child_request(0x10002);
    second.insert(second.begin(), rekey_notify(3, spi_octets(old)));
    CHECK(it.notify_to(ExchangeType::create_child_sa, second) == NotifyType::temporary_failure);
    CHECK(it.children() == 2);
    REQUIRE(it.ask(ExchangeType::informational, {deletion(3, {old})}));
    CHECK(it.children() == 1);
}

TEST_CASE("C18 attack: Child SAs without end stop at their cap, and other peers are unharmed") {
    Intruder it;
    std::size_t made = 1;
    NotifyType last{};
    for (std::uint32_t i = 0; i < 1000 && last != NotifyType::no_additional_sas; ++i) {
        const auto answer = it.ask(ExchangeType::create_child_sa, it.child_request(0x10000 + i));
        REQUIRE(answer);
        if (answer->payloads.sa) ++made;
        if (!answer->payloads.notifies.empty()) last = answer->payloads.notifies[0].notify_type;
    }
    CHECK(last == NotifyType::no_additional_sas);
    CHECK(made == 2 + 64);  // one phase 2
    CHECK(it.children() == made);
}

TEST_CASE(
    "C18 attack: requests over their rate are dropped before any cryptography, and come again") {
    Intruder it;
    std::size_t answered = 0;
    for (int i = 0; i < 1000; ++i)
        if (it.ask(ExchangeType::informational, {})) ++answered;
    // IKE_AUTH was one of them.
    CHECK(answered == ike::allowance::requests.burst - 1);
    CHECK(it.pair.east.logged("too many requests"));
    it.pair.world.run_for(seconds(1));
    CHECK(it.ask(ExchangeType::informational, {}));
    CHECK(it.is_unharmed());
}

TEST_CASE("C18 attack: whoever cannot prove anything does not use a peer's allowance up") {
    Intruder it;
    Bytes bad = sealed_message(*it.tap, it.tap->request(ExchangeType::informational, 2, true), {});
    bad.back() ^= 1;
    for (int i = 0; i < 2000; ++i)
        give(it.pair, it.pair.east, bad);
    CHECK(it.pair.east.sent.empty());
    CHECK(it.ask(ExchangeType::informational, {}));
}

TEST_CASE("C18 attack: the IKE SA rekeyed without end leaves a bounded number behind") {
    Pair pair;
    REQUIRE(pair.connect());
    for (int i = 0; i < 200; ++i) {
        // West forgets to delete what it has replaced.
        pair.world.filter = [&](ike::Transmit& datagram) {
            return !is(datagram, ExchangeType::informational, false);
        };
        pair.west.handle(ike::CommandRekey{"tunnel", ""}, pair.world.now());
        pair.world.run_for(milliseconds(50));
    }
    CHECK(pair.east.engine().overview().ike_sas.size() <=
          ike::allowance::ike_rekeys.burst + 200 * 50 / 5000 + 2);
    pair.world.filter = nullptr;
    pair.world.run_for(seconds(300));
    CHECK(pair.east.engine().overview().ike_sas.size() == 1);
    CHECK(passes_both_ways(pair));
}

// ---- INITIAL_CONTACT and inner addresses --------------------------------------------------------

TEST_CASE("C17 attack: INITIAL_CONTACT of one peer does not touch another, nor before its proof") {
    World world;
    Gateway& hub = world.add("hub", "192.0.2.2");
    TunnelSpec a, b;
    a.name = "a";
    b.name = "b";
    b.local = "192.0.2.3";
    b.local_subnets = {"10.3.0.0/24"};
    b.psk = "a key that only south has";
    Gateway& west = world.add("west", a.local);
    Gateway& south = world.add("south", b.local);
    hub.configure({a.mirrored().phase1(), b.mirrored().phase1()}, world.now());
    west.configure({a.phase1()}, world.now());
    TunnelSpec wrong = b;
    wrong.psk = "a key that nobody has at all";
    south.configure({wrong.phase1()}, world.now());
    west.handle(ike::CommandUp{"a", ""}, world.now());
    world.run_for(seconds(1));
    south.handle(ike::CommandUp{"b", ""}, world.now());  // refused
    world.run_for(seconds(1));
    CHECK(hub.engine().established_count() == 1);
    south.configure({b.phase1()}, world.now());
    south.handle(ike::CommandUp{"b", ""}, world.now());
    world.run_for(seconds(1));
    CHECK(hub.engine().established_count() == 2);
    CHECK(hub.kernel.sas().size() == 4);
}

TEST_CASE("B07 attack: packets with an inner source beyond the selectors do not come through") {
    Intruder it;
    const HeldSa* inbound = nullptr;
    for (const auto& [id, sa] : it.pair.east.kernel.sas())
        if (sa.install.direction == xfrm::Direction::in) inbound = &sa;
    REQUIRE(inbound != nullptr);
    const auto is_admitted = [&](const char* source, const char* destination) {
        const Packet packet{address(source), address(destination)};
        return it.pair.east.kernel.admits(*inbound, packet, xfrm::Direction::forward) ||
               it.pair.east.kernel.admits(*inbound, packet, xfrm::Direction::in);
    };
    CHECK(is_admitted("10.1.0.5", "10.2.0.9"));
    CHECK_FALSE(is_admitted("10.1.1.5", "10.2.0.9"));
    CHECK_FALSE(is_admitted("10.3.0.5", "10.2.0.9"));
    CHECK_FALSE(is_admitted("10.2.0.5", "10.2.0.9"));
    CHECK_FALSE(is_admitted("10.1.0.5", "10.2.1.9"));
    CHECK_FALSE(is_admitted("10.1.0.5", "192.0.2.2"));
}

// ---- A daemon that dies ------------------------------------------------------------------------

// An input is not kept: what killed the daemon once is not read again at its start.
TEST_CASE(
    "C20 attack: a daemon that dies again and again under attack comes back, and its tunnel") {
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Pair pair(spec);
    REQUIRE(pair.world.run_until([&] { return pair.is_up(); }));
    const Bytes call = lone_call();
    for (int i = 0; i < 5; ++i) {
        pair.world.kill(pair.west, seconds(2));
        pair.world.run_for(seconds(3));
        REQUIRE(pair.west.is_running());
        for (std::uint32_t n = 0; n < 300; ++n)
            give_from(pair.world, pair.west, {pair.east.address, 500}, with_spi(call, 0x1000 + n));
    }
    CHECK(pair.world.run_until([&] { return pair.is_up() && passes_both_ways(pair); }));
}
