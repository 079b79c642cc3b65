// FortiOS's words for algorithms: "aes128gcm-prfsha256", "aes256-sha256", dhgrp 14.
//
// A word that FortiOS knows and xfrmd does not offer is refused by name, with the reason.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "config/problem.hpp"

namespace xfrmd::config {

std::expected<IkeProposal, Complaint> parse_ike_token(std::string_view token);
std::expected<EspProposal, Complaint> parse_esp_token(std::string_view token);
std::expected<wire::KeyExchangeMethod, Complaint> parse_group(std::uint64_t number);

/// The inverse of the parsers, for what they yield.
std::string to_token(const IkeProposal& proposal);
std::string to_token(const EspProposal& proposal);

/// Everything that is taken, in the order of the manual.
std::vector<std::string> ike_tokens();
std::vector<std::string> esp_tokens();
std::span<const wire::KeyExchangeMethod> groups();

}  // namespace xfrmd::config
