#include "ike/policy_table.hpp"

#include <cerrno>
#include <set>

#include "support/catch.hpp"
#include "support/fake_kernel.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;
using xfrm::Direction;
using xfrm::Mode;
using xfrm::Selector;

namespace {

Selector between(const char* source, const char* destination) {
    return {.source = *Subnet::from_text(source), .destination = *Subnet::from_text(destination)};
}

IpAddress ip(const char* text) {
    return *IpAddress::from_text(text);
}

const std::vector<Selector> two{between("10.1.0.0/24", "10.2.0.0/24"),
                                between("10.1.0.0/24", "10.3.0.0/24")};
const std::span<const Selector> one = std::span(two).first(1);

PolicyUse use(std::uint32_t spi_out, std::uint32_t reqid = 1) {
    PolicyUse use;
    use.owner.reqid = Reqid(xfrm::own_reqid_prefix | reqid);
    use.reqid = use.owner.reqid;
    use.local = ip("192.0.2.1");
    use.remote = ip("192.0.2.2");
    use.spi_out = EspSpi(spi_out);
    return use;
}

const PolicyUse trap = use(0);

/// A table over a kernel that answers at once, or when it is told to.
struct PolicyBench {
    PolicyTable table;
    FakeKernel kernel;

    std::vector<xfrm::OperationResult> run(const std::vector<xfrm::PolicyOperation>& policies) {
        std::vector<xfrm::Operation> operations;
        xfrm::append(operations, policies);
        auto results = kernel.run(operations);
        const auto overdue = table.on_answers(policy_steps(operations), results);
        if (!overdue.empty()) run(overdue);
        return results;
    }
    bool claim(std::span<const Selector> selectors, EspSpi holder, const PolicyUse& use,
               IfId if_id = IfId{}) {
        const auto operations = table.claim(selectors, if_id, holder, use);
        if (operations) run(*operations);
        return operations.has_value();
    }
    void activate(std::span<const Selector> selectors, EspSpi holder, IfId if_id = IfId{}) {
        run(table.activate(selectors, if_id, holder));
    }
    void add(std::span<const Selector> selectors, EspSpi holder, const PolicyUse& use,
             IfId if_id = IfId{}) {
        REQUIRE(claim(selectors, holder, use, if_id));
        activate(selectors, holder, if_id);
    }
    void release(std::span<const Selector> selectors, EspSpi holder, IfId if_id = IfId{}) {
        const PolicyChange change = table.release(selectors, if_id, holder);
        run(change.outbound);
        run(change.inbound);
    }
    const xfrm::InstallPolicy* policy(const Selector& selector, Direction direction) const {
        for (const auto& policy : kernel.policies())
            if (policy.selector == selector && policy.direction == direction) return &policy;
        return nullptr;
    }
    /// What the first selector's outbound policy pins: an SPI, 0 for a trap, -1 without a policy.
    std::int64_t pinned() const {
        const auto* out = policy(two[0], Direction::out);
        if (out == nullptr) return -1;
        return out->tmpl->spi.value_or(EspSpi{}).value();
    }
};

}  // namespace

TEST_CASE("policy table: who claims alone takes everything away again") {
    PolicyBench bench;
    CHECK(bench.claim(two, EspSpi(1), use(101)));
    CHECK(bench.kernel.policies().size() == 4);
    CHECK(bench.policy(two[0], Direction::out) == nullptr);
    bench.activate(two, EspSpi(1));
    CHECK(bench.kernel.policies().size() == 6);
    bench.release(two, EspSpi(1));
    CHECK(bench.kernel.empty());
    CHECK(bench.table.size() == 0);
}

