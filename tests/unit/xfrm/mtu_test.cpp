#include "xfrm/mtu.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using wire::EncryptionId;
using wire::IntegrityId;

namespace {

crypto::EspSuite suite(EncryptionId cipher, IntegrityId integrity = IntegrityId::none) {
    return {.cipher = {cipher, 128}, .integrity = integrity};
}

}  // namespace

TEST_CASE("mtu: AES-GCM over IPv4 and IPv6, bare and encapsulated") {
    const auto gcm = suite(EncryptionId::aes_gcm_16);
    // 1500 - 20 - 8 - 8 - 16 = 1448, less 2
    CHECK(tunnel_mtu(1500, gcm, IpFamily::v4, false) == 1446);
    CHECK(tunnel_mtu(1500, gcm, IpFamily::v4, true) == 1438);
    CHECK(tunnel_mtu(1500, gcm, IpFamily::v6, false) == 1426);
    CHECK(tunnel_mtu(1500, gcm, IpFamily::v6, true) == 1418);
    CHECK(tunnel_mtu(9000, gcm, IpFamily::v4, false) == 8946);
    CHECK(tunnel_mtu(1500, suite(EncryptionId::chacha20_poly1305), IpFamily::v4, false) == 1446);
}

TEST_CASE("mtu: a block cipher rounds down to its block") {
    // 1500 - 20 - 8 - 16 - 16 = 1440 = 90 blocks
    const auto cbc = suite(EncryptionId::aes_cbc, IntegrityId::hmac_sha2_256_128);
    CHECK(tunnel_mtu(1500, cbc, IpFamily::v4, false) == 1438);
    CHECK(tunnel_mtu(1499, cbc, IpFamily::v4, false) == 1422);
    // 1500 - 20 - 8 - 16 - 12 = 1444, of which 1440 are blocks
    const auto sha1 = suite(EncryptionId::aes_cbc, IntegrityId::hmac_sha1_96);
    CHECK(tunnel_mtu(1500, sha1, IpFamily::v4, false) == 1438);
}

TEST_CASE("mtu: an inner packet of that size fills the outer one and one octet more does not fit") {
    const auto cbc = suite(EncryptionId::aes_cbc, IntegrityId::hmac_sha2_512_256);
    for (std::uint32_t underlay = 1400; underlay <= 1600; ++underlay) {
        const auto outer_size = [](std::uint32_t inner) {
            return 20 + 8 + 16 + (inner + 2 + 15) / 16 * 16 + 32;
        };
        const std::uint32_t mtu = tunnel_mtu(underlay, cbc, IpFamily::v4, false);
        CHECK(outer_size(mtu) <= underlay);
        CHECK(outer_size(mtu + 1) > underlay);
    }
}

TEST_CASE("mtu: never below what IPv6 needs") {
    const auto gcm = suite(EncryptionId::aes_gcm_16);
    CHECK(tunnel_mtu(1280, gcm, IpFamily::v6, true) == 1280);
    CHECK(tunnel_mtu(0, gcm, IpFamily::v4, false) == 1280);
    CHECK(tunnel_mtu(1332, gcm, IpFamily::v4, false) == 1280);
    CHECK(tunnel_mtu(1334, gcm, IpFamily::v4, false) == 1280);
    CHECK(tunnel_mtu(1336, gcm, IpFamily::v4, false) == 1282);
}
