// Two gateways and a fuzzer that decides what happens next: which datagram arrives, is lost, comes
// twice, late, changed or back to its sender; what the kernels refuse; who rekeys, deletes,
// crashes. The invariants hold after each step, and gateways that are stopped leave nothing.
#include <cerrno>
#include <iterator>

#include "fuzz/action_reader.hpp"
#include "fuzz/target.hpp"
#include "support/invariants.hpp"
#include "support/world.hpp"
#include "xfrm/lookup_chain.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Steps of one input: more only make it slow.
constexpr std::size_t most_steps = 100;
/// Datagrams that wait; retransmissions would make more and more of them.
constexpr std::size_t most_letters = 64;
/// An acquire of west's first phase 2.
constexpr std::uint32_t first_phase2 = 1;

enum class Action : std::uint8_t {
    deliver,
    drop,
    duplicate,
    change,
    reflect,
    replay,
    pass_milliseconds,
    pass_seconds,
    acquire,
    rekey_child,
    rekey_ike,
    expire,
    up,
    down,
    refuse,
    hold_kernel,
    answer_kernel,
    kill,
    reboot,
    configure,
};
constexpr std::size_t actions_count = 20;

config::Phase1 watched(config::Phase1 phase1, bool auto_negotiate) {
    phase1.dpd = config::DpdMode::on_idle;
    phase1.dpd_retry_interval = seconds(5);
    phase1.dpd_retry_count = 3;
    for (config::Phase2& phase2 : phase1.phase2s)
        phase2.auto_negotiate = phase2.keepalive = auto_negotiate;
    return phase1;
}

class Harness {
  public:
    explicit Harness(std::uint8_t shape)
        : west_(world_.add("west", "192.0.2.1")), east_(world_.add("east", "192.0.2.2")) {
        TunnelSpec spec;
        // Large messages go out in fragments.
        if ((shape & 4) != 0)
            for (int i = 0; i < 40; ++i)
                spec.remote_subnets.push_back("10.2." + std::to_string(i + 1) + ".0/24");
        west_phase1_ = watched(spec.phase1(), (shape & 1) != 0);
        east_phase1_ = watched(spec.mirrored().phase1(), (shape & 2) != 0);
        world_.hold();
        configure(west_);
        configure(east_);
        world_.traffic_limit = most_letters;
    }

    void step(ActionReader& actions) {
        const Action action{static_cast<std::uint8_t>(actions.below(actions_count))};
        Gateway& gateway = actions.below(2) == 0 ? west_ : east_;
        if (action <= Action::replay)
            on_datagram(action, gateway, actions);
        else if (action <= Action::pass_seconds)
            pass(action, actions.u8());
        else if (action >= Action::kill)
            on_life(action, gateway, actions.below(10));
        else if (gateway.is_running())
            on_gateway(action, gateway, actions.u8());
        while (world_.in_flight().size() > most_letters)
            world_.drop(Pick());
        check();
    }

    void end() {
        for (Gateway* gateway : {&west_, &east_})
            hold_kernel(*gateway, false);
        world_.release_all();
        world_.run_for(seconds(120));
        check();
        for (Gateway* gateway : {&west_, &east_})
            gateway->handle(ike::CommandStop{}, world_.now());
        world_.run_for(ike_settles);
        for (const Gateway* gateway : {&west_, &east_}) {
            tell(check_stopped(*gateway));
            tell(check_empty(*gateway));
        }
    }

  private:
    /// Two DELETEs, one after the other, that nobody answers.
    static constexpr seconds ike_settles{200};

    static void tell(const Violations& violations) {
        if (!violations.empty()) report_finding(to_text(violations).c_str());
    }

    void check() { tell(check_always(world_)); }

    void configure(Gateway& gateway) {
        gateway.configure({&gateway == &west_ ? west_phase1_ : east_phase1_}, world_.now());
    }

    void on_datagram(Action action, Gateway& gateway, ActionReader& actions) {
        if (action == Action::replay) return replay(gateway, actions.below(most_letters));
        const auto count = world_.in_flight().size();
        if (count == 0) return;
        const std::size_t place = actions.below(count);
        const Pick pick = Pick().nth(place + 1);
        if (action == Action::deliver)
            world_.deliver(pick);
        else if (action == Action::drop)
            world_.drop(pick);
        else
            give_copy(action, place, actions);
    }

