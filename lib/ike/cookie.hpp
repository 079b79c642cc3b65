// Cookies: callers prove that they receive at their addresses before they cost us anything
// (RFC 7296 section 2.6).
//
//     Cookie = <VersionIDofSecret> | prf(<secret>, own | IPi | porti | SPIi | Ni)
//
// Nothing is kept for a caller: what comes back is computed again. The secrets change, and two are
// known at a time, so that a cookie is good for a minute at least and two at most.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/ip_address.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "crypto/library.hpp"

namespace xfrmd::ike {

/// Who calls, and with what: a cookie is good for this and nothing else. The port is in it, so that
/// those behind one address do not share theirs.
struct Caller {
    Endpoint own;
    Endpoint remote;
    IkeSpi spi_i;
    ByteView nonce;  ///< Ni
};

class Cookies {
  public:
    /// The secret's number, and as much of the prf's output as nobody guesses.
    static constexpr std::size_t size = 1 + 16;
    using Cookie = std::array<std::uint8_t, size>;

    /// A caller's retransmissions take half a minute; a cookie outlives them.
    static constexpr std::chrono::seconds secret_lifetime{60};

    Cookies(const crypto::Library& library, Random& random) : library_(library), random_(random) {}

    Cookie make(const Caller& caller, Instant now);
    /// True if it is what make() gave this caller, not longer ago than two lifetimes.
    bool is_right(ByteView cookie, const Caller& caller, Instant now);

  private:
    struct Key {
        std::uint8_t number = 0;
        Instant made;
        Secret secret;
    };

    void rotate(Instant now);
    Cookie compute(const Key& key, const Caller& caller) const;

    const crypto::Library& library_;
    Random& random_;
    std::uint8_t next_number_ = 0;
    std::optional<Key> current_;  ///< none before the first cookie
    std::optional<Key> previous_;
};

}  // namespace xfrmd::ike
