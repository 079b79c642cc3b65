// "localid" and "peerid": from a text to the identity that goes over the wire.
#pragma once

#include <expected>
#include <string_view>

#include "config/model.hpp"
#include "config/problem.hpp"

namespace xfrmd::config {

/// "localid-type". `automatic` takes an IP address for an address, a text with "@" for a user's
/// name and everything else for a domain name.
enum class IdentityType : std::uint8_t { automatic, fqdn, user_fqdn, key_id, address };

std::expected<Identity, Complaint> parse_identity(std::string_view text, IdentityType type);

}  // namespace xfrmd::config