TEST_CASE("policy table: templates look each their own way, only the outbound one is pinned") {
    PolicyBench bench;
    bench.add(one, EspSpi(1), use(101));
    const Selector back = between("10.2.0.0/24", "10.1.0.0/24");
    const xfrm::PolicyTemplate in{ip("192.0.2.2"), ip("192.0.2.1"), use(0).owner.reqid,
                                  Mode::tunnel, std::nullopt};
    CHECK(bench.policy(back, Direction::in)->tmpl == in);
    CHECK(bench.policy(back, Direction::forward)->tmpl == in);
    CHECK(bench.policy(two[0], Direction::out)->tmpl ==
          xfrm::PolicyTemplate{ip("192.0.2.1"), ip("192.0.2.2"), use(0).owner.reqid, Mode::tunnel,
                               EspSpi(101)});
}

TEST_CASE("policy table: the standing holder's outbound policy is a trap") {
    PolicyBench bench;
    bench.add(one, standing_holder, trap);
    CHECK(bench.kernel.policies().size() == 3);
    CHECK(bench.pinned() == 0);
    bench.release(one, standing_holder);
    CHECK(bench.kernel.empty());
}

TEST_CASE(
    "policy table: a Child SA takes the outbound policy over from the trap and gives it back") {
    PolicyBench bench;
    bench.add(one, standing_holder, trap);
    const auto claimed = bench.table.claim(one, IfId{}, EspSpi(1), use(101));
    REQUIRE(claimed);
    CHECK(claimed->empty());
    CHECK(bench.pinned() == 0);
    const auto operations = bench.table.activate(one, IfId{}, EspSpi(1));
    REQUIRE(operations.size() == 1);
    CHECK(std::get<xfrm::InstallPolicy>(operations[0]).replace);
    bench.run(operations);
    CHECK(bench.pinned() == 101);

    const PolicyChange change = bench.table.release(one, IfId{}, EspSpi(1));
    CHECK(change.inbound.empty());
    REQUIRE(change.outbound.size() == 1);
    CHECK(std::get<xfrm::InstallPolicy>(change.outbound[0]).replace);
    bench.run(change.outbound);
    CHECK(bench.pinned() == 0);
}

TEST_CASE("policy table: the newest activated Child SA counts, and the one before when it goes") {
    PolicyBench bench;
    bench.add(one, standing_holder, trap);
    bench.add(one, EspSpi(1), use(101));
    bench.add(one, EspSpi(2), use(102));
    CHECK(bench.pinned() == 102);
    bench.add(one, EspSpi(3), use(103));
    bench.activate(one, EspSpi(1));
    CHECK(bench.pinned() == 101);
    bench.release(one, EspSpi(2));
    CHECK(bench.pinned() == 101);
    bench.release(one, EspSpi(1));
    CHECK(bench.pinned() == 103);
    bench.release(one, EspSpi(3));
    CHECK(bench.pinned() == 0);
}

TEST_CASE("policy table: a Child SA that waits for activation steps in when the active one goes") {
    for (const bool standing : {false, true}) {
        PolicyBench bench;
        if (standing) bench.add(one, standing_holder, trap);
        bench.add(one, EspSpi(1), use(101));
        CHECK(bench.claim(one, EspSpi(2), use(102)));
        CHECK(bench.pinned() == 101);
        bench.release(one, EspSpi(1));
        CHECK(bench.pinned() == 102);
        bench.release(one, EspSpi(2));
        CHECK(bench.pinned() == (standing ? 0 : -1));
    }
}

TEST_CASE("policy table: giving up a Child SA that waits for activation changes nothing") {
    PolicyBench bench;
    bench.add(one, EspSpi(1), use(101));
    CHECK(bench.claim(one, EspSpi(2), use(102)));
    const PolicyChange change = bench.table.release(one, IfId{}, EspSpi(2));
    CHECK(change.outbound.empty());
    CHECK(change.inbound.empty());
    CHECK(bench.pinned() == 101);
}

