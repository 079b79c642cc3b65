#include "ike/single_subnet.hpp"

#include <algorithm>

namespace xfrmd::ike {

bool may_share_address(const IkeSa& sa) {
    return sa.phase1().type == config::GatewayType::dynamic && sa.nat.there;
}

bool is_single_subnet(std::span<const wire::TrafficSelector> selectors) {
    return selectors.size() == 1 && selectors.front().addresses.to_subnets().size() == 1;
}

void keep_single_subnet(std::vector<wire::TrafficSelector>& selectors) {
    selectors.resize(1);
    const std::vector<Subnet> subnets = selectors.front().addresses.to_subnets();
    const auto largest = std::ranges::min_element(subnets, {}, &Subnet::prefix_length);
    if (largest != subnets.end()) selectors.front().addresses = largest->range();
}

}  // namespace xfrmd::ike
