#include "daemon/startup_sweep.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

constexpr Reqid own_reqid{xfrm::own_reqid_prefix | 1};
constexpr PolicyIndex own_index{xfrm::own_index_prefix | 8};

xfrm::SaStatus sa(EspSpi spi, Reqid reqid) {
    xfrm::SaStatus status;
    status.spi = spi;
    status.reqid = reqid;
    return status;
}

xfrm::PolicyStatus policy(PolicyIndex index, IfId if_id) {
    xfrm::PolicyStatus status;
    status.index = index;
    status.if_id = if_id;
    return status;
}

}  // namespace

TEST_CASE("startup sweep: our own SAs and policies go, policies first, others stay") {
    const auto operations =
        sweep_operations({policy(own_index, IfId(1)), policy(PolicyIndex(8), IfId(2))},
                         {sa(EspSpi(0x100), own_reqid), sa(EspSpi(0x101), Reqid(1))}, {});
    REQUIRE(operations.size() == 2);
    const auto* first = std::get_if<xfrm::DeletePolicy>(&operations[0]);
    REQUIRE(first);
    CHECK(first->if_id == IfId(1));
    const auto* second = std::get_if<xfrm::DeleteSa>(&operations[1]);
    REQUIRE(second);
    CHECK(second->spi == EspSpi(0x100));
}

TEST_CASE("startup sweep: a policy whose index the kernel chose is known by its template") {
    xfrm::PolicyStatus moved = policy(PolicyIndex(9), IfId(1));
    moved.tmpl.emplace().reqid = own_reqid;
    CHECK(sweep_operations({moved}, {}, {}).size() == 1);
}

TEST_CASE("startup sweep: an acquire that waits has no SPI and cannot be deleted") {
    CHECK(sweep_operations({}, {sa(EspSpi{}, own_reqid)}, {}).empty());
}

TEST_CASE("startup sweep: interfaces go by our interface ids, never by their names") {
    const auto operations = sweep_operations(
        {}, {}, {{"to-hq", IfId(xfrm::own_reqid_prefix | 1)}, {"foreign", IfId(7)}});
    REQUIRE(operations.size() == 1);
    CHECK(std::get<xfrm::DeleteInterface>(operations[0]).name == "to-hq");
}
