// The least that a PSK handshake can cost with OpenSSL.
#pragma once

#include <memory>

namespace xfrmd::bench {

/// One responder's handshake without anything around it: one X25519 key pair and one derivation,
/// the HMACs of key schedule, AUTH and Child SA, one AES-GCM message opened and one sealed; with
/// contexts and algorithms made beforehand.
class BareHandshake {
  public:
    BareHandshake();
    ~BareHandshake();

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
