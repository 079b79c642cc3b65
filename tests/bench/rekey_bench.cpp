// Rekeys between two engines in one process, without a kernel: how much more one end costs than the
// bare cryptography of the same exchanges, the old SA's DELETE included. Ratios are of one run.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "bare_crypto.hpp"
#include "ike/timers.hpp"
#include "node.hpp"

using namespace xfrmd;
using namespace xfrmd::bench;

namespace {

constexpr int rounds = 2000;
/// A machine's speed drifts, so the bare cryptography is measured in between.
constexpr int rounds_between = 50;

struct Kind {
    const char* name;
    Work work;
    bool pfs;
    bool ike;
};

std::shared_ptr<const config::Phase1> end(const std::string& name, const IpAddress& remote,
                                          bool is_hub, bool pfs) {
    config::Phase1 phase1 = tunnel(name, remote, 1, is_hub);
    phase1.phase2s[0].pfs = pfs;
    return std::make_shared<const config::Phase1>(std::move(phase1));
}

void measure(const crypto::Library& library, const Kind& kind) {
    const IpAddress spoke_address = numbered_address(10, 1);
    Node hub(library, 1, {hub_address});
    Node spoke(library, 2, {spoke_address});
    hub.configure({end("spoke", spoke_address, true, kind.pfs)});
    spoke.configure({end("hub", hub_address, false, kind.pfs)});
    spoke.feed(ike::CommandUp{"hub", ""});
    exchange(spoke, hub);

    BareCrypto bare(kind.work);
    const double hub_before = hub.seconds();
    const double spoke_before = spoke.seconds();
    for (int i = 1; i <= rounds; ++i) {
        spoke.feed(ike::CommandRekey{"hub", kind.ike ? "" : "hub"});
        exchange(spoke, hub);
        for (Node* node : {&hub, &spoke})
            node->pass(ike::retired_sa_grace);
        if (i % rounds_between == 0) bare.measure(rounds_between);
    }
    const auto left = spoke.engine().overview();
    if (left.ike_sas.size() != 1 || left.ike_sas[0].children.size() != 1) {
        fmt::print(stderr, "{}: the tunnel did not survive\n", kind.name);
        std::exit(1);
    }
    const double hub_time = (hub.seconds() - hub_before) / rounds;
    const double both = hub_time + (spoke.seconds() - spoke_before) / rounds;
    fmt::print("{:<22} {:>9.1f} us {:>9.1f} us {:>7.2f} {:>10.0f}\n", kind.name, hub_time * 1e6,
               bare.mean_seconds() * 1e6, hub_time / bare.mean_seconds(), 1 / both);
}

}  // namespace

int main() {
    const crypto::Library library;
    fmt::print("Rekeys, aes128gcm-prfsha256, group 31; CPU time of one core\n\n");
    fmt::print("{:<22} {:>12} {:>12} {:>7} {:>10}\n", "", "responder", "bare crypto", "ratio",
               "rekeys/s");
    for (const Kind& kind : {Kind{"Child SA, no PFS", Work::child_rekey, false, false},
                             Kind{"Child SA, PFS", Work::child_rekey_pfs, true, false},
                             Kind{"IKE SA", Work::ike_rekey, true, true}})
        measure(library, kind);
    fmt::print("\nrekeys/s: both ends in one process, each with the DELETE of the old SA.\n");
}