TEST_CASE("policy table: while somebody holds a policy none of its directions is ever deleted") {
    PolicyBench bench;
    bench.add(two, standing_holder, trap);
    std::vector<std::vector<xfrm::PolicyOperation>> all;
    for (std::uint32_t i = 1; i <= 3; ++i) {
        all.push_back(*bench.table.claim(two, IfId{}, EspSpi(i), use(100 + i)));
        all.push_back(bench.table.activate(two, IfId{}, EspSpi(i)));
    }
    for (std::uint32_t i : {2U, 3U, 1U}) {
        const PolicyChange change = bench.table.release(two, IfId{}, EspSpi(i));
        all.push_back(change.outbound);
        all.push_back(change.inbound);
    }
    for (const auto& operations : all)
        for (const auto& operation : operations) {
            const auto* install = std::get_if<xfrm::InstallPolicy>(&operation);
            REQUIRE(install != nullptr);
            CHECK(install->replace);
            CHECK(install->direction == Direction::out);
        }
}

TEST_CASE("policy table: two Child SAs of one phase 2 share, the last one out removes") {
    PolicyBench bench;
    bench.add(two, EspSpi(1), use(101));
    bench.add(one, EspSpi(2), use(102));
    bench.release(two, EspSpi(1));
    CHECK(bench.kernel.policies().size() == 3);
    CHECK(bench.pinned() == 102);
    bench.release(one, EspSpi(2));
    CHECK(bench.kernel.empty());
}

TEST_CASE("policy table: another phase 2's selector is refused, and nothing of the claim stays") {
    PolicyBench bench;
    bench.add(std::span(two).last(1), EspSpi(1), use(101));
    CHECK(bench.table.claim(two, IfId{}, EspSpi(2), use(102, 2)).error() == use(0).owner);
    CHECK(bench.table.size() == 1);
    bench.release(std::span(two).last(1), EspSpi(1));
    CHECK(bench.claim(two, EspSpi(2), use(102, 2)));
}

TEST_CASE("policy table: a configured phase 2's selectors are its own while it is down") {
    PolicyBench bench;
    bench.add(one, standing_holder, trap);
    CHECK_FALSE(bench.claim(two, EspSpi(2), use(102, 2)));
    CHECK_FALSE(bench.claim(two, standing_holder, use(0, 2)));
    CHECK(bench.table.size() == 1);
}

TEST_CASE("policy table: two peers of one dial-up server never share a selector") {
    PolicyBench bench;
    PolicyUse first = use(101);
    first.owner.peer = ike::PeerName{ip("192.0.2.2"), {}};
    PolicyUse second = use(102);
    second.owner.peer = ike::PeerName{ip("192.0.2.3"), {}};
    bench.add(two, EspSpi(1), first);
    CHECK(bench.table.claim(two, IfId{}, EspSpi(2), second).error() == first.owner);
}

TEST_CASE("policy table: two peers behind one NAT have one address and never share a selector") {
    PolicyBench bench;
    PolicyUse first = use(101);
    first.owner.peer = ike::PeerName{ip("192.0.2.2"), {1, 2, 3}};
    PolicyUse second = use(102);
    second.owner.peer = ike::PeerName{ip("192.0.2.2"), {1, 2, 4}};
    bench.add(two, EspSpi(1), first);
    CHECK(bench.table.claim(two, IfId{}, EspSpi(2), second).error() == first.owner);
}

TEST_CASE("policy table: equal selectors on two interfaces are two policies") {
    PolicyBench bench;
    bench.add(two, EspSpi(1), use(101), IfId(1));
    bench.add(two, EspSpi(2), use(102, 2), IfId(2));
    CHECK(bench.table.size() == 4);
    CHECK(bench.kernel.policies().size() == 12);
    bench.release(two, EspSpi(1), IfId(1));
    for (const auto& policy : bench.kernel.policies())
        CHECK(policy.if_id == IfId(2));
}

