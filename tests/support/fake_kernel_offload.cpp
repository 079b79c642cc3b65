// What the fake kernel's devices take over, as drivers do.
#include <algorithm>
#include <cerrno>
#include <iterator>

#include "support/fake_kernel.hpp"

namespace xfrmd::test {
namespace {

using namespace xfrmd::xfrm;

OffloadMode asked(const std::optional<OffloadRequest>& offload) {
    return offload ? offload->mode : OffloadMode::none;
}

OperationResult answer(int error, std::string message) {
    OperationResult result;
    result.error = error;
    result.message = std::move(message);
    return result;
}

template <class T>
bool lacks(const std::vector<T>& taken, const T& one) {
    return !taken.empty() && std::ranges::find(taken, one) == taken.end();
}

}  // namespace

std::size_t FakeKernel::offloaded(std::uint32_t index) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(sas_, [index](const auto& sa) { return sa.second.device == index; }));
}

/// Nothing if the device takes the SA.
std::optional<FakeKernel::Refusal> FakeKernel::device_refusal(const InstallSa& install) const {
    const OffloadMode mode = asked(install.offload);
    const auto found = devices_.find(install.offload->interface_index);
    const FakeDevice device = found == devices_.end() ? FakeDevice{} : found->second;
    const bool is_inbound = install.direction == Direction::in;
    if (mode > device.most) return Refusal{device.error, device.words};
    if (install.encapsulation)
        return Refusal{EINVAL, "Encapsulated xfrm state may not be offloaded"};
    if (lacks(device.ciphers, install.suite.cipher.id))
        return Refusal{EINVAL, "Cannot offload this cipher"};
    if (device.refuses_inbound_if_id && is_inbound && install.if_id != IfId{})
        return Refusal{EINVAL, "XFRM if_id is not supported in RX path"};
    if (mode == OffloadMode::packet && is_inbound &&
        lacks(device.packet_windows, install.replay_window))
        return Refusal{EINVAL, "Cannot offload this replay window"};
    if (offloaded(install.offload->interface_index) >= device.table_size)
        return Refusal{ENOSPC, "No room for another SA"};
    return std::nullopt;
}

OperationResult FakeKernel::offload(HeldSa& held) const {
    const OffloadMode mode = asked(held.install.offload);
    if (mode == OffloadMode::none) return {};
    const auto refused = device_refusal(held.install);
    if (!refused) {
        held.offload = mode;
        held.device = held.install.offload->interface_index;
        return {};
    }
    if (mode == OffloadMode::packet || refused->error != EOPNOTSUPP)
        return answer(refused->error, refused->message);
    const auto device = devices_.find(held.install.offload->interface_index);
    const bool warns = device == devices_.end() || device->second.warns;
    return answer(0, warns ? refused->message : "");
}

std::optional<FakeKernel::Refusal> FakeKernel::offload_refusal(const InstallPolicy& policy) const {
    if (asked(policy.offload) != OffloadMode::packet) return std::nullopt;
    const auto found = devices_.find(policy.offload->interface_index);
    if (found != devices_.end() && found->second.most == OffloadMode::packet &&
        found->second.takes_policies && policy.direction != Direction::forward)
        return std::nullopt;
    return Refusal{EINVAL, "Device does not support offloading this policy"};
}

void FakeKernel::lose_device(std::uint32_t index) {
    std::erase_if(sas_, [index](const auto& sa) { return sa.second.device == index; });
    std::erase_if(policies_, [index](const InstallPolicy& policy) {
        return policy.offload && policy.offload->interface_index == index;
    });
}

void FakeKernel::lose_offload(const SaId& id) {
    const auto found = sas_.find(id);
    if (found == sas_.end()) return;
    found->second.offload = OffloadMode::none;
    found->second.device = 0;
}

/// The device that has a packet-mode SA asks its own policies, and no reqid: mlx5's rules for what
/// it has decrypted are of addresses, protocol and ports.
bool FakeKernel::device_admits(const HeldSa& sa, const Packet& packet) const {
    const InstallPolicy* best = nullptr;
    for (const InstallPolicy& policy : policies_)
        if (policy.direction == Direction::in && policy.if_id == sa.install.if_id &&
            policy.offload && policy.offload->interface_index == sa.device &&
            matches(policy.selector, packet) &&
            (best == nullptr || policy.priority < best->priority))
            best = &policy;
    return best != nullptr && best->action == PolicyAction::allow && best->tmpl;
}

}  // namespace xfrmd::test
