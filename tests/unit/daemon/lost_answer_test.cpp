#include "daemon/lost_answer.hpp"

#include <cerrno>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

TEST_CASE("lost answer: an installation is verified by a query of the same object") {
    xfrm::InstallSa install;
    install.destination = IpAddress::from_text("192.0.2.1").value();
    install.spi = EspSpi(0x1234);
    const auto query = verification(xfrm::Operation(std::move(install)));
    REQUIRE(query);
    const auto* sa = std::get_if<xfrm::QuerySa>(&*query);
    REQUIRE(sa);
    CHECK(sa->spi == EspSpi(0x1234));
    CHECK(sa->destination.to_text() == "192.0.2.1");
}

TEST_CASE("lost answer: an SPI that was allocated belongs to an SA that can be queried") {
    xfrm::AllocateSpi allocate;
    allocate.spi = EspSpi(0x1234);
    const auto query = verification(allocate);
    REQUIRE(query);
    CHECK(std::get<xfrm::QuerySa>(*query).spi == EspSpi(0x1234));
    CHECK(judge(allocate, true).ok());
}

TEST_CASE("lost answer: what exists was installed, what does not was deleted") {
    const xfrm::Operation install = xfrm::InstallPolicy{};
    CHECK(judge(install, true).ok());
    CHECK(judge(install, false).error == ENOBUFS);
    const xfrm::Operation remove = xfrm::DeletePolicy{};
    CHECK(judge(remove, false).ok());
    CHECK(judge(remove, true).error == ENOBUFS);
}

TEST_CASE("lost answer: interfaces have no query among the operations") {
    CHECK_FALSE(verification(xfrm::CreateInterface{}));
    CHECK(judge(xfrm::DeleteInterface{}, false).ok());
}

TEST_CASE("lost answer: other ports are verified by a query of their SA") {
    xfrm::UpdatePorts update;
    update.sa.spi = EspSpi(0x1234);
    const xfrm::Operation operation(std::move(update));
    CHECK(std::get<xfrm::QuerySa>(*verification(operation)).spi == EspSpi(0x1234));
    CHECK(judge(operation, true).ok());
    CHECK(judge(operation, false).error == ENOBUFS);
}
