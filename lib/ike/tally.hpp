// What the engine has done since it started, as numbers that only grow: for counters and metrics.
#pragma once

#include <cstdint>
#include <map>

#include "ike/event.hpp"
#include "ike/reason.hpp"
#include "wire/registry.hpp"

namespace xfrmd::ike {

struct ExchangeTally {
    std::uint64_t started = 0;   ///< requests of ours, each counted once
    std::uint64_t answered = 0;  ///< requests of peers that were taken, each counted once
};

struct Tally {
    std::map<wire::ExchangeType, ExchangeTally> exchanges;
    std::uint64_t retransmissions = 0;
    std::uint64_t ike_sas_established = 0;
    std::uint64_t ike_sas_rekeyed = 0;
    std::uint64_t child_sas_established = 0;
    std::uint64_t child_sas_rekeyed = 0;
    std::uint64_t messages_dropped = 0;
    /// Failed negotiations, refusals of the kernel and lost peers; one entry a reason at most.
    std::map<Reason, std::uint64_t> failures;

    void note(const Event& event) {
        switch (event.kind) {
            case EventKind::message_dropped: ++messages_dropped; return;
            case EventKind::ike_sa_established: ++ike_sas_established; return;
            case EventKind::child_sa_established: ++child_sas_established; return;
            case EventKind::ike_sa_failed:
            case EventKind::child_sa_failed:
            case EventKind::kernel_refused:
            case EventKind::retransmission_timeout:
                if (event.reason) ++failures[*event.reason];
                return;
            default: return;
        }
    }
};

}  // namespace xfrmd::ike
