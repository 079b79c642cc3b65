// The kernel's state against ours: lost events, flushes by others, what a crash left behind.
#include <set>
#include <stdexcept>

#include "ike/kernel_audit.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"
#include "support/invariants.hpp"
#include "xfrm/lookup_chain.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::EventKind;
using ike::KernelAudit;
using ike::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Fate = FakeKernel::Fate;

namespace {

constexpr std::uint32_t foreign_reqid = 7;

/// A tunnel that comes up by itself and is up.
struct UpPair : Pair {
    explicit UpPair(bool route_based = false)
        : Pair([route_based] {
              TunnelSpec spec;
              spec.auto_negotiate = true;
              spec.route_based = route_based;
              return spec;
          }()) {
        REQUIRE(world.run_until([this] { return is_up(); }));
    }

    void hint() { west.handle(xfrm::Event(xfrm::StateUncertain{}), world.now()); }
    bool recovers() {
        return world.run_until([this] { return is_up() && check_always(world).empty(); });
    }
};

FakeKernel::SaId an_sa(const Gateway& gateway, xfrm::Direction direction) {
    for (const auto& [id, sa] : gateway.kernel.sas())
        if (sa.install.direction == direction) return id;
    throw std::runtime_error("no SA");
}

/// An SA and a policy that are not ours.
std::vector<xfrm::Operation> foreign_state() {
    xfrm::InstallSa sa;
    sa.direction = xfrm::Direction::out;
    sa.source = address("192.0.2.1");
    sa.destination = address("192.0.2.77");
    sa.spi = EspSpi(0x777);
    sa.reqid = Reqid(foreign_reqid);
    sa.suite.cipher = {wire::EncryptionId::aes_gcm_16, 128};
    sa.keys.encryption = Secret(20);
    xfrm::InstallPolicy policy;
    policy.selector.source = *Subnet::from_text("10.77.0.0/24");
    policy.selector.destination = *Subnet::from_text("10.78.0.0/24");
    policy.tmpl.emplace();
    policy.tmpl->reqid = Reqid(foreign_reqid);
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(std::move(sa));
    operations.emplace_back(policy);
    return operations;
}

std::size_t foreign_count(const FakeKernel& kernel) {
    std::size_t count = 0;
    for (const auto& [id, sa] : kernel.sas())
        if (sa.install.reqid == Reqid(foreign_reqid)) ++count;
    for (const auto& policy : kernel.policies())
        if (policy.tmpl && policy.tmpl->reqid == Reqid(foreign_reqid)) ++count;
    return count;
}

}  // namespace

TEST_CASE("F02 kernel state: a flush of everything is noticed and made up for at once") {
    UpPair pair;
    pair.west.kernel.flush();
    pair.hint();
    pair.world.run_for(milliseconds(100));
    // No packet leaves in clear text any more, and the tunnel is on its way.
    CHECK(pair.west.kernel.outbound(there).fate != Fate::clear);
    CHECK(pair.recovers());
    CHECK(pair.west.count_events(EventKind::kernel_repaired) == 1);
    CHECK(pair.west.reasons().front() == Reason::kernel_state_lost);
}

TEST_CASE("F03 kernel state: a flush of which nobody told is found within a minute") {
    UpPair pair;
    pair.west.kernel.flush();
    pair.world.run_for(KernelAudit::interval + seconds(1));
    CHECK(pair.recovers());
    CHECK(pair.west.count_events(EventKind::kernel_repaired) == 1);
}

TEST_CASE("F03 kernel state: half of a Child SA is gone, either half") {
    for (auto direction : {xfrm::Direction::in, xfrm::Direction::out}) {
        UpPair pair;
        pair.west.kernel.take_away(an_sa(pair.west, direction));
        pair.hint();
        pair.world.run_for(milliseconds(100));
        CHECK(pair.recovers());
        CHECK(pair.west.kernel.sas().size() == 2);
        CHECK(pair.east.kernel.sas().size() == 2);
    }
}

