// Runs the engine's operations in the kernel and waits for its answers.
//
// Waiting is right here: the kernel works on a request within the call that sends it, so the
// answers lie in the queue when that call returns. The one slow case, an algorithm's module that is
// loaded on first use, is behind us once the algorithms were probed.
#pragma once

#include <expected>
#include <span>
#include <vector>

#include "daemon/exit_code.hpp"
#include "daemon/netlink_socket.hpp"
#include "xfrm/encode.hpp"
#include "xfrm/features.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::daemon {

class KernelRequests {
  public:
    static std::expected<KernelRequests, Failure> open();

    /// Events that our own requests cause carry this.
    std::uint32_t port_id() const { return xfrm_.port_id(); }

    /// Asks the kernel what it can do; what it can is used from then on.
    std::expected<xfrm::Features, Failure> probe_features();

    /// All operations in order, one result each. Those of one netlink family that stand together
    /// leave in one send. An answer that got lost is replaced by a look at the kernel's state.
    std::vector<xfrm::OperationResult> run(std::span<const xfrm::Operation> operations);
    xfrm::OperationResult run(const xfrm::Operation& operation);

    /// All ESP SAs and all policies of the network namespace, anybody's. The error is an errno.
    std::expected<std::vector<xfrm::SaStatus>, int> dump_sas();
    std::expected<std::vector<xfrm::PolicyStatus>, int> dump_policies();

  private:
    KernelRequests(NetlinkSocket xfrm, NetlinkSocket route)
        : xfrm_(std::move(xfrm)), route_(std::move(route)) {}

    NetlinkSocket& socket_of(xfrm::Family family);
    std::vector<xfrm::OperationResult> run_batch(std::span<const xfrm::Operation> batch);
    xfrm::OperationResult recover(const xfrm::Operation& operation);
    template <class Status>
    std::expected<std::vector<Status>, int> dump(xfrm::WipedBytes (*encode_dump)(xfrm::MessageTag));

    NetlinkSocket xfrm_;
    NetlinkSocket route_;
    xfrm::Features features_;
};

}  // namespace xfrmd::daemon
