// Traffic selectors: what we offer, what is left of an offer, what we accept (RFC 7296
// section 2.9).
#pragma once

#include <span>
#include <vector>

#include "config/model.hpp"
#include "wire/traffic_selector.hpp"

namespace xfrmd::ike {

/// The selectors of both ends, as seen from here.
struct SelectorSet {
    std::vector<wire::TrafficSelector> local;
    std::vector<wire::TrafficSelector> remote;

    friend bool operator==(const SelectorSet&, const SelectorSet&) = default;
};

/// Selectors we keep for each end of a Child SA: more than any address group of ours may have.
inline constexpr std::size_t max_selectors = 255;

/// A phase 2's selectors in the words of the protocol.
SelectorSet selectors_of(const config::Selectors& selectors);

/// What of `offered` lies within `allowed`: the intersections of all pairs in the order of the
/// offer, less those that others include. The selectors of the packet that started it, which an
/// offer names first, are so part of the result whenever they are allowed. Empty: nothing in
/// common.
std::vector<wire::TrafficSelector> narrow(std::span<const wire::TrafficSelector> offered,
                                          std::span<const wire::TrafficSelector> allowed);

/// True if everything in `inner` lies within some selector of `outer`.
bool covers(std::span<const wire::TrafficSelector> outer,
            std::span<const wire::TrafficSelector> inner);

/// Puts each side in order, so that sets for the same traffic are equal: what narrow() leaves holds
/// no selector that another one includes.
void sort(SelectorSet& selectors);

/// "10.1.0.0/24, 10.3.0.0/24 tcp/443", for logs.
std::string to_text(std::span<const wire::TrafficSelector> selectors);

}  // namespace xfrmd::ike
