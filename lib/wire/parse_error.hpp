// Why octets of a peer are not an IKEv2 message (RFC 7296 section 2.21: what to answer, if at all).
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "wire/registry.hpp"

namespace xfrmd::wire {

/// The reason for which a message was refused. `kind` decides the notify of an answer; whether
/// there is one is the exchange's matter.
struct [[nodiscard]] ParseError {
    enum class Kind : std::uint8_t {
        /// INVALID_SYNTAX.
        invalid_syntax,
        /// UNSUPPORTED_CRITICAL_PAYLOAD, with `payload` as its one octet of data (section 2.5).
        unsupported_critical_payload,
        /// INVALID_MAJOR_VERSION.
        invalid_major_version,
    };

    Kind kind = Kind::invalid_syntax;
    /// The payload that is wrong; `none` for the header or the space between payloads.
    PayloadType payload = PayloadType::none;
    /// A constant text of ours, without anything of the peer's.
    const char* what = "";

    /// The notify that tells a peer of the error.
    NotifyType notify_type() const;
    /// "INVALID_SYNTAX: TSi: selector runs past its payload"; one line, safe to log.
    std::string to_text() const;
};

/// The error of most parsers, ready to return.
inline std::unexpected<ParseError> invalid_syntax(PayloadType payload, const char* what) {
    return std::unexpected(ParseError{ParseError::Kind::invalid_syntax, payload, what});
}

}  // namespace xfrmd::wire
