// The protocol engine: IKEv2 (RFC 7296) without a socket, a clock or a kernel.
//
// Use: call handle() with what happened and the time, take outputs with poll_output() until there
// are none, and call handle(DeadlineReached) when next_deadline() has come. Nothing is called back.
// With equal inputs, times and random octets the outputs are equal.
//
// One engine is one gateway. It owns the IKE SAs, finds the one that a datagram belongs to, and
// runs the tunnels of the configuration; what happens inside an IKE SA is IkeSa's.
#pragma once

#include <memory>
#include <optional>

#include "base/random.hpp"
#include "crypto/library.hpp"
#include "ike/input_output.hpp"
#include "ike/overview.hpp"
#include "ike/tally.hpp"
#include "ike/tunnel_overview.hpp"

namespace xfrmd::ike {

struct DoorCounts;

struct EngineOptions {
    bool log_keys = false;  ///< emit KeyLog outputs: gives the traffic away to whoever reads them
};

class Engine {
  public:
    Engine(const crypto::Library& library, Random& random, EngineOptions options = {});
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    void handle(Input input, const Now& now);
    std::optional<Output> poll_output();
    /// The earliest time at which DeadlineReached is wanted; nothing if no timer runs.
    std::optional<Instant> next_deadline() const;
    /// After CommandStop: peers are told, the kernel is clean, or the time for it is up.
    bool stopped() const;

    /// Established IKE SAs, for status and tests.
    std::size_t established_count() const;
    /// IKE SAs in negotiation.
    std::size_t half_open_count() const;
    /// All of it as plain values, for status and tests.
    Overview overview() const;
    /// A configured phase 1 with all that hangs on it; nothing if there is no such one.
    std::optional<TunnelOverview> tunnel(std::string_view name) const;
    /// The name of the next configured phase 1 behind `name`, in their order: whoever wants to see
    /// all of them takes as many at a time as it has time for.
    std::optional<std::string> next_tunnel(std::string_view name) const;
    const Tally& tally() const;
    /// What became of strangers' first messages, since the engine began.
    const DoorCounts& door_counts() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace xfrmd::ike
