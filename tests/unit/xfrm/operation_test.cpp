#include "xfrm/operation.hpp"

#include <cerrno>

#include "samples.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

TEST_CASE("operation: selectors as text") {
    CHECK(site_selector().to_text() == "10.1.0.0/24 -> 10.2.0.0/16");
    const Selector ports{net("10.1.0.0/24"), net("10.2.0.0/16"), 6, 1024, 0xfc00, 80, 0xffff};
    CHECK(ports.to_text() == "10.1.0.0/24 ports 1024-2047 -> 10.2.0.0/16 port 80 protocol 6");
}

TEST_CASE("operation: operations as text") {
    CHECK(to_text(gcm_sa()) == "install outbound SA c1234567 to 192.0.2.2");
    CHECK(to_text(DeleteSa{ip("192.0.2.1"), ip("192.0.2.2"), EspSpi(0x100)}) ==
          "delete SA 00000100 to 192.0.2.2");
    CHECK(to_text(QuerySa{ip("::1"), ip("::2"), EspSpi(0x100)}) == "query SA 00000100 to ::2");
    CHECK(to_text(out_policy()) == "install outbound policy 10.1.0.0/24 -> 10.2.0.0/16");
    CHECK(to_text(DeletePolicy{Direction::forward, site_selector(), IfId(7)}) ==
          "delete forward policy 10.1.0.0/24 -> 10.2.0.0/16 of interface id 7");
    CHECK(to_text(QueryPolicy{Direction::in, site_selector(), IfId{}}) ==
          "query inbound policy 10.1.0.0/24 -> 10.2.0.0/16");
    CHECK(to_text(CreateInterface{"to-hq", IfId(7), 2, 1400}) ==
          "create interface to-hq with id 7");
    CHECK(to_text(DeleteInterface{"to-hq", IfId(7)}) == "delete interface to-hq");
    CHECK(to_text(QueryRoute{ip("192.0.2.1"), ip("192.0.2.2")}) ==
          "find a route from 192.0.2.1 to 192.0.2.2");
}

TEST_CASE("operation: results as text") {
    OperationResult result;
    CHECK(result.to_text() == "ok");
    result.message = "Device failed to offload this state";
    CHECK(result.to_text() == "ok, with a warning: Device failed to offload this state");
    result.error = EINVAL;
    result.message = "Invalid key length";
    CHECK(result.to_text() == "EINVAL: Invalid key length");
    result.message.clear();
    CHECK(result.to_text() == "EINVAL: Invalid argument");
    result.error = 3999;
    CHECK(result.to_text() == "error 3999: ");
}

TEST_CASE("operation: own reqids and indices are told by their high octet") {
    CHECK(is_own(Reqid(0x58000001)));
    CHECK_FALSE(is_own(Reqid(1)));
    CHECK(is_own(PolicyIndex(0x58ffffff)));
    CHECK_FALSE(is_own(PolicyIndex(0x59000000)));
}

TEST_CASE("operation: a policy index is ours, and ends with the direction") {
    CHECK(policy_index(3, Direction::in) == PolicyIndex(0x58000018));
    CHECK(policy_index(3, Direction::out) == PolicyIndex(0x58000019));
    CHECK(policy_index(3, Direction::forward) == PolicyIndex(0x5800001a));
    CHECK(policy_index(4, Direction::in) == PolicyIndex(0x58000020));
    CHECK(is_own(policy_index(policy_slots - 1, Direction::forward)));
}

TEST_CASE("operation: an index of ours gives its slot back") {
    for (std::uint32_t slot : {0U, 1U, 77U, xfrm::policy_slots - 1})
        for (auto direction : {xfrm::Direction::in, xfrm::Direction::out, xfrm::Direction::forward})
            CHECK(xfrm::policy_slot(xfrm::policy_index(slot, direction)) == slot);
}

TEST_CASE(
    "operation: a policy is ours by its index or by its template; blocked it keeps its place") {
    xfrm::PolicyStatus policy;
    CHECK_FALSE(xfrm::is_own(policy));
    policy.tmpl.emplace().reqid = Reqid(xfrm::own_reqid_prefix | 3);
    CHECK(xfrm::is_own(policy));
    policy.tmpl->reqid = Reqid(3);
    CHECK_FALSE(xfrm::is_own(policy));
    policy.index = xfrm::policy_index(5, xfrm::Direction::forward);
    policy.direction = xfrm::Direction::forward;
    policy.if_id = IfId(9);
    policy.priority = 1234;
    CHECK(xfrm::is_own(policy));
    const xfrm::InstallPolicy blocking = xfrm::blocking(policy);
    CHECK(blocking.direction == policy.direction);
    CHECK(blocking.index == policy.index);
    CHECK(blocking.if_id == policy.if_id);
    CHECK(blocking.priority == policy.priority);
    CHECK(blocking.action == xfrm::PolicyAction::block);
    CHECK_FALSE(blocking.tmpl);
    CHECK(blocking.replace);
}
