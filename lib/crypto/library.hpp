// Everything that is fetched from OpenSSL once and used for every message.
#pragma once

#include <memory>

#include "crypto/suite.hpp"

namespace xfrmd::crypto {

/// OpenSSL's algorithms, fetched once, with contexts that are re-keyed for each use so that an
/// established SA keeps its keys only. No key stays behind in a context after its use. One for each
/// thread; everything in lib/crypto takes it by reference and must not outlive it.
class Library {
  public:
    Library();
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    bool supports(Cipher cipher) const;
    bool supports(wire::IntegrityId id) const;
    bool supports(wire::PrfId id) const;
    bool supports(wire::KeyExchangeMethod method) const;

    /// Takes the last HMAC keys out of the contexts. A message needs a dozen HMACs; forgetting
    /// after each would cost half as much again, so whoever has handled a message does it once.
    void forget_keys() const;

    struct Parts;
    /// For the other files of this folder only.
    Parts& parts() const { return *parts_; }

  private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace xfrmd::crypto
