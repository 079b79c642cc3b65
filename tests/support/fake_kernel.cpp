#include "support/fake_kernel.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "xfrm/algorithms.hpp"

namespace xfrmd::test {
namespace {

using namespace xfrmd::xfrm;

constexpr std::uint32_t index_direction_mask = 7;
/// Where indices start that the kernel chooses by itself.
constexpr std::uint32_t chosen_index_start = 0x100;

OperationResult refusal(int error, std::string message = {}) {
    OperationResult result;
    result.error = error;
    result.message = std::move(message);
    return result;
}

InstallSa copy_of(const InstallSa& sa) {
    InstallSa copy;
    copy.direction = sa.direction;
    copy.source = sa.source;
    copy.destination = sa.destination;
    copy.spi = sa.spi;
    copy.reqid = sa.reqid;
    copy.if_id = sa.if_id;
    copy.mode = sa.mode;
    copy.suite = sa.suite;
    copy.keys = {sa.keys.encryption.clone(), sa.keys.integrity.clone()};
    copy.replay_window = sa.replay_window;
    copy.selector = sa.selector;
    copy.encapsulation = sa.encapsulation;
    copy.limits = sa.limits;
    copy.offload = sa.offload;
    copy.acquire_sequence = sa.acquire_sequence;
    copy.nat_keepalive_seconds = sa.nat_keepalive_seconds;
    return copy;
}

bool keys_fit(const InstallSa& sa) {
    const auto integrity = kernel_integrity(sa.suite.integrity);
    return sa.keys.encryption.size() == kernel_key_size(sa.suite.cipher) &&
           sa.keys.integrity.size() == (integrity ? integrity->key_size : 0U);
}

bool is_valid(const Selector& selector) {
    const IpFamily family = selector.source.address.family();
    return selector.destination.address.family() == family &&
           selector.source.prefix_length <= address_bits(family) &&
           selector.destination.prefix_length <= address_bits(family);
}

SaStatus status_of(const HeldSa& held) {
    const InstallSa& sa = held.install;
    SaStatus status;
    status.source = sa.source;
    status.destination = sa.destination;
    status.spi = sa.spi;
    status.reqid = sa.reqid;
    status.if_id = sa.if_id;
    status.mode = sa.mode;
    status.cipher = kernel_cipher(sa.suite.cipher.id)->name;
    if (const auto integrity = kernel_integrity(sa.suite.integrity))
        status.integrity = integrity->name;
    status.key_bits = static_cast<std::uint32_t>(sa.keys.encryption.size() * 8);
    status.esn = sa.suite.esn == wire::EsnId::yes;
    status.replay_window = sa.direction == Direction::in ? sa.replay_window : 0;
    status.offload = held.offload;
    status.offload_device = held.device;
    status.bytes = held.bytes;
    status.packets = held.packets;
    return status;
}

PolicyStatus status_of(const InstallPolicy& policy) {
    PolicyStatus status;
    status.direction = policy.direction;
    status.selector = policy.selector;
    status.if_id = policy.if_id;
    status.index = policy.index;
    status.priority = policy.priority;
    status.action = policy.action;
    status.tmpl = policy.tmpl;
    if (policy.offload) {
        status.offload = policy.offload->mode;
        status.offload_device = policy.offload->interface_index;
    }
    return status;
}

bool is_reached(std::uint64_t count, const std::optional<std::uint64_t>& limit) {
    return limit && count >= *limit;
}

bool is_deletion(const Operation& operation) {
    return std::holds_alternative<DeleteSa>(operation) ||
           std::holds_alternative<DeletePolicy>(operation) ||
           std::holds_alternative<DeleteInterface>(operation);
}

}  // namespace

// ---- Operations ----

std::vector<OperationResult> FakeKernel::run(std::span<const Operation> operations) {
    std::vector<OperationResult> results;
    for (const Operation& operation : operations) {
        results.push_back(run_one(operation));
        if (after_each_operation) after_each_operation();
    }
    return results;
}

OperationResult FakeKernel::run_one(const Operation& operation) {
    const std::uint64_t number = operations_run_++;
    if (is_deletion(operation)) {
        // Deleting needs no memory: what was meant for it meets the next one.
        const auto refused = refusals_.find(number);
        if (refused != refusals_.end() && refused->second.error == ENOMEM)
            refusals_.insert_or_assign(number + 1, refusals_.extract(refused).mapped());
    }
    if (const auto refused = refusals_.extract(number))
        return refusal(refused.mapped().error, refused.mapped().message);
    return std::visit([this](const auto& one) { return apply(one); }, operation);
}

OperationResult FakeKernel::apply(const InstallSa& install) {
    if (const auto it = refused_ciphers_.find(install.suite.cipher.id);
        it != refused_ciphers_.end())
        return refusal(it->second.error, it->second.message);
    if (install.direction == Direction::forward || install.spi == EspSpi{} ||
        install.source.family() != install.destination.family() ||
        (install.selector && !is_valid(*install.selector)) || !is_installable(install.suite))
        return refusal(EINVAL);
    if (!keys_fit(install))
        return refusal(EINVAL, "Kernel was unable to initialize cryptographic operations");
    const SaId id{install.destination, install.spi};
    if (sas_.contains(id)) return refusal(EEXIST);

    HeldSa held{.install = copy_of(install)};
    held.order = ++sas_added_;
    OperationResult result = offload(held);
    if (!result.ok()) return result;
    sas_.emplace(id, std::move(held));
    Acquire answered;
    answered.sequence = install.acquire_sequence;
    answered.if_id = install.if_id;
    answered.reqid = install.reqid;
    answered.source = install.source;
    answered.destination = install.destination;
    answered.mode = install.mode;
    if (const auto larval = find_larval(answered); larval != larvals_.end()) larvals_.erase(larval);
    return result;
}

OperationResult FakeKernel::apply(const UpdatePorts& update) {
    const auto it = sas_.find({update.sa.destination, update.sa.spi});
    if (it == sas_.end()) return refusal(ESRCH);
    std::optional<Encapsulation>& ports = it->second.install.encapsulation;
    if (!keys_fit(update.sa) || !ports || !update.sa.encapsulation) return refusal(EINVAL);
    ports = update.sa.encapsulation;
    return {};
}

OperationResult FakeKernel::apply(const DeleteSa& remove) {
    // An SA without an SPI cannot be named, so a larval that has none stays.
    const auto larvals = std::erase_if(larvals_, [&](const Larval& larval) {
        return larval.spi != EspSpi{} && larval.spi == remove.spi &&
               larval.acquire.destination == remove.destination;
    });
    const auto sas = sas_.erase({remove.destination, remove.spi});
    return refusal(larvals + sas > 0 ? 0 : ESRCH);
}

OperationResult FakeKernel::apply(const AllocateSpi& allocate) {
    if (allocate.spi == EspSpi{} || sas_.contains({allocate.destination, allocate.spi}))
        return refusal(ENOENT);
    Acquire wanted;
    wanted.sequence = allocate.sequence;
    wanted.if_id = allocate.if_id;
    wanted.reqid = allocate.reqid;
    wanted.source = allocate.source;
    wanted.destination = allocate.destination;
    wanted.mode = allocate.mode;
    // Where there is no larval the kernel makes one.
    auto larval = find_larval(wanted);
    if (larval == larvals_.end())
        larval = larvals_.insert(larvals_.end(), {wanted, EspSpi{}, Instant::max()});
    larval->spi = allocate.spi;
    return {};
}

OperationResult FakeKernel::apply(const QuerySa& query) {
    const auto it = sas_.find({query.destination, query.spi});
    if (it == sas_.end()) return refusal(ESRCH);
    OperationResult result;
    result.status = status_of(it->second);
    return result;
}

OperationResult FakeKernel::apply(const InstallPolicy& install) {
    const auto direction = std::to_underlying(install.direction);
    const std::uint32_t wished = install.index.value();
    if (!is_valid(install.selector)) return refusal(EINVAL, "Invalid prefix length in selector");
    if (wished != 0 && (wished & index_direction_mask) != direction)
        return refusal(EINVAL, "Policy index doesn't match direction");
    if (const auto refused = offload_refusal(install))
        return refusal(refused->error, refused->message);

    InstallPolicy policy = install;
    if (policy.offload && policy.offload->mode != OffloadMode::packet) policy.offload.reset();
    const auto old = find_policy(install.direction, install.selector, install.if_id);
    if (old != policies_.end()) {
        if (!install.replace) return refusal(EEXIST, "");
        policy.index = old->index;
        *old = std::move(policy);
        return {};
    }
    policy.index = free_index(install.index, install.direction);
    policies_.push_back(std::move(policy));
    return {};
}

OperationResult FakeKernel::apply(const DeletePolicy& remove) {
    const auto it = find_policy(remove.direction, remove.selector, remove.if_id);
    if (it == policies_.end()) return refusal(ENOENT);
    policies_.erase(it);
    return {};
}

OperationResult FakeKernel::apply(const QueryPolicy& query) {
    const auto it = find_policy(query.direction, query.selector, query.if_id);
    if (it == policies_.end()) return refusal(ENOENT);
    OperationResult result;
    result.status = status_of(*it);
    return result;
}

OperationResult FakeKernel::apply(const CreateInterface& create) {
    if (create.if_id == IfId{}) return refusal(EINVAL, "if_id must be non zero");
    if (create.name.empty() || create.name.size() > 15) return refusal(ERANGE);
    if (create.replace) {
        const auto found = interfaces_.find(create.name);
        if (found == interfaces_.end()) return refusal(ENODEV);
        if (found->second.if_id != create.if_id) return refusal(EEXIST);
        found->second = create;
        return {};
    }
    const bool id_taken = std::ranges::any_of(
        interfaces_, [&](const auto& entry) { return entry.second.if_id == create.if_id; });
    if (id_taken || interfaces_.contains(create.name)) return refusal(EEXIST);
    interfaces_.emplace(create.name, create);
    return {};
}

OperationResult FakeKernel::apply(const DeleteInterface& remove) {
    return refusal(interfaces_.erase(remove.name) == 1 ? 0 : ENODEV);
}

OperationResult FakeKernel::apply(const QueryRoute&) {
    if (route_device == 0) return refusal(ENETUNREACH);
    OperationResult result;
    result.status = RouteStatus{route_device};
    return result;
}

std::vector<InstallPolicy>::iterator FakeKernel::find_policy(Direction direction,
                                                             const Selector& selector, IfId if_id) {
    return std::ranges::find_if(policies_, [&](const InstallPolicy& policy) {
        return policy.direction == direction && policy.selector == selector &&
               policy.if_id == if_id;
    });
}

PolicyIndex FakeKernel::free_index(PolicyIndex wished, Direction direction) const {
    const auto taken = [this](PolicyIndex index) {
        return std::ranges::any_of(
            policies_, [&](const InstallPolicy& policy) { return policy.index == index; });
    };
    if (wished != PolicyIndex{} && !taken(wished)) return wished;
    PolicyIndex index(chosen_index_start | std::to_underlying(direction));
    while (taken(index))
        index = PolicyIndex(index.value() + index_direction_mask + 1);
    return index;
}

// ---- Failures, time, others ----

void FakeKernel::refuse(std::size_t nth, int error, std::string message) {
    refusals_[operations_run_ + nth] = {error, std::move(message)};
}

void FakeKernel::refuse_cipher(wire::EncryptionId cipher, int error, std::string message) {
    refused_ciphers_[cipher] = {error, std::move(message)};
}

void FakeKernel::flush() {
    sas_.clear();
    larvals_.clear();
    policies_.clear();
}

void FakeKernel::take_away(Direction direction, const Selector& selector, IfId if_id) {
    const auto it = find_policy(direction, selector, if_id);
    if (it != policies_.end()) policies_.erase(it);
}

std::vector<SaStatus> FakeKernel::dump_sas() const {
    std::vector<SaStatus> statuses;
    for (const auto& [id, sa] : sas_)
        statuses.push_back(status_of(sa));
    return statuses;
}

std::vector<PolicyStatus> FakeKernel::dump_policies() const {
    std::vector<PolicyStatus> statuses;
    for (const InstallPolicy& policy : policies_)
        statuses.push_back(status_of(policy));
    return statuses;
}

std::optional<Expire> FakeKernel::expire(const SaId& id, bool hard) {
    const auto it = sas_.find(id);
    if (it == sas_.end()) return std::nullopt;
    const Expire event{id.destination, id.spi, it->second.install.reqid, hard};
    if (hard) sas_.erase(it);
    return event;
}

bool FakeKernel::count(const SaId& id, std::uint64_t packets, std::uint64_t bytes) {
    const auto it = sas_.find(id);
    if (it == sas_.end()) return false;
    HeldSa& held = it->second;
    const KernelLimits& limits = held.install.limits;
    if (is_reached(held.bytes, limits.hard_bytes) ||
        is_reached(held.packets, limits.hard_packets)) {
        events_.emplace_back(*expire(id, true));
        return false;
    }
    if (!held.soft_told && (is_reached(held.bytes, limits.soft_bytes) ||
                            is_reached(held.packets, limits.soft_packets))) {
        held.soft_told = true;
        events_.emplace_back(*expire(id, false));
    }
    held.packets += packets;
    held.bytes += bytes;
    return true;
}

}  // namespace xfrmd::test
