// What the fake kernel's tables mean for packets.
#include <algorithm>

#include "support/fake_kernel.hpp"
#include "xfrm/lookup_chain.hpp"

namespace xfrmd::test {
namespace {

using namespace xfrmd::xfrm;

bool port_matches(std::uint16_t port, std::uint16_t value, std::uint16_t mask) {
    return ((port ^ value) & mask) == 0;
}

/// Whether an SA is one of those that a template asks for.
bool serves(const InstallSa& sa, const PolicyTemplate& tmpl) {
    return (tmpl.reqid == Reqid{} || tmpl.reqid == sa.reqid) && tmpl.mode == sa.mode &&
           (!tmpl.spi || *tmpl.spi == sa.spi);
}

/// Packet mode is never mixed with anything else: the device knows its own policies and SAs only.
bool fits_offload(const HeldSa& sa, const InstallPolicy& policy) {
    if (!policy.offload) return sa.offload != OffloadMode::packet;
    return sa.offload == OffloadMode::packet && sa.device == policy.offload->interface_index;
}

/// Whether Linux up to 6.12 may not find a packet-mode SA for another that stands in front of it in
/// the chain where it is looked for. Later ones are put before earlier ones.
bool hides(const HeldSa& front, const HeldSa& sought) {
    const auto chain = [](const InstallSa& sa) {
        return lookup_chain(sa.reqid, sa.source, sa.destination);
    };
    return front.offload != OffloadMode::packet && front.order > sought.order &&
           front.install.source.family() == sought.install.source.family() &&
           chain(front.install) == chain(sought.install);
}

/// Whether an SA is what a larval stands for: by the ACQUIRE's number, or all that it asked for.
bool is_meant(const Acquire& larval, const Acquire& wanted) {
    if (wanted.sequence != 0 && larval.sequence == wanted.sequence) return true;
    return larval.source == wanted.source && larval.destination == wanted.destination &&
           larval.reqid == wanted.reqid && larval.if_id == wanted.if_id &&
           larval.mode == wanted.mode;
}

}  // namespace

bool matches(const Selector& selector, const Packet& packet) {
    return selector.source.range().contains(packet.source) &&
           selector.destination.range().contains(packet.destination) &&
           (selector.protocol == 0 || selector.protocol == packet.protocol) &&
           port_matches(packet.source_port, selector.source_port, selector.source_port_mask) &&
           port_matches(packet.destination_port, selector.destination_port,
                        selector.destination_port_mask);
}

bool same_protection(const InstallSa& a, const InstallSa& b) {
    return a.suite.cipher == b.suite.cipher && a.suite.integrity == b.suite.integrity &&
           a.suite.esn == b.suite.esn && a.mode == b.mode &&
           Secret::equal(a.keys.encryption.view(), b.keys.encryption.view()) &&
           Secret::equal(a.keys.integrity.view(), b.keys.integrity.view());
}

bool deliver(FakeKernel& from, IfId from_if_id, FakeKernel& to, const Packet& packet, Instant now,
             std::uint64_t bytes) {
    const bool arrives = would_pass(from, from_if_id, to, packet);
    const FakeKernel::Outbound sent = from.send(packet, from_if_id, now, bytes);
    if (sent.fate != FakeKernel::Fate::protected_ || !arrives) return false;
    const HeldSa* received = to.find(sent.sa->install.spi, Direction::in);
    return to.count({received->install.destination, received->install.spi}, 1, bytes);
}

bool would_pass(const FakeKernel& from, IfId from_if_id, const FakeKernel& to,
                const Packet& packet) {
    const FakeKernel::Outbound sent = from.outbound(packet, from_if_id);
    if (sent.fate != FakeKernel::Fate::protected_) return false;
    const HeldSa* received = to.find(sent.sa->install.spi, Direction::in);
    if (received == nullptr || !same_protection(sent.sa->install, received->install)) return false;
    const bool tunnel = received->install.mode == Mode::tunnel;
    return to.admits(*received, packet, tunnel ? Direction::forward : Direction::in);
}

const HeldSa* FakeKernel::find(EspSpi spi, Direction direction) const {
    for (const auto& [id, held] : sas_)
        if (id.spi == spi && held.install.direction == direction) return &held;
    return nullptr;
}

std::size_t FakeKernel::count_sas(Direction direction) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        sas_, [&](const auto& entry) { return entry.second.install.direction == direction; }));
}

bool FakeKernel::holds_only_standing() const {
    return sas_.empty() && std::ranges::all_of(policies_, [](const InstallPolicy& policy) {
               const bool waits = policy.tmpl && !policy.tmpl->spi;
               return policy.action == PolicyAction::block || waits;
           });
}

