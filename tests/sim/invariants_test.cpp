// That the invariants see what is wrong, and nothing where all is well.
#include "support/invariants.hpp"

#include "ike/timers.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"
#include "support/report.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;

TEST_CASE("invariants: an established tunnel violates none") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.world.run_for(seconds(1));
    CHECK(check_quiet(pair.world).empty());
    CHECK(check_converged(pair.west, pair.east).empty());
    CHECK(check_nothing_in_clear(pair.west).empty());
}

TEST_CASE("invariants: an SA that somebody took out of the kernel is missed, by its SPI") {
    Pair pair;
    REQUIRE(pair.connect());
    const auto lost = pair.west.kernel.sas().begin()->first;
    REQUIRE(pair.west.kernel.expire(lost, true));
    const Violations violations = check_always(pair.world);
    REQUIRE(violations.size() == 1);
    CHECK(violations[0].starts_with("west: SA "));
    CHECK(violations[0].ends_with(lost.destination.to_text() + " is not in the kernel"));
}

TEST_CASE("invariants: an SA that no engine knows of is seen") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.west.crash();
    pair.west.start(pair.world.now());
    CHECK(check_always(pair.world).empty());
    xfrm::InstallSa stray;
    const xfrm::InstallSa& like = pair.east.kernel.sas().begin()->second.install;
    stray.source = like.source;
    stray.destination = like.destination;
    stray.spi = EspSpi(0x1234);
    stray.reqid = like.reqid;
    stray.suite = like.suite;
    stray.keys = {like.keys.encryption.clone(), like.keys.integrity.clone()};
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(std::move(stray));
    REQUIRE(pair.west.kernel.run(operations).front().ok());
    REQUIRE(check_always(pair.world).size() == 1);
    CHECK(check_always(pair.world)[0].find("00001234") != std::string::npos);
}

TEST_CASE("invariants: an SA with another key than the other end's is seen") {
    Pair pair;
    REQUIRE(pair.connect());
    const auto& [id, held] = *pair.west.kernel.sas().begin();
    xfrm::InstallSa other;
    other.direction = held.install.direction;
    other.source = held.install.source;
    other.destination = held.install.destination;
    other.spi = held.install.spi;
    other.reqid = held.install.reqid;
    other.suite = held.install.suite;
    other.keys.encryption = Secret(Bytes(held.install.keys.encryption.size(), 1));
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(xfrm::DeleteSa{other.source, other.destination, other.spi});
    operations.emplace_back(std::move(other));
    for (const xfrm::OperationResult& result : pair.west.kernel.run(operations))
        REQUIRE(result.ok());
    REQUIRE(check_always(pair.world).size() == 1);
    CHECK(check_always(pair.world)[0].ends_with("keys or algorithms differ"));
}

TEST_CASE("invariants: packets that no policy takes leave in clear text") {
    Pair pair;
    REQUIRE(pair.connect());
    pair.west.kernel.flush();
    CHECK(check_nothing_in_clear(pair.west) ==
          Violations{"west: packets of tunnel-net leave in clear text"});
}

TEST_CASE("invariants: an exchange in progress is not quiet, nor is a tunnel that is down one") {
    Pair pair;
    pair.world.hold();
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    CHECK(check_always(pair.world).empty());
    CHECK(to_text(check_quiet(pair.world)).find("INIT_SENT, awaits a response") !=
          std::string::npos);
    CHECK(check_converged(pair.west, pair.east).size() == 3);
}

TEST_CASE("invariants: only a gateway that was told so has stopped") {
    Pair pair;
    REQUIRE(pair.connect());
    CHECK(check_stopped(pair.west).size() == 6);
    pair.west.handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(ike::stop_grace);
    CHECK(check_empty(pair.west).empty());
    CHECK(check_quiet(pair.world).empty());
}

TEST_CASE("invariants: the report of a failure has the events and the datagrams") {
    Pair pair;
    REQUIRE(pair.connect());
    const std::string report = last_happenings(pair.world, 3);
    CHECK(report.find("west, ") != std::string::npos);
    CHECK(report.find("4 datagrams left:") != std::string::npos);
    CHECK(report.find("east -> west: IKE_AUTH response 1") != std::string::npos);
    CHECK(report.find("request 0") == std::string::npos);
}
