#include "daemon/kernel_requests.hpp"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>

#include "base/try.hpp"
#include "daemon/clock.hpp"
#include "daemon/error_text.hpp"
#include "daemon/lost_answer.hpp"
#include "daemon/reply_pairing.hpp"
#include "xfrm/encode_policy.hpp"
#include "xfrm/encode_sa.hpp"

namespace xfrmd::daemon {
namespace {

/// Some 220 unread answers fit into a socket's default buffer; more are lost. Ours is larger, but
/// not where the system's limit holds.
constexpr std::size_t most_under_way = 64;
constexpr int answer_buffer_octets = 1 << 20;
/// The kernel answers within the send; this bounds what must never happen.
constexpr std::chrono::seconds answer_patience{5};

std::chrono::milliseconds rest_until(Instant end) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(end - boottime_now());
    return std::max(rest, std::chrono::milliseconds(0));
}

/// How many operations from the front can leave in one send.
std::size_t batch_size(std::span<const xfrm::Operation> operations) {
    std::size_t size = 0;
    while (size < operations.size() && size < most_under_way &&
           family_of(operations[size]) == family_of(operations[0]))
        ++size;
    return size;
}

/// Reads until every request is answered, the time is up, or answers were lost.
int collect(NetlinkSocket& socket, ReplyPairing& pairing) {
    const Instant end = boottime_now() + answer_patience;
    while (!pairing.complete()) {
        const int error = socket.receive(
            rest_until(end), [&](ByteView octets) { pairing.take(xfrm::decode_replies(octets)); });
        if (error != 0) return error;
    }
    return 0;
}

bool interface_exists(const std::string& name) {
    return if_nametoindex(name.c_str()) != 0;
}

}  // namespace

std::expected<KernelRequests, Failure> KernelRequests::open() {
    const NetlinkSettings settings{.protocol = NETLINK_XFRM,
                                   .receive_buffer = answer_buffer_octets};
    auto xfrm = NetlinkSocket::open(settings);
    if (!xfrm)
        return std::unexpected(Failure{
            ExitCode::unsupported,
            fmt::format("this kernel has no IPsec (modprobe xfrm_user): {}", xfrm.error())});
    auto route =
        NetlinkSocket::open({.protocol = NETLINK_ROUTE, .receive_buffer = answer_buffer_octets});
    if (!route)
        return std::unexpected(
            Failure{ExitCode::failure, fmt::format("route socket: {}", route.error())});
    return KernelRequests(*std::move(xfrm), *std::move(route));
}

std::expected<xfrm::Features, Failure> KernelRequests::probe_features() {
    const auto& attributes = xfrm::probed_attributes;
    const std::uint32_t first = xfrm_.take_sequences(attributes.size());
    xfrm::WipedBytes batch;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        const auto sequence = first + static_cast<std::uint32_t>(i);
        const auto probe = xfrm::encode_probe(attributes[i], {sequence, port_id()});
        batch.insert(batch.end(), probe.begin(), probe.end());
    }
    ReplyPairing pairing(first, attributes.size());
    int error = xfrm_.send(batch);
    if (error == 0) error = collect(xfrm_, pairing);
    for (std::size_t i = 0; error == 0 && i < attributes.size(); ++i) {
        const int verdict = pairing.slots()[i].result.error;
        if (verdict == EPERM) error = verdict;
        xfrm::set_feature(features_, attributes[i], xfrm::read_probe(verdict));
    }
    if (error == 0) return features_;
    return std::unexpected(
        Failure{error == EPERM ? ExitCode::privileges : ExitCode::failure,
                fmt::format("cannot ask the kernel about IPsec: {}{}", error_text(error),
                            error == EPERM ? "; the capability CAP_NET_ADMIN is missing" : "")});
}

NetlinkSocket& KernelRequests::socket_of(xfrm::Family family) {
    return family == xfrm::Family::xfrm ? xfrm_ : route_;
}

std::vector<xfrm::OperationResult> KernelRequests::run(
    std::span<const xfrm::Operation> operations) {
    std::vector<xfrm::OperationResult> results;
    results.reserve(operations.size());
    while (!operations.empty()) {
        const std::size_t size = batch_size(operations);
        std::ranges::move(run_batch(operations.first(size)), std::back_inserter(results));
        operations = operations.subspan(size);
    }
    return results;
}