TEST_CASE("F02 kernel state: each policy that is taken away or changed comes back as it was") {
    UpPair pair;
    const auto before = pair.west.kernel.policies();
    const auto all_lead_alike = [&] {
        const auto after = pair.west.kernel.policies();
        return std::ranges::all_of(before, [&](const xfrm::InstallPolicy& old) {
            return std::ranges::any_of(after, [&](const xfrm::InstallPolicy& now) {
                return now.direction == old.direction && now.selector == old.selector &&
                       now.tmpl == old.tmpl && now.action == old.action;
            });
        });
    };
    for (const xfrm::InstallPolicy& policy : before) {
        pair.west.kernel.take_away(policy.direction, policy.selector, policy.if_id);
        pair.hint();
        pair.world.run_for(milliseconds(100));
        CHECK(all_lead_alike());

        xfrm::InstallPolicy changed = policy;
        changed.tmpl.reset();
        std::vector<xfrm::Operation> operations;
        operations.emplace_back(changed);
        pair.west.kernel.run(operations);
        pair.hint();
        pair.world.run_for(milliseconds(100));
        CHECK(all_lead_alike());
    }
    CHECK(pair.west.kernel.policies().size() == before.size());
    CHECK(passes_both_ways(pair));
    CHECK(pair.west.kernel.sas().size() == 2);
    CHECK(pair.west.count_events(EventKind::child_sa_established) == 1);
}

TEST_CASE("F03 kernel state: SAs and policies of ours that nobody knows go, others' stay") {
    UpPair pair;
    pair.west.kernel.run(foreign_state());
    auto orphans = foreign_state();
    auto& sa = std::get<xfrm::InstallSa>(orphans[0]);
    sa.reqid = Reqid(xfrm::own_reqid_prefix | 99);
    sa.spi = EspSpi(0x999);
    auto& policy = std::get<xfrm::InstallPolicy>(orphans[1]);
    policy.selector.source = *Subnet::from_text("10.99.0.0/24");
    policy.index = xfrm::policy_index(99, xfrm::Direction::out);
    policy.tmpl->reqid = sa.reqid;
    const auto policies = pair.west.kernel.policies().size();
    pair.west.kernel.run(orphans);
    pair.world.run_for(KernelAudit::interval + seconds(1));
    CHECK(pair.west.kernel.policies().size() == policies);
    CHECK(pair.west.kernel.sas().size() == 3);
    CHECK(foreign_count(pair.west.kernel) == 2);
    CHECK(passes_both_ways(pair));
}

TEST_CASE("F02 kernel state: when all is as it should be, nothing is done and nothing said") {
    UpPair pair;
    const auto events = pair.west.events.size();
    for (int i = 0; i < 10; ++i) {
        pair.hint();
        pair.world.run_for(seconds(1));
    }
    CHECK(pair.west.events.size() == events);
    CHECK(pair.is_up());
}

TEST_CASE("F02 kernel state: hints while a rekey is under way do no harm") {
    UpPair pair;
    pair.world.after_each_event = [&] { pair.hint(); };
    for (int i = 0; i < 5; ++i) {
        pair.west.handle(ike::CommandRekey{"tunnel", "tunnel"}, pair.world.now());
        pair.world.run_for(seconds(2));
        pair.west.handle(ike::CommandRekey{"tunnel", ""}, pair.world.now());
        pair.world.run_for(seconds(2));
    }
    pair.world.after_each_event = nullptr;
    pair.world.run_for(seconds(10));
    CHECK(pair.west.count_events(EventKind::kernel_repaired) == 0);
    CHECK(passes_both_ways(pair));
}

// A lost ACQUIRE costs the time that the kernel waits for its SA; then a packet asks again.
TEST_CASE("F02 kernel state: an ACQUIRE that got lost is asked for again") {
    Pair pair;
    pair.west.kernel.send(there, IfId{}, pair.world.now().boottime);  // nobody is told
    pair.west.handle(xfrm::Event(xfrm::StateUncertain{}), pair.world.now());
    pair.world.run_for(larval_lifetime + seconds(1));
    Ping& ping = pair.world.ping(pair.west, pair.east, there, seconds(1));
    CHECK(pair.world.run_until([&] { return pair.is_up(); }));
    static_cast<void>(ping);
}

