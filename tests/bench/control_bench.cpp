// What administrators' questions cost a hub with a thousand tunnels that are up: how much of the
// loop's time each takes, and for how long at a stretch, for so long an IKE message may have to
// wait.
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "config/diff.hpp"
#include "daemon/control_service.hpp"
#include "node.hpp"

using namespace xfrmd;
using namespace xfrmd::bench;
using namespace xfrmd::daemon;

namespace {

constexpr std::uint32_t tunnels = 1000;
using Phase1s = std::vector<std::shared_ptr<const config::Phase1>>;

struct Cost {
    double total = 0;
    double longest = 0;
    std::size_t steps = 0;
    std::size_t octets = 0;

    void add(double seconds) {
        total += seconds;
        longest = std::max(longest, seconds);
        ++steps;
    }
};

std::string name_of(std::uint32_t number) {
    return fmt::format("spoke{:04}", number);
}

/// All tunnels of the hub; those of `changed` propose another proposal for phase 2 as well.
Phase1s hub_ends(std::uint32_t first, std::uint32_t last, std::uint32_t changed) {
    Phase1s ends;
    for (std::uint32_t i = first; i <= last; ++i) {
        config::Phase1 phase1 = tunnel(name_of(i), numbered_address(10, i), i, true);
        if (i == changed)
            phase1.phase2s[0].proposals.push_back(
                {{wire::EncryptionId::aes_gcm_16, 256}, wire::IntegrityId::none});
        ends.push_back(std::make_shared<const config::Phase1>(std::move(phase1)));
    }
    return ends;
}

Cost measure_once(const auto& work) {
    Cost cost;
    const double start = cpu_seconds();
    work();
    cost.add(cpu_seconds() - start);
    return cost;
}

Cost measure(const AnswerParts& parts) {
    Cost cost;
    for (bool last = false; !last;) {
        const double start = cpu_seconds();
        const AnswerPart part = parts();
        cost.add(cpu_seconds() - start);
        cost.octets += part.frames.size();
        last = part.last;
    }
    return cost;
}

void print(const char* what, const Cost& cost) {
    fmt::print("{:<28} {:>9.2f} ms {:>7} {:>9.2f} ms {:>9}\n", what, cost.total * 1e3, cost.steps,
               cost.longest * 1e3, cost.octets / 1024);
}

}  // namespace

int main() {
    const crypto::Library library;
    Node hub(library, 1, {hub_address});
    hub.configure(hub_ends(1, tunnels, 0));
    for (std::uint32_t i = 1; i <= tunnels; ++i) {
        Node spoke(library, i + 1, {numbered_address(10, i)});
        spoke.configure(
            {std::make_shared<const config::Phase1>(tunnel("hub", hub_address, i, false))});
        spoke.feed(ike::CommandUp{"hub", ""});
        exchange(spoke, hub);
    }
    if (hub.engine().established_count() != tunnels) {
        fmt::print(stderr, "not all tunnels came up\n");
        return EXIT_FAILURE;
    }
    FileDescriptor nowhere{open("/dev/null", O_WRONLY | O_CLOEXEC)};
    Journal journal = Journal::to_terminal(nowhere.number());
    ControlService service(hub.engine(), journal,
                           {.feed = [&](ike::Input input) { hub.feed(std::move(input)); },
                            .is_stopping = [] { return false; },
                            .reload = [] { return ReloadReport{}; },
                            .loop_delay = [] { return control::LoopDelay{}; },
                            .plan = [] { return PlanReport{}; },
                            .survey = {}});

    fmt::print("A hub with {} tunnels that are up; CPU time of one core\n\n", tunnels);
    fmt::print("{:<28} {:>12} {:>7} {:>12} {:>9}\n", "", "in all", "slices", "longest", "KiB");
    const Answer status = service.answer({control::GetStatus{}, true, false}, {Access::full, 1, 0});
    print("status of all", measure(std::get<AnswerParts>(status)));
    print("metrics", measure(service.scrape()));

    // The first goes, one comes, one is changed.
    config::Config before, after;
    before.phase1s = hub_ends(1, tunnels, 0);
    after.phase1s = hub_ends(2, tunnels + 1, tunnels / 2);
    print("plan", measure_once([&] { return config::diff(before, after).changes.size(); }));
    print("reload of the engine", measure_once([&] { hub.configure(after.phase1s); }));
}
