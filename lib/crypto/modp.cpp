#include "crypto/modp.hpp"

#include <array>

#include "base/try.hpp"

namespace xfrmd::crypto {

namespace {

using openssl::failure;
using wire::KeyExchangeMethod;

struct ModpParameters {
    KeyExchangeMethod method;
    BIGNUM* (*prime)(BIGNUM*);
    std::size_t value_octets;
    /// Octets of a private exponent: twice the group's strength or more, so that the exponent is
    /// not easier to find than the discrete logarithm. RFC 3526 section 8 asks for 220, 260, 300,
    /// 340 and 380 bits; SP 800-56A (112 to 200 bits of strength) for 224, 256, 304, 352 and 400;
    /// both are rounded up to whole 64-bit words here.
    std::size_t exponent_octets;
};

constexpr std::array<ModpParameters, 5> parameters{{
    {KeyExchangeMethod::modp_2048, BN_get_rfc3526_prime_2048, 256, 256 / 8},
    {KeyExchangeMethod::modp_3072, BN_get_rfc3526_prime_3072, 384, 320 / 8},
    {KeyExchangeMethod::modp_4096, BN_get_rfc3526_prime_4096, 512, 320 / 8},
    {KeyExchangeMethod::modp_6144, BN_get_rfc3526_prime_6144, 768, 384 / 8},
    {KeyExchangeMethod::modp_8192, BN_get_rfc3526_prime_8192, 1024, 448 / 8},
}};

const ModpParameters* find_parameters(KeyExchangeMethod method) {
    for (const ModpParameters& entry : parameters)
        if (entry.method == method) return &entry;
    return nullptr;
}

}  // namespace

std::optional<ModpGroup> ModpGroup::load(KeyExchangeMethod method) {
    const ModpParameters* found = find_parameters(method);
    if (!found) return std::nullopt;

    ModpGroup group;
    group.method_ = method;
    group.value_octets_ = found->value_octets;
    group.exponent_octets_ = found->exponent_octets;
    group.prime_.reset(found->prime(nullptr));
    group.generator_.reset(BN_new());
    group.montgomery_.reset(BN_MONT_CTX_new());
    const openssl::NumberScratch scratch(BN_CTX_new());
    if (!group.prime_ || !group.generator_ || !group.montgomery_ || !scratch) return std::nullopt;

    group.prime_minus_one_.reset(BN_dup(group.prime_.get()));
    if (!group.prime_minus_one_ || !BN_sub_word(group.prime_minus_one_.get(), 1) ||
        !BN_set_word(group.generator_.get(), 2) ||
        !BN_MONT_CTX_set(group.montgomery_.get(), group.prime_.get(), scratch.get()))
        return std::nullopt;
    return group;
}

std::expected<Secret, CryptoError> ModpGroup::power(const BIGNUM& base,
                                                    const BIGNUM& exponent) const {
    const openssl::NumberScratch scratch(BN_CTX_new());
    const openssl::Number result(BN_new());
    Secret octets(value_octets_);
    if (!scratch || !result ||
        !BN_mod_exp_mont_consttime(result.get(), &base, &exponent, prime_.get(), scratch.get(),
                                   montgomery_.get()) ||
        BN_bn2binpad(result.get(), octets.writable().data(), static_cast<int>(value_octets_)) < 0)
        return failure(CryptoError::library_failure);
    return octets;
}

bool ModpGroup::accepts(const BIGNUM& value) const {
    return BN_cmp(&value, BN_value_one()) > 0 && BN_cmp(&value, prime_minus_one_.get()) < 0;
}

bool ModpGroup::accepts(ByteView value) const {
    if (value.size() != value_octets_) return false;
    const openssl::Number number(BN_bin2bn(value.data(), static_cast<int>(value.size()), nullptr));
    return number && accepts(*number);
}

std::expected<ModpKey, CryptoError> ModpKey::generate(const ModpGroup& group, Random& random) {
    Secret octets(group.exponent_octets());
    random.fill(octets.writable());
    // All exponents have the same length, so that none can be told by the time it takes.
    octets.writable()[0] |= 0x80;
    openssl::Number exponent(
        BN_bin2bn(octets.view().data(), static_cast<int>(octets.size()), nullptr));
    if (!exponent) return failure(CryptoError::library_failure);
    BN_set_flags(exponent.get(), BN_FLG_CONSTTIME);
    return ModpKey(group, std::move(exponent));
}

std::expected<Bytes, CryptoError> ModpKey::public_value() const {
    return to_bytes(XFRMD_TRY(group_->power(group_->generator(), *exponent_)).view());
}

std::expected<Secret, CryptoError> ModpKey::shared_secret(ByteView peer) const {
    if (peer.size() != group_->value_octets()) return failure(CryptoError::invalid_public_value);
    const openssl::Number value(BN_bin2bn(peer.data(), static_cast<int>(peer.size()), nullptr));
    if (!value) return failure(CryptoError::library_failure);
    if (!group_->accepts(*value)) return failure(CryptoError::invalid_public_value);
    return group_->power(*value, *exponent_);
}

}  // namespace xfrmd::crypto
