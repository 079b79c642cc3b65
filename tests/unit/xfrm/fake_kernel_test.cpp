#include "support/fake_kernel.hpp"

#include <cerrno>

#include "samples.hpp"
#include "support/catch.hpp"
#include "xfrm/install_child.hpp"
#include "xfrm/selectors.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

namespace {

template <class Op>
OperationResult run(FakeKernel& kernel, Op&& operation) {
    std::vector<Operation> one;
    one.emplace_back(std::forward<Op>(operation));
    return std::move(kernel.run(one)[0]);
}

/// One end of a tunnel between 192.0.2.1 with 10.1.0.0/24 and 192.0.2.2 with 10.2.0.0/16.
ChildInstall end_of_tunnel(bool first, IfId if_id = IfId{},
                           const Selector& from_second = {net("10.2.0.0/16"), net("10.1.0.0/24")}) {
    ChildInstall child{.inbound = gcm_sa(),
                       .outbound = gcm_sa(),
                       .selectors = {first ? site_selector() : from_second},
                       .inbound_policies = {},
                       .outbound_policies = {}};
    const IpAddress local = ip(first ? "192.0.2.1" : "192.0.2.2");
    const IpAddress remote = ip(first ? "192.0.2.2" : "192.0.2.1");
    for (InstallSa* sa : {&child.inbound, &child.outbound}) {
        const bool inbound = sa == &child.inbound;
        sa->direction = inbound ? Direction::in : Direction::out;
        sa->source = inbound ? remote : local;
        sa->destination = inbound ? local : remote;
        sa->spi = EspSpi(inbound == first ? 0xc1000001 : 0xc2000002);
        sa->keys.encryption = counted_key(20, inbound == first ? 1 : 100);
        sa->if_id = if_id;
    }
    for (Direction direction : {Direction::in, Direction::forward, Direction::out}) {
        const InstallSa& sa = direction == Direction::out ? child.outbound : child.inbound;
        InstallPolicy policy;
        policy.direction = direction;
        policy.selector =
            direction == Direction::out ? child.selectors[0] : reversed(child.selectors[0]);
        policy.if_id = if_id;
        policy.tmpl = PolicyTemplate{sa.source, sa.destination, sa.reqid, sa.mode, std::nullopt};
        auto& policies =
            direction == Direction::out ? child.outbound_policies : child.inbound_policies;
        policies.emplace_back(std::move(policy));
    }
    return child;
}

const Packet there{ip("10.1.0.5"), ip("10.2.0.9"), 17, 1000, 53};
const Packet back{ip("10.2.0.9"), ip("10.1.0.5"), 17, 53, 1000};

}  // namespace

TEST_CASE("FakeKernel: an SA of the same destination and SPI exists already") {
    FakeKernel kernel;
    CHECK(run(kernel, gcm_sa()).ok());
    CHECK(run(kernel, gcm_sa()).error == EEXIST);
    InstallSa other = gcm_sa();
    other.destination = ip("192.0.2.3");
    CHECK(run(kernel, std::move(other)).ok());
    CHECK(kernel.sas().size() == 2);
    CHECK(kernel.count_sas(Direction::out) == 2);
}

TEST_CASE("FakeKernel: keys of the wrong size and suites without integrity are refused") {
    FakeKernel kernel;
    InstallSa sa = gcm_sa();
    sa.keys.encryption = counted_key(16, 0);
    CHECK(run(kernel, std::move(sa)).error == EINVAL);
    sa = cbc_sa();
    sa.suite.integrity = wire::IntegrityId::none;
    CHECK(run(kernel, std::move(sa)).error == EINVAL);
    CHECK(kernel.empty());
}