xfrm::OperationResult KernelRequests::run(const xfrm::Operation& operation) {
    return std::move(run(std::span(&operation, 1)).front());
}

std::vector<xfrm::OperationResult> KernelRequests::run_batch(
    std::span<const xfrm::Operation> batch) {
    NetlinkSocket& socket = socket_of(family_of(batch[0]));
    const std::uint32_t first = socket.take_sequences(batch.size());
    xfrm::WipedBytes octets;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto sequence = first + static_cast<std::uint32_t>(i);
        const auto encoded = xfrm::encode(batch[i], features_, sequence, socket.port_id());
        octets.insert(octets.end(), encoded.message.begin(), encoded.message.end());
    }
    ReplyPairing pairing(first, batch.size());
    const int send_error = socket.send(octets);
    if (send_error == 0) collect(socket, pairing);

    std::vector<xfrm::OperationResult> results;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        ReplyPairing::Slot& slot = pairing.slots()[i];
        if (slot.answered)
            results.push_back(std::move(slot.result));
        else if (send_error != 0)
            results.push_back({.error = send_error, .message = "netlink send", .status = {}});
        else
            results.push_back(recover(batch[i]));
    }
    return results;
}

xfrm::OperationResult KernelRequests::recover(const xfrm::Operation& operation) {
    const auto query = verification(operation);
    if (const auto* create = std::get_if<xfrm::CreateInterface>(&operation))
        return judge(operation, interface_exists(create->name));
    if (const auto* remove = std::get_if<xfrm::DeleteInterface>(&operation))
        return judge(operation, interface_exists(remove->name));
    // Whoever wants to know a route asks again.
    if (!query) return judge(operation, false);

    const std::uint32_t sequence = xfrm_.take_sequences(1);
    const auto encoded = xfrm::encode(*query, features_, sequence, port_id());
    ReplyPairing pairing(sequence, 1);
    int error = xfrm_.send(encoded.message);
    if (error == 0) error = collect(xfrm_, pairing);
    ReplyPairing::Slot& slot = pairing.slots().front();
    if (!slot.answered)
        return {.error = error, .message = "the kernel does not answer", .status = {}};
    const bool is_query = std::holds_alternative<xfrm::QuerySa>(operation) ||
                          std::holds_alternative<xfrm::QueryPolicy>(operation);
    return is_query ? std::move(slot.result) : judge(operation, slot.result.ok());
}

template <class Status>
std::expected<std::vector<Status>, int> KernelRequests::dump(
    xfrm::WipedBytes (*encode_dump)(xfrm::MessageTag)) {
    const std::uint32_t sequence = xfrm_.take_sequences(1);
    if (const int error = xfrm_.send(encode_dump({sequence, port_id()})))
        return std::unexpected(error);
    std::vector<Status> found;
    std::optional<int> end;
    const auto take = [&](xfrm::Reply& reply) {
        if (reply.sequence != sequence) return;
        if (auto* status = std::get_if<Status>(&reply.content)) found.push_back(std::move(*status));
        if (auto* done = std::get_if<xfrm::DumpEnd>(&reply.content)) end = done->error;
        if (auto* answer = std::get_if<xfrm::Acknowledged>(&reply.content)) end = answer->error;
    };
    const Instant deadline = boottime_now() + answer_patience;
    while (!end) {
        const int error = xfrm_.receive(rest_until(deadline), [&](ByteView octets) {
            auto replies = xfrm::decode_replies(octets);
            std::ranges::for_each(replies.replies, take);
        });
        if (error != 0) return std::unexpected(error);
    }
    if (*end != 0) return std::unexpected(*end);
    return found;
}

std::expected<std::vector<xfrm::SaStatus>, int> KernelRequests::dump_sas() {
    return dump<xfrm::SaStatus>(&xfrm::encode_sa_dump);
}

std::expected<std::vector<xfrm::PolicyStatus>, int> KernelRequests::dump_policies() {
    return dump<xfrm::PolicyStatus>(&xfrm::encode_policy_dump);
}

}  // namespace xfrmd::daemon
