// Which of the configured ESP algorithms the kernel has, found by installing each for a moment.
#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "config/model.hpp"
#include "daemon/kernel_requests.hpp"

namespace xfrmd::daemon {

struct ProbeResult {
    /// Not to be offered.
    std::vector<config::EspProposal> lacking;
    /// What the kernel said and what helps, one line each.
    std::vector<std::string> warnings;
};

class KernelProbe {
  public:
    KernelProbe(KernelRequests& kernel, Random& random) : kernel_(kernel), random_(random) {}

    /// Tries every ESP proposal of the configuration that did not work before, in each address
    /// family that its phase 1s use. First use of an algorithm loads modules, which can take
    /// seconds. A proposal is lacking if no family has it.
    ProbeResult probe(const config::Config& config);

  private:
    struct Verdict {
        config::EspProposal proposal;
        IpFamily family = IpFamily::v4;
    };
    bool is_known_to_work(const config::EspProposal& proposal, IpFamily family) const;
    xfrm::OperationResult try_out(const config::EspProposal& proposal, IpFamily family);
    void probe_interfaces(ProbeResult& result);

    KernelRequests& kernel_;
    Random& random_;
    std::vector<Verdict> working_;
};

}  // namespace xfrmd::daemon