TEST_CASE("FakeKernel: queries answer with what is there") {
    FakeKernel kernel;
    run(kernel, cbc_sa());
    kernel.count({ip("192.0.2.2"), EspSpi(0xc1234567)}, 3, 300);
    const QuerySa query{ip("192.0.2.1"), ip("192.0.2.2"), EspSpi(0xc1234567)};
    const auto status = std::get<SaStatus>(run(kernel, QuerySa(query)).status);
    CHECK(status.cipher == "cbc(aes)");
    CHECK(status.integrity == "hmac(sha256)");
    CHECK(status.key_bits == 128);
    CHECK(status.packets == 3);
    CHECK(status.bytes == 300);
    CHECK(run(kernel, DeleteSa{query.source, query.destination, query.spi}).ok());
    CHECK(run(kernel, DeleteSa{query.source, query.destination, query.spi}).error == ESRCH);
    CHECK(run(kernel, QuerySa(query)).error == ESRCH);
}

TEST_CASE("FakeKernel: UPDPOLICY replaces and keeps the index, interface ids tell policies apart") {
    FakeKernel kernel;
    CHECK(run(kernel, out_policy()).ok());
    InstallPolicy again = out_policy();
    again.priority = 7;
    again.index = PolicyIndex(0x58000081);
    CHECK(run(kernel, InstallPolicy(again)).ok());
    REQUIRE(kernel.policies().size() == 1);
    CHECK(kernel.policies()[0].index == PolicyIndex(0x58000019));
    CHECK(kernel.policies()[0].priority == 7);

    again.if_id = IfId(7);
    again.index = PolicyIndex(0x58000019);
    CHECK(run(kernel, InstallPolicy(again)).ok());
    const auto status = std::get<PolicyStatus>(
        run(kernel, QueryPolicy{Direction::out, site_selector(), IfId(7)}).status);
    CHECK_FALSE(is_own(status.index));
    CHECK(run(kernel, DeletePolicy{Direction::out, site_selector(), IfId(8)}).error == ENOENT);
    CHECK(run(kernel, QueryPolicy{Direction::in, site_selector(), IfId{}}).error == ENOENT);
    again.index = PolicyIndex(0x5800001a);
    CHECK(run(kernel, InstallPolicy(again)).error == EINVAL);
}

TEST_CASE("FakeKernel: names and interface ids of interfaces are unique") {
    FakeKernel kernel;
    CHECK(run(kernel, CreateInterface{"a", IfId(1), 0, 0}).ok());
    CHECK(run(kernel, CreateInterface{"a", IfId(2), 0, 0}).error == EEXIST);
    CHECK(run(kernel, CreateInterface{"b", IfId(1), 0, 0}).error == EEXIST);
    CHECK(run(kernel, CreateInterface{"c", IfId(0), 0, 0}).error == EINVAL);
    CHECK(run(kernel, CreateInterface{"sixteen-octets--", IfId(3), 0, 0}).error == ERANGE);
    CHECK(kernel.interfaces().size() == 1);
    CHECK(run(kernel, DeleteInterface{"a", IfId(1)}).ok());
    CHECK(run(kernel, DeleteInterface{"a", IfId(1)}).error == ENODEV);
}

TEST_CASE("FakeKernel: refuses what it was told to, once") {
    FakeKernel kernel;
    kernel.refuse(1, ENOMEM, "full");
    CHECK(run(kernel, out_policy()).ok());
    CHECK(run(kernel, gcm_sa()).to_text() == "ENOMEM: full");
    CHECK(run(kernel, gcm_sa()).ok());
}

TEST_CASE("FakeKernel: a hard expiry takes the SA away, a soft one does not") {
    FakeKernel kernel;
    run(kernel, gcm_sa());
    const FakeKernel::SaId id{ip("192.0.2.2"), EspSpi(0xc1234567)};
    CHECK_FALSE(kernel.expire(id, false)->hard);
    CHECK(kernel.sas().size() == 1);
    CHECK(kernel.expire(id, true)->reqid == Reqid(0x58000001));
    CHECK(kernel.empty());
    CHECK_FALSE(kernel.expire(id, true));
}

