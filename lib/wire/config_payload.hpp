// The Configuration payload (RFC 7296 section 3.15).
#pragma once

#include <cstddef>
#include <expected>
#include <vector>

#include "base/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/registry.hpp"

namespace xfrmd::wire {

///       0               1               2               3
///     +-+-------------+---------------+---------------+---------------+
///   0 |R|       attribute type        |             length            |
///     +-+-------------+---------------+---------------+---------------+
///   4 |  value ...
///     +---------------+---
struct ConfigAttribute {
    ConfigAttributeType type{};
    /// Empty in a request for any value. Its size is checked where it is used: one odd attribute
    /// is no reason to refuse the others. Owner: the octets that were parsed, or the builder's.
    ByteView value;
};

///       0               1               2               3
///     +---------------+---------------+---------------+---------------+
///   0 |  config type  |                    reserved                   |
///     +---------------+---------------+---------------+---------------+
///   4 |  attributes ...
///     +---------------+---
struct ConfigPayload {
    static constexpr PayloadType type = PayloadType::configuration;
    /// Room for the split-tunnel subnets of a big site, which take one attribute each.
    static constexpr std::size_t max_attributes = 512;

    ConfigType config_type{};
    /// In the sender's order; repeated and unknown ones are kept.
    std::vector<ConfigAttribute> attributes;

    static std::expected<ConfigPayload, ParseError> parse(ByteView body);
    void append_to(Bytes& out) const;
};

}  // namespace xfrmd::wire
