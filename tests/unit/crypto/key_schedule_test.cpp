#include "crypto/key_schedule.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "vectors/nist_ikev2_kdf.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using test::hex_octets;
using wire::EncryptionId;
using wire::IntegrityId;
using wire::PrfId;

namespace {

/// A suite with keys short enough to fit into what NIST printed of prf+.
IkeSuite suite_for(PrfId prf) {
    return {.cipher = {EncryptionId::aes_cbc, 128},
            .integrity = IntegrityId::hmac_sha1_96,
            .prf = prf,
            .key_exchange = wire::KeyExchangeMethod::none};
}

/// Nonces and SPIs of a case, with the octets that they are views of.
struct CaseInputs {
    explicit CaseInputs(const vectors::NistIkev2Kdf& vector)
        : nonce_i(hex_octets(vector.nonce_i)),
          nonce_r(hex_octets(vector.nonce_r)),
          inputs{.nonce_i = nonce_i,
                 .nonce_r = nonce_r,
                 .spi_i = spi(vector.spi_i),
                 .spi_r = spi(vector.spi_r)} {}

    static IkeSpi spi(std::string_view hex) {
        return IkeSpi(load_big_endian<std::uint64_t>(hex_octets(hex).data()));
    }

    Bytes nonce_i, nonce_r;
    KeyInputs inputs;
};

/// The keys in the order of RFC 7296 section 2.14.
std::string joined(const IkeKeys& keys) {
    std::string all;
    for (const Secret* key :
         {&keys.sk_d, &keys.sk_ai, &keys.sk_ar, &keys.sk_ei, &keys.sk_er, &keys.sk_pi, &keys.sk_pr})
        all += to_hex(key->view());
    return all;
}

std::string joined(const ChildKeys& keys) {
    return to_hex(keys.encryption_i.view()) + to_hex(keys.integrity_i.view()) +
           to_hex(keys.encryption_r.view()) + to_hex(keys.integrity_r.view());
}

}  // namespace

TEST_CASE("key schedule: an IKE SA's keys are NIST's") {
    const Library library;
    for (const vectors::NistIkev2Kdf& vector : vectors::nist_ikev2_kdf) {
        const CaseInputs given(vector);
        const IkeSuite suite = suite_for(vector.prf);
        const IkeKeys keys =
            derive_ike_keys(library, suite, hex_octets(vector.shared_secret), given.inputs);
        const std::string all = joined(keys);
        const std::size_t common = std::min(all.size(), vector.keymat.size());
        CHECK(all.substr(0, common) == vector.keymat.substr(0, common));
        CHECK(keys.sk_d.size() == prf_output_size(vector.prf));
        CHECK(keys.sk_ai.size() == 20);
        CHECK(keys.sk_ei.size() == 16);
        CHECK(keys.sk_pr.size() == prf_output_size(vector.prf));
    }
}

TEST_CASE("key schedule: AEAD has no integrity keys, and salts in the cipher's") {
    const Library library;
    const vectors::NistIkev2Kdf& vector = vectors::nist_ikev2_kdf[1];
    const CaseInputs given(vector);
    const IkeSuite suite{.cipher = {EncryptionId::aes_gcm_16, 256},
                         .integrity = IntegrityId::none,
                         .prf = vector.prf,
                         .key_exchange = wire::KeyExchangeMethod::none};
    const IkeKeys keys =
        derive_ike_keys(library, suite, hex_octets(vector.shared_secret), given.inputs);
    CHECK(keys.sk_ai.empty());
    CHECK(keys.sk_ar.empty());
    CHECK(keys.sk_ei.size() == 36);
    CHECK(vector.keymat.starts_with(joined(keys)));
}

TEST_CASE("key schedule: a child's keys are NIST's, with PFS and without") {
    const Library library;
    const vectors::NistIkev2Kdf& vector = vectors::nist_ikev2_kdf.back();
    REQUIRE_FALSE(vector.child_keymat.empty());
    const CaseInputs given(vector);
    const Prf prf(library, vector.prf);
    const Secret sk_d(hex_octets(vector.keymat.substr(0, 2 * prf.output_size())));
    const EspSuite suite{.cipher = {EncryptionId::aes_cbc, 256},
                         .integrity = IntegrityId::hmac_sha2_256_128};

    const ChildKeys plain = derive_child_keys(prf, suite, sk_d, {}, given.nonce_i, given.nonce_r);
    CHECK(plain.encryption_i.size() == 32);
    CHECK(plain.integrity_r.size() == 32);
    CHECK(vector.child_keymat.starts_with(joined(plain)));

    const ChildKeys pfs = derive_child_keys(prf, suite, sk_d, hex_octets(vector.new_shared_secret),
                                            given.nonce_i, given.nonce_r);
    CHECK(vector.child_keymat_pfs.starts_with(joined(pfs)));
}

TEST_CASE("key schedule: an AEAD child has keys with salts alone") {
    const Library library;
    const Prf prf(library, PrfId::hmac_sha2_256);
    const ChildKeys keys =
        derive_child_keys(prf, {.cipher = {EncryptionId::aes_gcm_16, 128}},
                          Secret(as_bytes("sk_d")), {}, as_bytes("ni"), as_bytes("nr"));
    CHECK(keys.encryption_i.size() == 20);
    CHECK(keys.encryption_r.size() == 20);
    CHECK(keys.integrity_i.empty());
    CHECK(keys.integrity_r.empty());
}

TEST_CASE("key schedule: a rekeyed IKE SA grows from the old SK_d by the old prf") {
    const Library library;
    const vectors::NistIkev2Kdf& vector = vectors::nist_ikev2_kdf.back();
    REQUIRE_FALSE(vector.rekeyed_skeyseed.empty());
    const CaseInputs given(vector);
    const Prf old_prf(library, vector.prf);
    const Secret sk_d(hex_octets(vector.keymat.substr(0, 2 * old_prf.output_size())));
    const Bytes seed = hex_octets(std::string(vector.nonce_i) + std::string(vector.nonce_r) +
                                  std::string(vector.spi_i) + std::string(vector.spi_r));

    // "with the new IKE SA's prf" (RFC 7296 section 2.18) even where the prf changes.
    for (PrfId new_prf : {vector.prf, PrfId::hmac_sha2_512}) {
        const IkeSuite suite = suite_for(new_prf);
        const IkeKeys keys = derive_rekeyed_ike_keys(
            library, suite, old_prf, sk_d, hex_octets(vector.new_shared_secret), given.inputs);
        const std::string all = joined(keys);
        const Secret expected =
            Prf(library, new_prf).plus(hex_octets(vector.rekeyed_skeyseed), seed, all.size() / 2);
        CHECK(all == to_hex(expected.view()));
    }
}