    /// The letter stays, and a copy arrives: as it is, changed, or where it came from.
    void give_copy(Action action, std::size_t place, ActionReader& actions) {
        ike::Transmit copy = world_.in_flight()[place].datagram;
        if (action == Action::reflect) std::swap(copy.local, copy.remote);
        if (action == Action::change && !copy.octets.empty())
            copy.octets[actions.u16() % copy.octets.size()] ^=
                static_cast<std::uint8_t>(1U << actions.below(8));
        give(std::move(copy));
    }

    void replay(Gateway& gateway, std::size_t age) {
        if (age >= world_.traffic.size()) return;
        ike::Transmit copy = world_.traffic[world_.traffic.size() - 1 - age].datagram;
        copy.remote.address = gateway.address;
        give(std::move(copy));
    }

    void give(ike::Transmit datagram) {
        for (Gateway* gateway : {&west_, &east_})
            if (gateway->address == datagram.remote.address && gateway->is_running())
                gateway->handle(ike::DatagramReceived{datagram.remote, datagram.local,
                                                      std::move(datagram.octets)},
                                world_.now());
    }

    void pass(Action action, std::uint8_t time) {
        if (action == Action::pass_milliseconds)
            world_.run_for(milliseconds(time * 20));
        else
            world_.run_for(seconds(time % 16));
    }

    void on_gateway(Action action, Gateway& gateway, std::uint8_t which) {
        switch (action) {
            case Action::acquire: return acquire(gateway, which);
            case Action::rekey_child:
                return gateway.handle(ike::CommandRekey{"tunnel", "tunnel-net"}, world_.now());
            case Action::rekey_ike:
                return gateway.handle(ike::CommandRekey{"tunnel", ""}, world_.now());
            case Action::expire: return expire(gateway, which);
            case Action::up: return gateway.handle(ike::CommandUp{"tunnel", ""}, world_.now());
            case Action::down: return gateway.handle(ike::CommandDown{"tunnel"}, world_.now());
            case Action::refuse: return gateway.kernel.refuse(which % 16, ENOMEM, "no memory");
            case Action::hold_kernel: return hold_kernel(gateway, true);
            default: return hold_kernel(gateway, false);
        }
    }

    void on_life(Action action, Gateway& gateway, std::size_t downtime) {
        if (!gateway.is_running()) return;
        if (action == Action::configure) return configure(gateway);
        hold_kernel(gateway, false);
        if (action == Action::kill)
            world_.kill(gateway, seconds(downtime));
        else
            world_.reboot(gateway, seconds(downtime));
    }

    void acquire(Gateway& gateway, std::uint8_t sequence) {
        xfrm::Acquire made;
        made.sequence = sequence;
        made.reqid = xfrm::reqid_of_pair(first_phase2 + sequence % 3U);
        const bool from_west = &gateway == &west_;
        made.flow.source = Subnet::from_text(from_west ? "10.1.0.5/32" : "10.2.0.9/32").value();
        made.flow.destination =
            Subnet::from_text(from_west ? "10.2.0.9/32" : "10.1.0.5/32").value();
        made.flow.protocol = 17;
        made.source = gateway.address;
        made.destination = from_west ? east_.address : west_.address;
        gateway.handle(xfrm::Event{made}, world_.now());
    }

    void expire(Gateway& gateway, std::uint8_t which) {
        const auto& sas = gateway.kernel.sas();
        if (sas.empty()) return;
        const auto place = std::next(sas.begin(), which / 2 % static_cast<int>(sas.size()));
        if (const auto event = gateway.kernel.expire(place->first, which % 2 == 0))
            gateway.handle(xfrm::Event{*event}, world_.now());
    }

    void hold_kernel(Gateway& gateway, bool hold) {
        gateway.kernel_waits = hold;
        if (!hold && gateway.is_running()) gateway.answer_kernel(world_.now());
    }

    World world_;
    Gateway& west_;
    Gateway& east_;
    config::Phase1 west_phase1_;
    config::Phase1 east_phase1_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ActionReader actions({data, size});
    Harness harness(actions.u8());
    for (std::size_t steps = 0; !actions.empty() && steps < most_steps; ++steps)
        harness.step(actions);
    harness.end();
    return 0;
}
