// The kernel's IPsec tables in memory, with the real kernel's rules of refusal: what engines are
// tested against. It answers operations as a netlink socket would, can be told to refuse, and tells
// whether a packet would get from one such kernel to another.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "support/fake_device.hpp"
#include "xfrm/event.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::test {

/// A packet as policies see it. ICMP has its type and code where ports are.
struct Packet {
    IpAddress source;
    IpAddress destination;
    std::uint8_t protocol = 17;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
};

bool matches(const xfrm::Selector& selector, const Packet& packet);

/// How long the kernel waits for an SA that it asked for (net.core.xfrm_acq_expires).
inline constexpr std::chrono::seconds larval_lifetime{30};

/// An SA as the fake holds it.
struct HeldSa {
    xfrm::InstallSa install;  ///< with its own copy of the keys
    xfrm::OffloadMode offload = xfrm::OffloadMode::none;
    std::uint32_t device = 0;  ///< that has it; 0: none
    std::uint64_t bytes = 0;
    std::uint64_t packets = 0;
    std::uint64_t order = 0;  ///< a later SA has a higher one
    bool soft_told = false;   ///< its soft limit was reached and told
};

/// A place for the SA that an ACQUIRE asked for.
struct Larval {
    xfrm::Acquire acquire;
    EspSpi spi;  ///< 0 until AllocateSpi
    Instant expires;
};

class FakeKernel {
  public:
    struct SaId {
        IpAddress destination;
        EspSpi spi;
        friend auto operator<=>(const SaId&, const SaId&) = default;
    };
    /// What happens to an outbound packet.
    enum class Fate : std::uint8_t {
        clear,      ///< no policy, or one that allows: it leaves unprotected
        blocked,    ///< a policy says so
        no_sa,      ///< a policy wants an SA that is not there: dropped, with an ACQUIRE
        protected_  ///< it leaves through an SA
    };
    struct Outbound {
        Fate fate = Fate::clear;
        const HeldSa* sa = nullptr;            ///< if protected
        std::optional<xfrm::Acquire> acquire;  ///< if there is no SA
    };

    /// Runs the operations in order, each on its own, and answers each.
    std::vector<xfrm::OperationResult> run(std::span<const xfrm::Operation> operations);
    /// Called after each of them, if there is one.
    std::function<void()> after_each_operation;

    // ---- Failures ----

    /// The operation that comes `nth` from now (0: the next one) is refused and does nothing.
    void refuse(std::size_t nth, int error, std::string message);
    /// Every SA with this cipher is refused from now on.
    void refuse_cipher(wire::EncryptionId cipher, int error, std::string message);
    /// What the device of an index does of ESP; by default nothing.
    FakeDevice& device(std::uint32_t index) { return devices_[index]; }
    /// The device that all routes lead through; 0: there is none.
    std::uint32_t route_device = 2;
    /// SAs that a device has.
    std::size_t offloaded(std::uint32_t index) const;

    // ---- What others and time do ----

    /// Both are the kernel's FLUSH of everything, anybody's.
    void flush();
    void take_away(const SaId& id) { sas_.erase(id); }
    void take_away(xfrm::Direction direction, const xfrm::Selector& selector, IfId if_id = IfId{});
    /// The link of a device goes down, or the device goes: as in the kernel, all SAs and policies
    /// that it has are deleted, and nobody is told.
    void lose_device(std::uint32_t index);
    /// An SA is done in software from now on, and nobody is told.
    void lose_offload(const SaId& id);
    /// An SA reaches its hard or soft limit; hard takes it away. Nothing if there is no such SA.
    std::optional<xfrm::Expire> expire(const SaId& id, bool hard);
    /// Counts packets on an SA as if traffic had flowed. As in the kernel, it is the first packet
    /// after a limit was reached that finds out: past the soft one there is an event, past the hard
    /// one there is an event and no SA any more. False if nothing was counted.
    bool count(const SaId& id, std::uint64_t packets, std::uint64_t bytes);
    /// What the kernel has to tell of limits that were reached.
    std::vector<xfrm::Event> take_events() { return std::exchange(events_, {}); }

    // ---- Inspection ----

    /// As a dump of the kernel would show them.
    std::vector<xfrm::SaStatus> dump_sas() const;
    std::vector<xfrm::PolicyStatus> dump_policies() const;

