// Thousands of tunnels through weeks of virtual time, with the default lifetimes: whatever is left
// over by a rekey shows as growth.
//
//   soak [TUNNELS [DAYS]]     100 tunnels for 30 days
//
// One end holds the hub's ends of all tunnels, the other one all spokes'. Exit status 1: something
// has grown, or a tunnel is gone.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "ike/overview.hpp"
#include "node.hpp"

using namespace xfrmd;
using namespace xfrmd::bench;

namespace {

using std::chrono::days;

/// Memory may vary that much between two midnights: buffers keep the room they once needed.
constexpr double heap_tolerance = 1.02;
/// Days after which every table has seen its first rekeys.
constexpr int settled_after = 2;

/// Sizes at one moment, of both ends together.
struct Sizes {
    std::size_t ike_sas = 0, children = 0, retired = 0, timers = 0, requests = 0, spis = 0;
    std::size_t kernel_sas = 0, kernel_policies = 0;
    std::size_t heap = 0;  ///< octets

    void add(const Node& node) {
        const ike::Overview overview = node.engine().overview();
        ike_sas += overview.ike_sas.size();
        for (const ike::IkeSaOverview& sa : overview.ike_sas)
            children += sa.children.size();
        retired += overview.retired_sas.size();
        timers += overview.timers;
        requests += overview.kernel_requests;
        spis += overview.esp_spis;
        kernel_sas += node.tables().sas.size();
        kernel_policies += node.tables().policies.size();
    }
};

struct Soak {
    crypto::Library library;
    std::uint32_t tunnels;
    Node hub;
    Node spokes;
    Instant now = start_time;

    explicit Soak(std::uint32_t tunnels)
        : tunnels(tunnels),
          hub(library, 1, {hub_address}),
          spokes(library, 2, spoke_addresses(tunnels)) {
        hub.configure(ends(true));
        spokes.configure(ends(false));
    }

    static std::vector<IpAddress> spoke_addresses(std::uint32_t tunnels) {
        std::vector<IpAddress> addresses;
        for (std::uint32_t n = 1; n <= tunnels; ++n)
            addresses.push_back(numbered_address(10, n));
        return addresses;
    }

    std::vector<std::shared_ptr<const config::Phase1>> ends(bool is_hub) const {
        std::vector<std::shared_ptr<const config::Phase1>> all;
        for (std::uint32_t n = 1; n <= tunnels; ++n) {
            const IpAddress spoke = numbered_address(10, n);
            config::Phase1 phase1 =
                tunnel(fmt::format("tunnel-{}", n), is_hub ? spoke : hub_address, n, is_hub);
            if (!is_hub) phase1.local_gateway = spoke;
            phase1.phase2s[0].auto_negotiate = phase1.phase2s[0].keepalive = !is_hub;
            all.push_back(std::make_shared<const config::Phase1>(std::move(phase1)));
        }
        return all;
    }

    void run_until(Instant end) {
        exchange(spokes, hub);
        while (now < end) {
            Instant next = end;
            for (const Node* node : {&hub, &spokes})
                if (const auto deadline = node->next_deadline()) next = std::min(next, *deadline);
            now = std::max(now, next);
            hub.wake(now);
            spokes.wake(now);
            exchange(spokes, hub);
        }
    }

    Sizes measure() const {
        Sizes sizes;
        sizes.add(hub);
        sizes.add(spokes);
        sizes.heap = mallinfo2().uordblks;
        return sizes;
    }
};

void print(int day, const Sizes& sizes) {
    fmt::print("{:>4} {:>8} {:>9} {:>8} {:>8} {:>11} {:>9} {:>12.1f}\n", day, sizes.ike_sas,
               sizes.children, sizes.retired, sizes.timers, sizes.kernel_sas, sizes.kernel_policies,
               static_cast<double>(sizes.heap) / 1024.0);
    std::fflush(stdout);
}

/// What is wrong with the sizes of a later day; empty: nothing. While SAs are replaced there are
/// two of them, in a hundredth of all tunnels at most.
std::string complaint(const Sizes& first, const Sizes& now, std::uint32_t tunnels) {
    const std::size_t both_ends = std::size_t{2} * tunnels;
    const std::size_t most = both_ends + std::max<std::size_t>(both_ends / 100, 4);
    if (now.ike_sas < both_ends || now.children < both_ends) return "a tunnel is gone";
    if (now.ike_sas > most || now.children > most || now.spis > most)
        return "more SAs than tunnels";
    if (now.kernel_sas > 2 * most) return "more SAs in the kernel than tunnels have";
    if (now.kernel_policies > first.kernel_policies) return "more policies than before";
    if (now.requests > 0) return "kernel requests without an answer";
    if (now.timers > first.timers + most / 20) return "more timers than before";
    if (static_cast<double>(now.heap) > static_cast<double>(first.heap) * heap_tolerance)
        return "more memory than before";
    return {};
}

int number(int argc, char** argv, int place, int otherwise) {
    return argc > place ? std::max(std::atoi(argv[place]), 1) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    const auto tunnels = static_cast<std::uint32_t>(number(argc, argv, 1, 100));
    const int last_day = number(argc, argv, 2, 30);
    fmt::print("{} tunnels, default lifetimes, both ends in one process\n\n", tunnels);
    fmt::print("{:>4} {:>8} {:>9} {:>8} {:>8} {:>11} {:>9} {:>12}\n", "day", "IKE SAs", "Child SAs",
               "retired", "timers", "kernel SAs", "policies", "heap, KiB");
    Soak soak(tunnels);
    Sizes settled;
    for (int day = 1; day <= last_day; ++day) {
        soak.run_until(start_time + days(day));
        const Sizes sizes = soak.measure();
        print(day, sizes);
        if (day <= settled_after) settled = sizes;
        if (const std::string text = complaint(settled, sizes, tunnels); !text.empty()) {
            fmt::print("\nFAILED: {}\n", text);
            return 1;
        }
    }
    fmt::print("\nno growth\n");
    return 0;
}