TEST_CASE("F02 kernel state: stale events about what is gone do nothing") {
    UpPair pair;
    const auto spi = an_sa(pair.west, xfrm::Direction::in);
    pair.west.handle(ike::CommandDown{"tunnel"}, pair.world.now());
    pair.world.run_for(seconds(1));
    const auto sent = pair.world.traffic.size();
    for (bool hard : {false, true})
        pair.west.handle(
            xfrm::Event(xfrm::Expire{spi.destination, spi.spi, xfrm::reqid_of_pair(1), hard}),
            pair.world.now());
    xfrm::Acquire stale = acquire(99, 5);
    pair.west.handle(xfrm::Event(stale), pair.world.now());
    pair.world.run_for(milliseconds(100));
    CHECK(pair.world.traffic.size() == sent);
}

// ---- A crash and its next start ----------------------------------------------------------------

TEST_CASE(
    "F18 kernel state: from the crash to the tunnel's return no packet leaves in clear text") {
    for (bool route_based : {false, true}) {
        UpPair pair(route_based);
        pair.west.kernel.run(foreign_state());
        const auto device = pair.west.kernel.interfaces();
        const IfId if_id = route_based ? device.begin()->second.if_id : IfId{};
        const auto is_safe = [&] {
            return pair.west.kernel.outbound(there, if_id).fate != Fate::clear;
        };
        pair.world.after_each_event = [&] { REQUIRE(is_safe()); };
        pair.world.kill(pair.west, seconds(3));
        CHECK(is_safe());
        pair.world.run_for(seconds(2));
        const auto is_back = [&] {
            return pair.west.is_running() && pair.west.engine().established_count() == 1 &&
                   pair.east.engine().established_count() == 1 &&
                   pair.west.kernel.sas().size() == 3 && pair.east.kernel.sas().size() == 2 &&
                   check_always(pair.world).empty();
        };
        CHECK(pair.world.run_until(is_back));
        CHECK(foreign_count(pair.west.kernel) == 2);
        // The device is the same, with the routes that are on it.
        CHECK(pair.west.kernel.interfaces().size() == device.size());
        if (route_based) CHECK(pair.west.kernel.interfaces().begin()->second.if_id == if_id);
        pair.world.run_for(seconds(120));
        // Two and the foreign one: no SA of before is left.
        CHECK(pair.west.kernel.sas().size() == 3);
    }
}

TEST_CASE("F18 kernel state: what the next configuration does not want is gone after the start") {
    UpPair pair;
    pair.west.kernel.run(foreign_state());
    pair.world.kill(pair.west, seconds(1));
    TunnelSpec other;
    other.name = "other";
    other.local_subnets = {"10.50.0.0/24"};
    pair.world.run_for(seconds(2));
    pair.west.configure({other.phase1()}, pair.world.now());
    pair.world.run_for(seconds(1));
    pair.world.kill(pair.west, seconds(1));
    pair.world.run_for(seconds(2));
    CHECK(pair.west.kernel.outbound(there).fate == Fate::clear);
    CHECK(pair.west.kernel.policies().size() == 3 + 1);
    CHECK(foreign_count(pair.west.kernel) == 2);
}

TEST_CASE("F18 kernel state: crash after crash, indices and interface ids stay apart") {
    UpPair pair(true);
    for (int i = 0; i < 20; ++i) {
        pair.world.kill(pair.west, milliseconds(500));
        pair.world.run_for(seconds(7));
        CHECK(check_tables(pair.west).empty());
    }
    pair.world.run_for(seconds(100));
    CHECK(pair.recovers());
    std::set<PolicyIndex> indices;
    for (const auto& policy : pair.west.kernel.policies()) {
        CHECK(xfrm::is_own(policy.index));
        indices.insert(policy.index);
    }
    CHECK(indices.size() == pair.west.kernel.policies().size());
}

// Each reading costs a dump of all SAs and policies.
TEST_CASE("F02 kernel state: hints without end make it read once a second, until they end") {
    UpPair pair;
    const std::size_t before = pair.west.kernel_reads;
    for (int i = 0; i < 1000; ++i) {
        pair.hint();
        pair.world.run_for(milliseconds(10));
    }
    CHECK(pair.west.kernel_reads - before >= 10);
    CHECK(pair.west.kernel_reads - before <= KernelAudit::soon.burst + 11);
    pair.world.run_for(2 * KernelAudit::interval);
    const std::size_t later = pair.west.kernel_reads;
    pair.hint();
    pair.world.run_for(KernelAudit::delay);
    CHECK(pair.west.kernel_reads == later + 1);
}