TEST_CASE("FakeKernel: packets leave in clear, are blocked, wait for an SA, or go through it") {
    FakeKernel kernel;
    using Fate = FakeKernel::Fate;
    CHECK(kernel.outbound(there).fate == Fate::clear);
    run(kernel, out_policy());
    const auto waiting = kernel.outbound(there);
    CHECK(waiting.fate == Fate::no_sa);
    REQUIRE(waiting.acquire);
    CHECK(waiting.acquire->policy == PolicyIndex(0x58000019));
    CHECK(waiting.acquire->flow.destination_port == 53);
    run(kernel, gcm_sa());
    CHECK(kernel.outbound(there).fate == Fate::protected_);
    CHECK(kernel.outbound(there, IfId(7)).fate == Fate::clear);
    InstallPolicy block = out_policy();
    block.selector = {net("10.1.0.5"), net("10.2.0.0/16")};
    block.index = {};
    block.priority = 1;
    block.action = PolicyAction::block;
    run(kernel, std::move(block));
    CHECK(kernel.outbound(there).fate == Fate::blocked);
}

TEST_CASE("FakeKernel: the newest SA is used unless the policy pins one") {
    FakeKernel kernel;
    run(kernel, out_policy());
    run(kernel, gcm_sa());
    InstallSa newer = gcm_sa();
    newer.spi = EspSpi(0xc0000001);
    run(kernel, std::move(newer));
    CHECK(kernel.outbound(there).sa->install.spi == EspSpi(0xc0000001));
    InstallPolicy pinned = out_policy();
    pinned.tmpl->spi = EspSpi(0xc1234567);
    run(kernel, std::move(pinned));
    CHECK(kernel.outbound(there).sa->install.spi == EspSpi(0xc1234567));
}

TEST_CASE("FakeKernel: two ends agree when packets pass both ways") {
    for (IfId if_id : {IfId{}, IfId(7)}) {
        FakeKernel west, east;
        for (const auto& result : west.run(install_child(end_of_tunnel(true, if_id))))
            CHECK(result.ok());
        CHECK_FALSE(would_pass(west, if_id, east, there));
        for (const auto& result : east.run(install_child(end_of_tunnel(false))))
            CHECK(result.ok());
        CHECK(would_pass(west, if_id, east, there));
        CHECK(would_pass(east, IfId{}, west, back));
        CHECK_FALSE(would_pass(west, if_id, east, {ip("10.9.0.1"), ip("10.2.0.9")}));
    }
}

TEST_CASE("FakeKernel: different keys do not pass, nor what the receiver's selector excludes") {
    FakeKernel west, east;
    west.run(install_child(end_of_tunnel(true)));
    ChildInstall wrong = end_of_tunnel(false);
    wrong.inbound.keys.encryption = counted_key(20, 50);
    east.run(install_child(std::move(wrong)));
    CHECK_FALSE(would_pass(west, IfId{}, east, there));
    CHECK(would_pass(east, IfId{}, west, back));

    FakeKernel narrow;
    const Selector narrower{net("10.2.0.0/24"), net("10.1.0.0/28")};
    narrow.run(install_child(end_of_tunnel(false, IfId{}, narrower)));
    CHECK(would_pass(west, IfId{}, narrow, there));
    CHECK_FALSE(would_pass(west, IfId{}, narrow, {ip("10.1.0.200"), ip("10.2.0.9")}));
    narrow.flush();
    CHECK(narrow.empty());
}

