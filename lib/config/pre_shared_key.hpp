// "psksecret": from what the file or a credential holds to the octets of the key.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "base/secret.hpp"
#include "config/problem.hpp"
#include "config/source.hpp"

namespace xfrmd::config {

/// A shorter key is guessed from one recorded handshake with an active attacker.
inline constexpr std::size_t min_psk_octets = 8;
/// Below this a key is taken with a warning: it should have 128 bits if it were random.
inline constexpr std::size_t good_psk_octets = 16;
/// Nobody types more; a longer file is the wrong file.
inline constexpr std::size_t max_psk_octets = 1024;

/// Where a secret comes from. Copies share the octets of a literal.
struct SecretSource {
    enum class Kind : std::uint8_t { none, literal, file, credential };

    Kind kind = Kind::none;
    std::shared_ptr<const Secret> literal;  ///< as written, before "0x" is taken for hexadecimal
    std::string name;                       ///< the path or the credential's name
};

/// A key as FortiOS takes it: printable ASCII, or hexadecimal behind "0x".
std::expected<Secret, Complaint> parse_pre_shared_key(ByteView text);

/// Fetches and parses a key; a last end of line of a file or credential is not a part of it.
std::expected<Secret, Complaint> read_pre_shared_key(const SecretSource& source,
                                                     SecretReader& reader);

}  // namespace xfrmd::config
