// Full PSK handshakes through two engines in one process, without a kernel: how much more the
// responder costs than the bare cryptography of the same handshake, and what an established tunnel
// weighs. Ratios are of one run; single times say little on a noisy machine.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "bare_crypto.hpp"
#include "node.hpp"

using namespace xfrmd;
using namespace xfrmd::bench;

namespace {

struct Figures {
    double bare_microseconds = 0;       ///< CPU for the cryptography alone, measured in between
    double responder_microseconds = 0;  ///< CPU for each handshake
    double handshakes_per_second = 0;   ///< both ends
    double bytes_per_tunnel = 0;        ///< of the responder's heap, for each that is established
};

/// A hub with `configured` tunnels, of which the first `established` are brought up by spokes.
Figures measure(const crypto::Library& library, std::uint32_t configured,
                std::uint32_t established) {
    Node hub(library, 1, {hub_address});
    std::vector<std::shared_ptr<const config::Phase1>> phase1s;
    for (std::uint32_t i = 1; i <= configured; ++i)
        phase1s.push_back(std::make_shared<const config::Phase1>(
            tunnel(fmt::format("spoke{:05}", i), numbered_address(10, i), i, true)));
    hub.configure(std::move(phase1s));

    // The spokes come and go one after the other; only the hub's memory is watched. A machine's
    // speed drifts, so the bare cryptography is measured in between, not before or after.
    static constexpr std::uint32_t handshakes_between = 25;
    // Not so many in a second that cookies are asked for.
    static constexpr std::chrono::milliseconds between_calls{20};
    const std::size_t heap_before = mallinfo2().uordblks;
    const double hub_before = hub.seconds();
    double both_ends = 0;
    BareCrypto bare(Work::handshake);
    for (std::uint32_t i = 1; i <= established; ++i) {
        const double before = cpu_seconds();
        Node spoke(library, 1000 + i, {numbered_address(10, i)});
        spoke.configure(
            {std::make_shared<const config::Phase1>(tunnel("hub", hub_address, i, false))});
        spoke.feed(ike::CommandUp{"hub", ""});
        exchange(spoke, hub);
        hub.pass(between_calls);
        both_ends += cpu_seconds() - before;
        if (i % handshakes_between == 0) bare.measure(handshakes_between / 2);
    }
    const double count = established;
    if (hub.engine().established_count() != established) {
        fmt::print(stderr, "only {} of {} tunnels came up\n", hub.engine().established_count(),
                   established);
        std::exit(1);
    }
    return {bare.mean_seconds() * 1e6, (hub.seconds() - hub_before) / count * 1e6,
            count / both_ends, static_cast<double>(mallinfo2().uordblks - heap_before) / count};
}

}  // namespace

int main() {
    const crypto::Library library;
    fmt::print("PSK handshake, aes128gcm-prfsha256, group 31; CPU time of one core\n\n");
    fmt::print("{:>10} {:>11} {:>12} {:>12} {:>7} {:>12} {:>12}\n", "configured", "established",
               "responder", "bare crypto", "ratio", "handshakes/s", "bytes/tunnel");
    measure(library, 100, 100);  // warms caches and heap
    for (const auto& [configured, established] :
         {std::pair{1000U, 1000U}, std::pair{10000U, 1000U}, std::pair{10000U, 10000U}}) {
        const Figures figures = measure(library, configured, established);
        fmt::print("{:>10} {:>11} {:>9.1f} us {:>9.1f} us {:>7.2f} {:>12.0f} {:>12.0f}\n",
                   configured, established, figures.responder_microseconds,
                   figures.bare_microseconds,
                   figures.responder_microseconds / figures.bare_microseconds,
                   figures.handshakes_per_second, figures.bytes_per_tunnel);
    }
    fmt::print(
        "\nresponder: its engine alone, parsing to answers; handshakes/s: both ends in one "
        "process;\nbytes/tunnel: heap of the responder for each IKE SA with its Child SA.\n");
}
