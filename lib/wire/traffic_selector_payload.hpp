// The Traffic Selector payloads TSi and TSr (RFC 7296 section 3.13).
#pragma once

#include <cstddef>
#include <expected>
#include <vector>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/traffic_selector.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |  number of TS |                    reserved                   |
///     +---------------+---------------+---------------+---------------+
///   4 |  traffic selectors ...
///     +---------------+---
struct TrafficSelectorPayload {
    /// Their number is one octet.
    static constexpr std::size_t max_selectors = 255;

    std::vector<TrafficSelector> selectors;
    /// There were selectors of other types than address ranges (RFC 7296 section 2.9: a responder
    /// that narrows leaves out what it does not understand).
    bool skipped_unknown = false;

    /// Errors: a number of selectors that is 0 or not that of the payload, a selector that is
    /// shorter than its header or wrong in itself. They name TSi; a message's parser corrects that.
    static std::expected<TrafficSelectorPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