TEST_CASE("policy table: indices are of our own range, all differ, and come back") {
    PolicyBench bench;
    bench.add(two, EspSpi(1), use(101));
    std::set<std::uint32_t> seen;
    for (const auto& policy : bench.kernel.policies()) {
        CHECK(xfrm::is_own(policy.index));
        CHECK((policy.index.value() & 7) == std::to_underlying(policy.direction));
        seen.insert(policy.index.value());
    }
    CHECK(seen.size() == 6);
    const PolicyIndex index = bench.policy(two[0], Direction::out)->index;
    bench.add(two, EspSpi(2), use(102));
    bench.release(two, EspSpi(1));
    CHECK(bench.policy(two[0], Direction::out)->index == index);
}

TEST_CASE("policy table: more specific selectors win") {
    PolicyBench bench;
    const std::vector<Selector> wide{between("10.1.0.0/16", "10.2.0.0/24")};
    bench.add(one, standing_holder, trap);
    bench.add(wide, standing_holder, trap);
    CHECK(bench.policy(two[0], Direction::out)->priority <
          bench.policy(wide[0], Direction::out)->priority);
}

TEST_CASE("policy table: forward policies are for tunnels, and follow a change of mode") {
    PolicyBench bench;
    const Selector back = between("10.2.0.0/24", "10.1.0.0/24");
    PolicyUse transport = use(101);
    transport.mode = Mode::transport;
    bench.add(one, standing_holder, trap);
    bench.add(one, EspSpi(1), transport);
    CHECK(bench.policy(back, Direction::forward) == nullptr);
    CHECK(bench.policy(back, Direction::in)->tmpl->mode == Mode::transport);
    bench.release(one, EspSpi(1));
    CHECK(bench.policy(back, Direction::forward)->tmpl->mode == Mode::tunnel);
    CHECK(bench.policy(back, Direction::in)->tmpl->mode == Mode::tunnel);
}

TEST_CASE("policy table: packet offload reaches what a device does, never forwarding") {
    PolicyBench bench;
    bench.kernel.device(2).most = xfrm::OffloadMode::packet;
    PolicyUse offloaded = use(101);
    offloaded.offload = xfrm::OffloadRequest{2, xfrm::OffloadMode::packet};
    bench.add(one, standing_holder, trap);
    bench.add(one, EspSpi(1), offloaded);
    for (const auto& policy : bench.kernel.policies())
        CHECK(policy.offload.has_value() == (policy.direction != Direction::forward));
    bench.release(one, EspSpi(1));
    for (const auto& policy : bench.kernel.policies())
        CHECK_FALSE(policy.offload);
}

TEST_CASE("policy table: the inbound policy is the device's while anybody receives by it") {
    const Selector back = between("10.2.0.0/24", "10.1.0.0/24");
    PolicyBench bench;
    bench.kernel.device(2).most = xfrm::OffloadMode::packet;
    PolicyUse offloaded = use(101);
    offloaded.offload = xfrm::OffloadRequest{2, xfrm::OffloadMode::packet};
    const auto is_offloaded = [&](const Selector& selector, Direction direction) {
        return bench.policy(selector, direction)->offload.has_value();
    };
    bench.add(one, EspSpi(1), offloaded);
    bench.add(one, EspSpi(2), use(102));
    CHECK(is_offloaded(back, Direction::in));
    CHECK_FALSE(is_offloaded(two[0], Direction::out));
    const PolicyChange change = bench.table.retire(one, IfId{}, EspSpi(1));
    CHECK(change.inbound.empty());
    bench.release(one, EspSpi(1));
    CHECK_FALSE(is_offloaded(back, Direction::in));
    // A device that goes takes its policies along; software's stand in their places at once.
    bench.add(one, EspSpi(3), offloaded);
    bench.kernel.lose_device(2);
    CHECK(bench.policy(two[0], Direction::out) == nullptr);
    bench.run(bench.table.leave_device(2));
    CHECK_FALSE(is_offloaded(two[0], Direction::out));
    CHECK_FALSE(is_offloaded(back, Direction::in));
    CHECK(bench.table.leave_device(2).empty());
}