TEST_CASE("FakeKernel: one ACQUIRE until the SA comes, is cancelled, or the kernel gives up") {
    FakeKernel kernel;
    const Instant start{std::chrono::seconds(1000)};
    run(kernel, out_policy());
    const auto first = kernel.send(there, IfId{}, start);
    CHECK(first.fate == FakeKernel::Fate::no_sa);
    REQUIRE(first.acquire);
    CHECK(first.acquire->sequence == 1);
    CHECK_FALSE(kernel.send(there, IfId{}, start).acquire);
    CHECK(kernel.send(there, IfId{}, start + larval_lifetime).acquire->sequence == 2);
    CHECK(kernel.larvals().size() == 1);

    // Without an SPI it cannot be deleted.
    CHECK(run(kernel, DeleteSa{ip("192.0.2.1"), ip("192.0.2.2"), EspSpi{}}).error == ESRCH);
    AllocateSpi allocate;
    allocate.source = ip("192.0.2.1");
    allocate.destination = ip("192.0.2.2");
    allocate.spi = EspSpi(0xc0000009);
    allocate.sequence = 2;
    CHECK(run(kernel, allocate).ok());
    CHECK_FALSE(kernel.send(there, IfId{}, start + larval_lifetime).acquire);
    CHECK(run(kernel, DeleteSa{ip("192.0.2.1"), ip("192.0.2.2"), EspSpi(0xc0000009)}).ok());
    CHECK(kernel.send(there, IfId{}, start + larval_lifetime).acquire->sequence == 3);

    CHECK(run(kernel, gcm_sa()).ok());
    CHECK(kernel.larvals().empty());
    CHECK(kernel.send(there, IfId{}, start).fate == FakeKernel::Fate::protected_);
    CHECK(kernel.sas().begin()->second.packets == 1);
}

TEST_CASE("FakeKernel: an SA answers an ACQUIRE by its number whatever else it is") {
    FakeKernel kernel;
    run(kernel, out_policy());
    const auto acquire = kernel.send(there, IfId{}, Instant{}).acquire;
    REQUIRE(acquire);
    InstallSa other = gcm_sa();
    other.reqid = Reqid(0x58000002);
    CHECK(run(kernel, std::move(other)).ok());
    CHECK(kernel.larvals().size() == 1);
    InstallSa answer = gcm_sa();
    answer.spi = EspSpi(0xc0000003);
    answer.reqid = Reqid(0x58000002);
    answer.acquire_sequence = acquire->sequence;
    CHECK(run(kernel, std::move(answer)).ok());
    CHECK(kernel.larvals().empty());
}

TEST_CASE("FakeKernel: the first packet after a limit was reached finds out") {
    FakeKernel kernel;
    InstallSa sa = gcm_sa();
    sa.limits.soft_bytes = 1000;
    sa.limits.hard_bytes = 2000;
    const FakeKernel::SaId id{sa.destination, sa.spi};
    run(kernel, std::move(sa));
    CHECK(kernel.count(id, 10, 1000));
    CHECK(kernel.take_events().empty());
    CHECK(kernel.count(id, 1, 100));
    CHECK(kernel.count(id, 9, 900));
    const auto soft = kernel.take_events();
    REQUIRE(soft.size() == 1);
    CHECK_FALSE(std::get<Expire>(soft[0]).hard);
    CHECK_FALSE(kernel.count(id, 1, 100));
    const auto hard = kernel.take_events();
    REQUIRE(hard.size() == 1);
    CHECK(std::get<Expire>(hard[0]).hard);
    CHECK(kernel.sas().empty());
    CHECK_FALSE(kernel.count(id, 1, 100));
}

TEST_CASE("FakeKernel: a packet that is delivered counts at both ends") {
    FakeKernel west, east;
    west.run(install_child(end_of_tunnel(true)));
    east.run(install_child(end_of_tunnel(false)));
    CHECK(deliver(west, IfId{}, east, there, Instant{}, 60));
    CHECK(west.find(EspSpi(0xc2000002), Direction::out)->bytes == 60);
    CHECK(east.find(EspSpi(0xc2000002), Direction::in)->packets == 1);
    east.flush();
    CHECK_FALSE(deliver(west, IfId{}, east, there, Instant{}));
    CHECK(west.find(EspSpi(0xc2000002), Direction::out)->packets == 2);
}

TEST_CASE("FakeKernel: traps and blocks stand without SAs, pinned policies do not") {
    FakeKernel kernel;
    CHECK(kernel.holds_only_standing());
    run(kernel, out_policy());
    CHECK(kernel.holds_only_standing());
    InstallPolicy pinned = out_policy();
    pinned.tmpl->spi = EspSpi(0xc1234567);
    run(kernel, std::move(pinned));
    CHECK_FALSE(kernel.holds_only_standing());
}
