// Which policies are for the same packets: by what they are found, and which of two wins.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "xfrm/operation.hpp"

namespace xfrmd::ike {

/// What a policy is found by. In order of the destinations, so that those within a prefix stand
/// together, behind the prefix itself.
struct PolicyKey {
    xfrm::Selector selector;  ///< outbound
    IfId if_id;

    friend bool operator==(const PolicyKey&, const PolicyKey&) = default;
    friend std::strong_ordering operator<=>(const PolicyKey& a, const PolicyKey& b) {
        return std::tie(a.if_id, a.selector.destination, a.selector) <=>
               std::tie(b.if_id, b.selector.destination, b.selector);
    }
};

/// The kernel's priority of a policy: of two for one packet the lower number wins. More specific
/// policies win: each bit of a prefix, a protocol and a port make one more specific.
std::uint32_t policy_priority(const xfrm::Selector& selector);

/// True if there are packets that both are for.
bool overlap(const xfrm::Selector& a, const xfrm::Selector& b);

/// The block of this length around another one, which is smaller or equal.
Subnet widened(const Subnet& subnet, std::uint8_t prefix_length);

/// How many policies there are for each length of their destinations' prefixes: where none is,
/// nobody needs to look.
class PrefixLengths {
  public:
    void add(const Subnet& subnet) { ++counts(subnet.address.family())[subnet.prefix_length]; }
    void remove(const Subnet& subnet) { --counts(subnet.address.family())[subnet.prefix_length]; }
    bool has(IpFamily family, std::uint8_t length) const {
        return (family == IpFamily::v4 ? v4_ : v6_)[length] > 0;
    }

  private:
    using Counts = std::array<std::uint32_t, 129>;
    Counts& counts(IpFamily family) { return family == IpFamily::v4 ? v4_ : v6_; }

    Counts v4_{}, v6_{};
};

}  // namespace xfrmd::ike