TEST_CASE("policy table: a standing holder moves to another address in place") {
    PolicyBench bench;
    bench.add(one, standing_holder, trap);
    PolicyUse moved = trap;
    moved.local = ip("192.0.2.7");
    bench.add(one, standing_holder, moved);
    CHECK(bench.kernel.policies().size() == 3);
    for (const auto& policy : bench.kernel.policies())
        CHECK((policy.direction == Direction::out ? policy.tmpl->source
                                                  : policy.tmpl->destination) == moved.local);
    CHECK(bench.table.activate(one, IfId{}, standing_holder).empty());
}

TEST_CASE("policy table: without a peer to lead to, packets are blocked and nothing is let in") {
    PolicyBench bench;
    PolicyUse blocked;
    blocked.owner = trap.owner;
    blocked.blocked = true;
    bench.add(one, standing_holder, blocked);
    REQUIRE(bench.kernel.policies().size() == 1);
    CHECK(bench.kernel.policies()[0].direction == Direction::out);
    CHECK(bench.kernel.policies()[0].action == xfrm::PolicyAction::block);
    CHECK(xfrm::is_own(bench.kernel.policies()[0].index));
    bench.add(one, standing_holder, trap);
    CHECK(bench.kernel.policies().size() == 3);
    CHECK(bench.pinned() == 0);
    bench.add(one, standing_holder, blocked);
    CHECK(bench.kernel.policies().size() == 1);
    bench.release(one, standing_holder);
    CHECK(bench.kernel.empty());
}

// ---- What the kernel says ----

TEST_CASE("policy table: a policy that is there already is somebody else's and stays") {
    for (Direction direction : {Direction::in, Direction::out, Direction::forward}) {
        PolicyBench bench;
        xfrm::InstallPolicy foreign;
        foreign.direction = direction;
        foreign.selector =
            direction == Direction::out ? two[0] : between("10.2.0.0/24", "10.1.0.0/24");
        std::vector<xfrm::Operation> operations;
        operations.emplace_back(foreign);
        bench.kernel.run(operations);
        bench.add(two, EspSpi(1), use(101));
        bench.release(two, EspSpi(1));
        REQUIRE(bench.kernel.policies().size() == 1);
        CHECK(bench.kernel.policies()[0].direction == direction);
        CHECK_FALSE(bench.kernel.policies()[0].tmpl);
        CHECK(bench.table.size() == 0);
    }
}

TEST_CASE("policy table: whichever operation is refused, the release leaves what was before") {
    for (const bool standing : {false, true}) {
        // Over traps only the outbound policies change.
        for (std::size_t refused = 0; refused < (standing ? 2U : 6U); ++refused) {
            INFO("operation " << refused << (standing ? " over a trap" : ""));
            PolicyBench bench;
            if (standing) bench.add(two, standing_holder, trap);
            bench.kernel.refuse(refused, EINVAL, "no");
            bench.add(two, EspSpi(1), use(101));
            bench.release(two, EspSpi(1));
            CHECK(bench.kernel.policies().size() == (standing ? 6U : 0U));
            CHECK(bench.pinned() == (standing ? 0 : -1));
            bench.add(two, EspSpi(2), use(102));
            CHECK(bench.pinned() == 102);
        }
    }
}

TEST_CASE(
    "policy table: an outbound policy that could not be moved is moved with the next change") {
    PolicyBench bench;
    bench.add(one, EspSpi(1), use(101));
    bench.kernel.refuse(0, ENOMEM, "");
    bench.add(one, EspSpi(2), use(102));
    CHECK(bench.pinned() == 101);
    CHECK(bench.claim(one, EspSpi(3), use(103)));
    bench.release(one, EspSpi(1));
    CHECK(bench.pinned() == 102);
}

