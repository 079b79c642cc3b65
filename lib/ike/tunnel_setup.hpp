// Gives tunnels their numbers, their XFRM interfaces and their standing policies, and takes them
// back.
#pragma once

#include <memory>
#include <span>

#include "ike/alteration.hpp"
#include "ike/engine_context.hpp"
#include "ike/number_pool.hpp"
#include "ike/standing_policies.hpp"
#include "ike/tunnel.hpp"
#include "xfrm/lookup_chain.hpp"

namespace xfrmd::ike {

class TunnelSetup {
  public:
    explicit TunnelSetup(EngineContext& context) : context_(context) {}

    /// Whether this machine's cryptographic library has all that a phase 1 asks for, so that
    /// nothing is offered which cannot be done; tells what is missing.
    bool is_possible(const config::Phase1& phase1);

    /// Makes a tunnel of a phase 1; a route-based one gets its interface, which stays for as long
    /// as the tunnel is configured, up or down: addresses and routes can be put on it, and what is
    /// routed there while the tunnel is down is dropped, not sent in clear text.
    void add(std::shared_ptr<const config::Phase1> phase1);
    void remove(Tunnel& tunnel);
    /// The daemon stops: the interface stays for the next one, with the addresses and routes that
    /// are on it. What is routed there meanwhile is dropped, since no policy leads it on.
    void leave(Tunnel& tunnel);
    /// Gives a tunnel another configuration. Its interface, its numbers and those of its phase 2s
    /// stay. What cannot stay has been withdrawn from its IKE SAs. Standing policies that do not
    /// fit any more go; renew_policies() puts the new ones up, when all tunnels have made room.
    void change(const std::shared_ptr<Tunnel>& tunnel, std::shared_ptr<const config::Phase1> loaded,
                const Alteration& alteration);
    void renew_policies(Tunnel& tunnel) { standing_policies_.renew(tunnel); }
    /// Asks for the interface again if it could not be had.
    void retry_interface(const Tunnel& tunnel);
    /// Devices of ours that were there before us: tunnels of their names take them over, with the
    /// addresses and routes that are on them.
    void adopt(std::vector<XfrmDevice> devices);

    /// The name of a tunnel's peer stands for this address now: its policies lead there.
    void set_remote(Tunnel& tunnel, const IpAddress& remote);
    /// Addresses of ours may have changed: policies lead from where they are now.
    void on_interfaces_changed();

    void on_kernel_reply(const KernelPurpose& purpose, std::span<const PolicyStep> policies,
                         std::span<const xfrm::OperationResult> results);

  private:
    Reqid take_reqid();
    void give_back(Reqid reqid);
    void give_interface(Tunnel& tunnel);
    void create_interface(const Tunnel& tunnel);
    void change_underlay(const Tunnel& tunnel);
    xfrm::CreateInterface wanted_interface(const Tunnel& tunnel) const;
    void delete_interface(Tunnel& tunnel);
    void move_phase2s(Tunnel& tunnel, const config::Phase1& loaded, const Alteration& alteration);
    void on_interface(Tunnel& tunnel);
    void tell_refusal(const Tunnel* tunnel, const std::string& what,
                      const xfrm::OperationResult& result);

    EngineContext& context_;
    StandingPolicies standing_policies_{context_};
    std::vector<XfrmDevice> adopted_;
    std::uint64_t last_number_ = 0;
    /// Pairs of reqids.
    NumberPool reqids_{xfrm::last_reqid_pair - 1};
    /// Behind the prefix of 8 bits.
    NumberPool if_ids_{(1U << 24) - 1};
};

}  // namespace xfrmd::ike
