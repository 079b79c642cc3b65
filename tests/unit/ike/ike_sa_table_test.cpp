#include "ike/ike_sa_table.hpp"

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

const Endpoint here{*IpAddress::from_text("192.0.2.1"), 500};
const Instant start{std::chrono::hours(1)};
const Endpoint there{*IpAddress::from_text("192.0.2.2"), 500};

std::unique_ptr<IkeSa> responder(std::uint64_t spi_i, std::uint64_t spi_r) {
    auto sa = std::make_unique<IkeSa>(Role::responder, IkeSpi(spi_i), IkeSpi(spi_r), here, there,
                                      InitAnswered{});
    sa->tunnel = std::make_shared<Tunnel>();
    sa->tunnel->phase1 = std::make_shared<const config::Phase1>();
    sa->began = start;
    return sa;
}

}  // namespace

TEST_CASE("IKE SA table: found by our SPI, and by its call while half-open") {
    IkeSaTable table;
    IkeSa& sa = table.add(responder(1, 2));
    CHECK(table.find(IkeSpi(2)) == &sa);
    CHECK(table.find(IkeSpi(1)) == nullptr);
    CHECK(table.find_call(there, IkeSpi(1)) == &sa);
    CHECK(table.find_call(here, IkeSpi(1)) == nullptr);
    CHECK(table.find_call({there.address, 4500}, IkeSpi(1)) == nullptr);
    CHECK(table.half_open() == 1);
}

TEST_CASE("IKE SA table: an established IKE SA is not half-open and has no call") {
    IkeSaTable table;
    table.add(responder(1, 2)).state = Established{};
    CHECK(table.settle(IkeSpi(2)) == nullptr);
    CHECK(table.half_open() == 0);
    CHECK(table.size() == 1);
    CHECK(table.find_call(there, IkeSpi(1)) == nullptr);
}

TEST_CASE("IKE SA table: a call is forgotten also if the peer has moved meanwhile") {
    IkeSaTable table;
    IkeSa& sa = table.add(responder(1, 2));
    sa.remote.port = 4500;
    sa.state = Established{};
    table.settle(IkeSpi(2));
    CHECK(table.find_call(there, IkeSpi(1)) == nullptr);
}

TEST_CASE("IKE SA table: unfinished calls are counted by their callers, until they are settled") {
    IkeSaTable table;
    table.add(responder(1, 2));
    IkeSa& second = table.add(responder(3, 4));
    CHECK(table.calls().of(there.address) == 2);
    second.remote.address = here.address;  // goes on from elsewhere
    second.state = Established{};
    table.settle(IkeSpi(4));
    CHECK(table.calls().of(there.address) == 1);
    table.settle(IkeSpi(4));
    CHECK(table.calls().total() == 1);
}

TEST_CASE("IKE SA table: the first message of an established IKE SA is known, others are not") {
    IkeSaTable table;
    auto made = responder(1, 2);
    const Bytes first(100, 1);
    made->window.accepted_request(MessageId(0), MessageWindow::fingerprint(first));
    IkeSa& sa = table.add(std::move(made));
    sa.state = Established{};
    sa.window.accepted_request(MessageId(1), 7);
    table.settle(IkeSpi(2));
    CHECK(table.is_answered(there, IkeSpi(1), first));
    CHECK_FALSE(table.is_answered(there, IkeSpi(1), Bytes(100, 2)));
    CHECK_FALSE(table.is_answered(here, IkeSpi(1), first));
    sa.state = Dead{};
    table.settle(IkeSpi(2));
    CHECK_FALSE(table.is_answered(there, IkeSpi(1), first));
}

TEST_CASE("IKE SA table: of two calls with one SPI the later one is found, whichever ends first") {
    IkeSaTable table;
    table.add(responder(1, 2)).state = Established{};
    table.settle(IkeSpi(2));
    IkeSa& later = table.add(responder(1, 3));
    CHECK(table.find_call(there, IkeSpi(1)) == &later);
    table.find(IkeSpi(2))->state = Dead{};
    table.settle(IkeSpi(2));
    CHECK(table.find_call(there, IkeSpi(1)) == &later);
}

TEST_CASE("IKE SA table: a dead IKE SA leaves and is handed over") {
    IkeSaTable table;
    table.add(responder(1, 2)).state = Dead{};
    const auto dead = table.settle(IkeSpi(2));
    REQUIRE(dead);
    CHECK(dead->own_spi() == IkeSpi(2));
    CHECK(table.size() == 0);
    CHECK(table.half_open() == 0);
    CHECK(table.find_call(there, IkeSpi(1)) == nullptr);
    CHECK(table.settle(IkeSpi(2)) == nullptr);
}

TEST_CASE("C11 IKE SA table: a call that failed keeps its place until negotiate-timeout") {
    IkeSaTable table;
    table.add(responder(1, 2)).state = Dead{};
    table.add(responder(3, 4)).state = Established{};
    table.settle(IkeSpi(2));
    table.settle(IkeSpi(4));
    CHECK(table.calls().of(there.address) == 1);
    const Duration timeout = config::Phase1{}.negotiate_timeout;
    table.expire_calls(start + timeout - std::chrono::seconds(1));
    CHECK(table.calls().total() == 1);
    table.expire_calls(start + timeout);
    CHECK(table.calls().total() == 0);
}

TEST_CASE("IKE SA table: new SPIs are neither zero nor in use; the list of all is sorted") {
    IkeSaTable table;
    table.add(responder(1, 9));
    table.add(responder(1, 3));
    CHECK(table.all() == std::vector{IkeSpi(3), IkeSpi(9)});
    test::SeededRandom random(1);
    const IkeSpi spi = table.new_spi(random);
    CHECK(spi != IkeSpi(0));
    CHECK(table.find(spi) == nullptr);
}
