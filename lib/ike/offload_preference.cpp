#include "ike/offload_preference.hpp"

#include <algorithm>
#include <iterator>

namespace xfrmd::ike {

std::vector<config::EspProposal> prefer_offloaded(const std::vector<config::EspProposal>& proposals,
                                                  std::string_view device,
                                                  std::span<const OffloadTake> takes) {
    const auto most = [&](const config::EspProposal& proposal) {
        auto best = xfrm::OffloadMode::none;
        for (const OffloadTake& take : takes)
            if (take.device == device && take.suite == proposal) best = std::max(best, take.most);
        return best;
    };
    std::vector<config::EspProposal> ordered;
    for (const auto mode :
         {xfrm::OffloadMode::packet, xfrm::OffloadMode::crypto, xfrm::OffloadMode::none})
        std::ranges::copy_if(
            proposals, std::back_inserter(ordered),
            [&](const config::EspProposal& proposal) { return most(proposal) == mode; });
    return ordered;
}

}  // namespace xfrmd::ike