std::vector<Larval>::iterator FakeKernel::find_larval(const Acquire& wanted) {
    return std::ranges::find_if(
        larvals_, [&](const Larval& larval) { return is_meant(larval.acquire, wanted); });
}

const InstallPolicy* FakeKernel::lookup(const Packet& packet, Direction direction,
                                        IfId if_id) const {
    const InstallPolicy* best = nullptr;
    for (const InstallPolicy& policy : policies_) {
        if (policy.direction != direction || policy.if_id != if_id ||
            !matches(policy.selector, packet))
            continue;
        if (best == nullptr || policy.priority < best->priority) best = &policy;
    }
    return best;
}

const HeldSa* FakeKernel::sa_for(const InstallPolicy& policy, const Packet& packet) const {
    const IpAddress& destination =
        policy.tmpl->mode == Mode::tunnel ? policy.tmpl->destination : packet.destination;
    const HeldSa* newest = nullptr;
    for (const auto& [id, held] : sas_) {
        const InstallSa& sa = held.install;
        if (sa.direction != Direction::out || id.destination != destination ||
            sa.if_id != policy.if_id || !serves(sa, *policy.tmpl) ||
            (sa.selector && !matches(*sa.selector, packet)) || !fits_offload(held, policy))
            continue;
        if (newest == nullptr || held.order > newest->order) newest = &held;
    }
    const bool is_hidden =
        newest != nullptr && newest->offload == OffloadMode::packet &&
        std::ranges::any_of(sas_, [newest](const auto& sa) { return hides(sa.second, *newest); });
    return is_hidden ? nullptr : newest;
}

FakeKernel::Outbound FakeKernel::outbound(const Packet& packet, IfId if_id) const {
    Outbound out;
    const InstallPolicy* policy = lookup(packet, Direction::out, if_id);
    if (policy == nullptr) return out;
    if (policy->action == PolicyAction::block) {
        out.fate = Fate::blocked;
        return out;
    }
    if (!policy->tmpl) return out;
    out.sa = sa_for(*policy, packet);
    out.fate = out.sa != nullptr ? Fate::protected_ : Fate::no_sa;
    if (out.sa != nullptr) return out;

    Acquire acquire;
    acquire.policy = policy->index;
    acquire.if_id = policy->if_id;
    acquire.reqid = policy->tmpl->reqid;
    const std::uint8_t bits = address_bits(packet.source.family());
    acquire.flow = {{packet.source, bits},
                    {packet.destination, bits},
                    packet.protocol,
                    packet.source_port,
                    0xffff,
                    packet.destination_port,
                    0xffff};
    const bool tunnel = policy->tmpl->mode == Mode::tunnel;
    acquire.source = tunnel ? policy->tmpl->source : packet.source;
    acquire.destination = tunnel ? policy->tmpl->destination : packet.destination;
    acquire.mode = policy->tmpl->mode;
    out.acquire = acquire;
    return out;
}

FakeKernel::Outbound FakeKernel::send(const Packet& packet, IfId if_id, Instant now,
                                      std::uint64_t bytes) {
    std::erase_if(larvals_, [now](const Larval& larval) { return larval.expires <= now; });
    Outbound out = outbound(packet, if_id);
    if (out.sa != nullptr && !count({out.sa->install.destination, out.sa->install.spi}, 1, bytes))
        return {Fate::no_sa, nullptr, std::nullopt};
    if (!out.acquire) return out;
    if (find_larval(*out.acquire) != larvals_.end()) {
        out.acquire.reset();
        return out;
    }
    out.acquire->sequence = ++last_acquire_;
    larvals_.push_back({*out.acquire, EspSpi{}, now + larval_lifetime});
    return out;
}

bool FakeKernel::admits(const HeldSa& sa, const Packet& packet, Direction direction) const {
    if (sa.install.selector && !matches(*sa.install.selector, packet)) return false;
    if (sa.offload == OffloadMode::packet) return device_admits(sa, packet);
    const InstallPolicy* policy = lookup(packet, direction, sa.install.if_id);
    // A hole of the kernel's: what a device has decrypted passes where no policy is.
    if (policy == nullptr && sa.offload == OffloadMode::crypto) return true;
    if (policy == nullptr || policy->action == PolicyAction::block || !policy->tmpl) return false;
    if (policy->tmpl->mode == Mode::tunnel && (policy->tmpl->source != sa.install.source ||
                                               policy->tmpl->destination != sa.install.destination))
        return false;
    return serves(sa.install, *policy->tmpl);
}

}  // namespace xfrmd::test
