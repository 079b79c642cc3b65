// The pseudorandom function of an IKE SA and prf+ (RFC 7296 section 2.13).
#pragma once

#include <initializer_list>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "crypto/library.hpp"

namespace xfrmd::crypto {

/// prf(key, data). Cheap to make and to copy; refers to the library. The algorithm must be one that
/// the library supports.
class Prf {
  public:
    Prf(const Library& library, wire::PrfId id) : library_(&library), id_(id) {}

    /// prf(key, data[0] | data[1] | ...), `output_size()` octets.
    Secret operator()(ByteView key, std::initializer_list<ByteView> data) const;
    /// prf+(key, seed), `length` octets; at most 255 times the output size.
    Secret plus(ByteView key, ByteView seed, std::size_t length) const;

    std::size_t output_size() const { return prf_output_size(id_); }
    wire::PrfId id() const { return id_; }

  private:
    const Library* library_;
    wire::PrfId id_;
};

}  // namespace xfrmd::crypto
