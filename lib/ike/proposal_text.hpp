// Proposals in words, so that a refusal can show both sides' values.
#pragma once

#include <span>
#include <string>

#include "config/model.hpp"
#include "wire/sa_payload.hpp"

namespace xfrmd::ike {

/// "ENCR_AES_CBC/128 PRF_HMAC_SHA2_256 ...; ENCR_AES_GCM_16/256 ...": IANA's names, for a peer may
/// offer what our configuration has no word for. Cut to a line's length.
std::string describe(const wire::SaPayload& payload);
/// "aes128gcm aes256-sha256", in the configuration's words.
std::string describe(std::span<const config::EspProposal> proposals);
/// "aes128gcm-prfsha256 aes256-sha256 (dhgrp 31 20)", in the configuration's words.
std::string describe(const config::Phase1& phase1);

}  // namespace xfrmd::ike
