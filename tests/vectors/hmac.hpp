// HMAC: RFC 2202 (SHA-1), RFC 4231 (SHA-2), RFC 4868 section 2.7 (truncated, with IPsec's key
// sizes).
#pragma once

#include <array>
#include <string_view>

#include "wire/registry.hpp"

namespace xfrmd::vectors {

/// Key, data and (first octets of the) result are hexadecimal.
struct HmacCase {
    std::string_view source;
    wire::PrfId prf;
    std::string_view key, data, result;
};

inline constexpr std::array<HmacCase, 26> hmac{{
    {
        .source = "RFC 4231 test case 1",
        .prf = wire::PrfId::hmac_sha2_256,
        .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        .data = "4869205468657265",
        .result = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    },
    {
        .source = "RFC 4231 test case 1",
        .prf = wire::PrfId::hmac_sha2_384,
        .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        .data = "4869205468657265",
        .result = "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f"
                  "4af152e8b2fa9cb6",
    },
    {
        .source = "RFC 4231 test case 1",
        .prf = wire::PrfId::hmac_sha2_512,
        .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        .data = "4869205468657265",
        .result = "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702"
                  "038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    },
    {
        .source = "RFC 4231 test case 2",
        .prf = wire::PrfId::hmac_sha2_256,
        .key = "4a656665",
        .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        .result = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    },
    {
        .source = "RFC 4231 test case 2",
        .prf = wire::PrfId::hmac_sha2_384,
        .key = "4a656665",
        .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        .result = "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c7"
                  "8b3239ecfab21649",
    },
    {
        .source = "RFC 4231 test case 2",
        .prf = wire::PrfId::hmac_sha2_512,
        .key = "4a656665",
        .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        .result = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a"
                  "6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    },
    {
        .source = "RFC 4231 test case 3",
        .prf = wire::PrfId::hmac_sha2_256,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        .data = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
                "dddddddddddddddddddd",
        .result = "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    },
    {
        .source = "RFC 4231 test case 3",
        .prf = wire::PrfId::hmac_sha2_384,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        .data = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
                "dddddddddddddddddddd",
        .result = "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b9"
                  "4e3ab6e101a34f27",
    },
    {
        .source = "RFC 4231 test case 3",
        .prf = wire::PrfId::hmac_sha2_512,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        .data = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
                "dddddddddddddddddddd",
        .result = "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c8"
                  "06b485a47e67c807b946a337bee8942674278859e13292fb",
    },
    {
        .source = "RFC 4231 test case 4",
        .prf = wire::PrfId::hmac_sha2_256,
        .key = "0102030405060708090a0b0c0d0e0f10111213141516171819",
        .data = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
                "cdcdcdcdcdcdcdcdcdcd",
        .result = "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    },
    {
        .source = "RFC 4231 test case 4",
        .prf = wire::PrfId::hmac_sha2_384,
        .key = "0102030405060708090a0b0c0d0e0f10111213141516171819",
        .data = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
                "cdcdcdcdcdcdcdcdcdcd",
        .result = "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679"
                  "ccf8a386c674cffb",
    },
    {
        .source = "RFC 4231 test case 4",
        .prf = wire::PrfId::hmac_sha2_512,
        .key = "0102030405060708090a0b0c0d0e0f10111213141516171819",
        .data = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
                "cdcdcdcdcdcdcdcdcdcd",
        .result = "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4"
                  "d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
    },
    {
        .source = "RFC 4231 test case 6",
        .prf = wire::PrfId::hmac_sha2_256,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaa",
        .data = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
                "48617368204b6579204669727374",
        .result = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    },
    {
        .source = "RFC 4231 test case 6",
        .prf = wire::PrfId::hmac_sha2_384,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaa",
        .data = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
                "48617368204b6579204669727374",
        .result = "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe82"
                  "96248df163f44952",
    },
    {
        .source = "RFC 4231 test case 6",
        .prf = wire::PrfId::hmac_sha2_512,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaa",
        .data = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
                "48617368204b6579204669727374",
        .result = "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598"
                  "bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    },
    {
        .source = "RFC 4231 test case 7",
        .prf = wire::PrfId::hmac_sha2_256,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaa",
        .data = "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b"
                "2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a652064"
                "6174612e20546865206b6579206e6565647320746f20626520686173686564206265666f72652062"
                "65696e6720757365642062792074686520484d414320616c676f726974686d2e",
        .result = "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    },
    {
        .source = "RFC 4231 test case 7",
        .prf = wire::PrfId::hmac_sha2_384,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaa",
        .data = "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b"
                "2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a652064"
                "6174612e20546865206b6579206e6565647320746f20626520686173686564206265666f72652062"
                "65696e6720757365642062792074686520484d414320616c676f726974686d2e",
        .result = "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d"
                  "3860e6110c46523e",
    },
    {
        .source = "RFC 4231 test case 7",
        .prf = wire::PrfId::hmac_sha2_512,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaa",
        .data = "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b"
                "2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a652064"
                "6174612e20546865206b6579206e6565647320746f20626520686173686564206265666f72652062"
                "65696e6720757365642062792074686520484d414320616c676f726974686d2e",
        .result = "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b1"
                  "0d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
    },
    {
        .source = "RFC 2202 section 3, test case 1",
        .prf = wire::PrfId::hmac_sha1,
        .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        .data = "4869205468657265",
        .result = "b617318655057264e28bc0b6fb378c8ef146be00",
    },
    {
        .source = "RFC 2202 section 3, test case 2",
        .prf = wire::PrfId::hmac_sha1,
        .key = "4a656665",
        .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        .result = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    },
    {
        .source = "RFC 2202 section 3, test case 3",
        .prf = wire::PrfId::hmac_sha1,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        .data = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
                "dddddddddddddddddddd",
        .result = "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
    },
    {
        .source = "RFC 2202 section 3, test case 4",
        .prf = wire::PrfId::hmac_sha1,
        .key = "0102030405060708090a0b0c0d0e0f10111213141516171819",
        .data = "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
                "cdcdcdcdcdcdcdcdcdcd",
        .result = "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
    },
    {
        .source = "RFC 2202 section 3, test case 6",
        .prf = wire::PrfId::hmac_sha1,
        .key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        .data = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
                "48617368204b6579204669727374",
        .result = "aa4ae5e15272d00e95705637ce8a3b55ed402112",
    },
    {
        .source = "RFC 4868 AUTH256-1",
        .prf = wire::PrfId::hmac_sha2_256,
        .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        .data = "4869205468657265",
        .result = "198a607eb44bfbc69903a0f1cf2bbdc5",
    },
    {
        .source = "RFC 4868 AUTH384-1",
        .prf = wire::PrfId::hmac_sha2_384,
        .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
               "0b0b0b0b0b0b0b0b",
        .data = "4869205468657265",
        .result = "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973",
    },
    {
        .source = "RFC 4868 AUTH512-1",
        .prf = wire::PrfId::hmac_sha2_512,
        .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
               "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        .data = "4869205468657265",
        .result = "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8",
    },
}};

}  // namespace xfrmd::vectors