    const std::map<SaId, HeldSa>& sas() const { return sas_; }
    const std::vector<xfrm::InstallPolicy>& policies() const { return policies_; }
    const std::map<std::string, xfrm::CreateInterface>& interfaces() const { return interfaces_; }
    bool empty() const { return sas_.empty() && policies_.empty() && interfaces_.empty(); }
    /// No SA, and no policy that leads to one: what there is are traps, and policies that block.
    bool holds_only_standing() const;
    const std::vector<Larval>& larvals() const { return larvals_; }
    /// The SA of this SPI and direction; nullptr if there is none.
    const HeldSa* find(EspSpi spi, xfrm::Direction direction) const;
    std::size_t count_sas(xfrm::Direction direction) const;

    // ---- Packets ----

    /// Looks a packet up that is routed to the interface of `if_id` (0: to none). Changes nothing.
    Outbound outbound(const Packet& packet, IfId if_id = IfId{}) const;
    /// The same for a packet that is sent: it is counted on its SA. Without one there is an
    /// ACQUIRE, unless the kernel waits for that SA already.
    Outbound send(const Packet& packet, IfId if_id, Instant now, std::uint64_t bytes = 100);
    /// Whether a packet that came out of the SA passes its selector and a policy of `direction`.
    bool admits(const HeldSa& sa, const Packet& packet, xfrm::Direction direction) const;

  private:
    xfrm::OperationResult run_one(const xfrm::Operation& operation);
    xfrm::OperationResult apply(const xfrm::InstallSa& install);
    xfrm::OperationResult apply(const xfrm::UpdatePorts& update);
    xfrm::OperationResult apply(const xfrm::DeleteSa& remove);
    xfrm::OperationResult apply(const xfrm::AllocateSpi& allocate);
    xfrm::OperationResult apply(const xfrm::QuerySa& query);
    xfrm::OperationResult apply(const xfrm::InstallPolicy& install);
    xfrm::OperationResult apply(const xfrm::DeletePolicy& remove);
    xfrm::OperationResult apply(const xfrm::QueryPolicy& query);
    xfrm::OperationResult apply(const xfrm::CreateInterface& create);
    xfrm::OperationResult apply(const xfrm::DeleteInterface& remove);
    xfrm::OperationResult apply(const xfrm::QueryRoute& query);

    std::vector<xfrm::InstallPolicy>::iterator find_policy(xfrm::Direction direction,
                                                           const xfrm::Selector& selector,
                                                           IfId if_id);
    PolicyIndex free_index(PolicyIndex wished, xfrm::Direction direction) const;
    const xfrm::InstallPolicy* lookup(const Packet& packet, xfrm::Direction direction,
                                      IfId if_id) const;
    const HeldSa* sa_for(const xfrm::InstallPolicy& policy, const Packet& packet) const;
    bool device_admits(const HeldSa& sa, const Packet& packet) const;

    struct Refusal {
        int error = 0;
        std::string message;
    };

    std::vector<Larval>::iterator find_larval(const xfrm::Acquire& wanted);
    std::optional<Refusal> device_refusal(const xfrm::InstallSa& install) const;
    /// Gives the SA to the device that it is meant for, or to software; a refusal, or a warning.
    xfrm::OperationResult offload(HeldSa& held) const;
    std::optional<Refusal> offload_refusal(const xfrm::InstallPolicy& policy) const;

    std::map<SaId, HeldSa> sas_;
    std::vector<Larval> larvals_;
    std::vector<xfrm::Event> events_;
    std::vector<xfrm::InstallPolicy> policies_;
    std::map<std::string, xfrm::CreateInterface> interfaces_;
    std::map<std::uint64_t, Refusal> refusals_;  ///< by the number of the operation
    std::map<wire::EncryptionId, Refusal> refused_ciphers_;
    std::map<std::uint32_t, FakeDevice> devices_;
    std::uint64_t operations_run_ = 0;
    std::uint64_t sas_added_ = 0;
    std::uint32_t last_acquire_ = 0;
};

/// True if both hold the same algorithms and keys: one end's inbound and the other's outbound SA.
bool same_protection(const xfrm::InstallSa& a, const xfrm::InstallSa& b);

/// Whether a packet sent at `from` arrives behind `to`: protected by an SA that `to` has with the
/// same keys, and admitted there. Addresses of tunnels may differ, as behind a NAT.
bool would_pass(const FakeKernel& from, IfId from_if_id, const FakeKernel& to,
                const Packet& packet);

/// Sends a packet, and counts it at both ends; true if it arrived. An ACQUIRE is not told.
bool deliver(FakeKernel& from, IfId from_if_id, FakeKernel& to, const Packet& packet, Instant now,
             std::uint64_t bytes = 100);

}  // namespace xfrmd::test
