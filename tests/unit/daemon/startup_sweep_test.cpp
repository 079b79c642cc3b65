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

/// A configuration of one route-based tunnel.
config::Config with_tunnel(const char* name) {
    auto phase1 = std::make_shared<config::Phase1>();
    phase1->name = name;
    phase1->route_based = true;
    config::Config config;
    config.phase1s.push_back(std::move(phase1));
    return config;
}

}  // namespace

TEST_CASE("F18 startup sweep: our own policies block before our SAs go, others stay") {
    const KernelState state{{policy(own_index, IfId(1)), policy(PolicyIndex(8), IfId(2))},
                            {sa(EspSpi(0x100), own_reqid), sa(EspSpi(0x101), Reqid(1))},
                            {}};
    const auto operations = sweep_operations(state, {});
    REQUIRE(operations.size() == 2);
    const auto* first = std::get_if<xfrm::InstallPolicy>(&operations[0]);
    REQUIRE(first);
    CHECK(first->if_id == IfId(1));
    CHECK(first->index == own_index);
    CHECK(first->action == xfrm::PolicyAction::block);
    CHECK_FALSE(first->tmpl);
    CHECK(first->replace);
    const auto* second = std::get_if<xfrm::DeleteSa>(&operations[1]);
    REQUIRE(second);
    CHECK(second->spi == EspSpi(0x100));
    const auto left = left_behind(state, {});
    REQUIRE(left.policies.size() == 1);
    CHECK(left.policies[0].index == own_index);
}

TEST_CASE("startup sweep: a policy whose index the kernel chose is known by its template") {
    xfrm::PolicyStatus moved = policy(PolicyIndex(9), IfId(1));
    moved.tmpl.emplace().reqid = own_reqid;
    CHECK(sweep_operations({{moved}, {}, {}}, {}).size() == 1);
}

TEST_CASE("startup sweep: an acquire that waits has no SPI and cannot be deleted") {
    CHECK(sweep_operations({{}, {sa(EspSpi{}, own_reqid)}, {}}, {}).empty());
}

TEST_CASE("sweep: all that bears our numbers goes, and nothing else") {
    const KernelState state{{policy(own_index, IfId(1)), policy(PolicyIndex(8), IfId(2))},
                            {sa(EspSpi(0x100), own_reqid), sa(EspSpi(0x101), Reqid(1))},
                            {{"to-hq", IfId(xfrm::own_reqid_prefix | 1)}, {"foreign", IfId(7)}}};
    std::vector<std::string> texts;
    for (const xfrm::Operation& operation : removal_operations(state))
        texts.push_back(xfrm::to_text(operation));
    REQUIRE(texts.size() == 3);
    CHECK(texts[0].starts_with("delete SA"));
    CHECK(texts[1] == "delete interface to-hq");
    CHECK(texts[2].starts_with("delete outbound policy"));
}

TEST_CASE("F18 startup sweep: interfaces go by our interface ids; a configured tunnel's stays") {
    const KernelState state{
        {}, {}, {{"to-hq", IfId(xfrm::own_reqid_prefix | 1)}, {"foreign", IfId(7)}}};
    const auto operations = sweep_operations(state, {});
    REQUIRE(operations.size() == 1);
    CHECK(std::get<xfrm::DeleteInterface>(operations[0]).name == "to-hq");
    CHECK(sweep_operations(state, with_tunnel("to-hq")).empty());
    const auto left = left_behind(state, with_tunnel("to-hq"));
    REQUIRE(left.devices.size() == 1);
    CHECK(left.devices[0].name == "to-hq");
    CHECK(left_behind(state, with_tunnel("foreign")).devices.empty());
}
