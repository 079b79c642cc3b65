// The least that an exchange can cost with OpenSSL.
#pragma once

#include <cstdint>
#include <memory>

namespace xfrmd::bench {

/// What one end has to compute, with contexts and algorithms made beforehand.
enum class Work : std::uint8_t {
    handshake,  ///< X25519 key pair and derivation, HMACs of keys, AUTH and Child SA, 2 messages
    ike_rekey,  ///< X25519 key pair and derivation, HMACs of keys, 4 messages (DELETE included)
    child_rekey_pfs,  ///< X25519 key pair and derivation, HMACs of a Child SA, 4 messages
    child_rekey,      ///< HMACs of a Child SA, 4 messages
};

class BareCrypto {
  public:
    explicit BareCrypto(Work work);
    ~BareCrypto();

    /// Runs it `rounds` times and adds the CPU time to the mean.
    void measure(int rounds);
    double mean_seconds() const { return seconds_ / rounds_; }

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
    double seconds_ = 0;
    int rounds_ = 0;
};

}  // namespace xfrmd::bench
