#include "ike/offload_preference.hpp"

#include <algorithm>

namespace xfrmd::ike {

std::vector<config::EspProposal> prefer_offloaded(std::vector<config::EspProposal> proposals,
                                                  std::string_view device,
                                                  std::span<const OffloadTake> takes) {
    const auto most = [&](const config::EspProposal& proposal) {
        auto best = xfrm::OffloadMode::none;
        for (const OffloadTake& take : takes)
            if (take.device == device && take.suite == proposal) best = std::max(best, take.most);
        return best;
    };
    std::ranges::stable_sort(proposals, std::ranges::greater(), most);
    return proposals;
}

}  // namespace xfrmd::ike