TEST_CASE("policy table: given up before the kernel has answered, it goes when the answer comes") {
    for (const bool foreign : {false, true}) {
        PolicyBench bench;
        std::vector<xfrm::Operation> request;
        xfrm::append(request, *bench.table.claim(one, IfId{}, EspSpi(1), use(101)));
        xfrm::append(request, bench.table.activate(one, IfId{}, EspSpi(1)));
        const auto steps = policy_steps(request);
        const PolicyChange change = bench.table.release(one, IfId{}, EspSpi(1));
        CHECK(change.outbound.empty());
        CHECK(change.inbound.empty());
        if (foreign) bench.kernel.refuse(2, EEXIST, "");
        const auto overdue = bench.table.on_answers(steps, bench.kernel.run(request));
        CHECK(overdue.size() == (foreign ? 2U : 3U));
        bench.run(overdue);
        CHECK(bench.kernel.empty());
        CHECK(bench.table.size() == 0);
    }
}

TEST_CASE("policy table: taken over before the kernel has answered, the next owner gets it") {
    PolicyBench bench;
    std::vector<xfrm::Operation> request;
    xfrm::append(request, *bench.table.claim(one, IfId{}, EspSpi(1), use(101)));
    xfrm::append(request, bench.table.activate(one, IfId{}, EspSpi(1)));
    const auto steps = policy_steps(request);
    bench.table.release(one, IfId{}, EspSpi(1));
    CHECK(bench.table.claim(one, IfId{}, standing_holder, use(0, 2)).value().empty());
    CHECK(bench.table.activate(one, IfId{}, standing_holder).empty());
    bench.run(bench.table.on_answers(steps, bench.kernel.run(request)));
    CHECK(bench.pinned() == 0);
    for (const auto& policy : bench.kernel.policies())
        CHECK(policy.tmpl->reqid == use(0, 2).owner.reqid);
}

TEST_CASE("policy table: a kernel that answers nothing counts as one that refuses") {
    PolicyBench bench;
    std::vector<xfrm::Operation> request;
    xfrm::append(request, *bench.table.claim(one, IfId{}, EspSpi(1), use(101)));
    CHECK(bench.table.on_answers(policy_steps(request), {}).empty());
    const PolicyChange change = bench.table.release(one, IfId{}, EspSpi(1));
    CHECK(change.inbound.empty());
    CHECK(bench.table.size() == 0);
}

TEST_CASE("policy table: a step names its policy") {
    PolicyBench bench;
    std::vector<xfrm::Operation> request;
    xfrm::append(request, *bench.table.claim(one, IfId(7), EspSpi(1), use(101)));
    CHECK(policy_steps(request).front().to_text() ==
          "install inbound policy 10.2.0.0/24 -> 10.1.0.0/24 of interface id 7");
}

TEST_CASE("policy table: what is inbound has the reqid of those who receive in software") {
    const Selector back = between("10.2.0.0/24", "10.1.0.0/24");
    PolicyBench bench;
    bench.kernel.device(2).most = xfrm::OffloadMode::packet;
    const PolicyUse software = use(101, 2);
    PolicyUse offloaded = use(102, 2);
    offloaded.reqid = Reqid(software.reqid.value() | 1);
    offloaded.offload = xfrm::OffloadRequest{2, xfrm::OffloadMode::packet};
    const auto reqid = [&](Direction way) { return bench.policy(back, way)->tmpl->reqid; };
    bench.add(one, EspSpi(1), software);
    bench.add(one, EspSpi(2), offloaded);
    CHECK(bench.policy(two[0], Direction::out)->tmpl->reqid == offloaded.reqid);
    CHECK(reqid(Direction::in) == software.reqid);
    CHECK(reqid(Direction::forward) == software.reqid);
    bench.release(one, EspSpi(1));
    CHECK(reqid(Direction::in) == offloaded.reqid);
    CHECK(reqid(Direction::forward) == offloaded.reqid);
}
