// RFC 7296 section 2.15, computed a second time with OpenSSL's plain HMAC.
#include "ike/authentication.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using wire::PrfId;

namespace {

Bytes hmac(const EVP_MD* digest, ByteView key, ByteView data) {
    Bytes result(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    HMAC(digest, key.data(), static_cast<int>(key.size()), data.data(), data.size(), result.data(),
         &size);
    result.resize(size);
    return result;
}

Bytes join(std::initializer_list<ByteView> parts) {
    Bytes all;
    for (ByteView part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

Bytes counted(std::size_t size, std::uint8_t first) {
    Bytes octets(size);
    for (std::uint8_t& octet : octets)
        octet = first++;
    return octets;
}

struct Sample {
    Bytes psk = to_bytes(as_bytes("correct horse battery staple"));
    Bytes message = counted(300, 7);
    Bytes nonce = counted(32, 100);
    Bytes identity{2, 0, 0, 0, 'w', 'e', 's', 't'};
    Bytes sk_p = counted(32, 50);

    SignedOctets octets() const { return {message, nonce, identity, sk_p}; }
};

}  // namespace

// AUTH = prf( prf(Shared Secret, "Key Pad for IKEv2"), <InitiatorSignedOctets>)
// InitiatorSignedOctets = RealMessage1 | NonceRData | prf(SK_pi, RestOfInitIDPayload)
TEST_CASE("authentication: AUTH is what the formula of section 2.15 says, for each prf") {
    const crypto::Library library;
    const Sample sample;
    const auto check = [&](PrfId id, const EVP_MD* digest) {
        const Bytes padded = hmac(digest, sample.psk, as_bytes("Key Pad for IKEv2"));
        const Bytes identity = hmac(digest, sample.sk_p, sample.identity);
        const Bytes expected = hmac(digest, padded, join({sample.message, sample.nonce, identity}));
        const Secret auth = shared_key_auth({library, id}, sample.psk, sample.octets());
        CHECK(to_bytes(auth.view()) == expected);
    };
    check(PrfId::hmac_sha1, EVP_sha1());
    check(PrfId::hmac_sha2_256, EVP_sha256());
    check(PrfId::hmac_sha2_384, EVP_sha384());
    check(PrfId::hmac_sha2_512, EVP_sha512());
}

TEST_CASE("authentication: each input changes AUTH") {
    const crypto::Library library;
    const crypto::Prf prf(library, PrfId::hmac_sha2_256);
    const Sample sample;
    const Secret whole = shared_key_auth(prf, sample.psk, sample.octets());
    for (Bytes Sample::* part :
         {&Sample::psk, &Sample::message, &Sample::nonce, &Sample::identity, &Sample::sk_p}) {
        Sample changed = sample;
        (changed.*part).back() ^= 1;
        CHECK_FALSE(Secret::equal(shared_key_auth(prf, changed.psk, changed.octets()).view(),
                                  whole.view()));
    }
}
