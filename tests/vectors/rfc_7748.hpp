// RFC 7748 sections 5.2 and 6: X25519 and X448.
#pragma once

#include <array>
#include <string_view>

#include "wire/registry.hpp"

namespace xfrmd::vectors {

/// Section 5.2: one application of the function, all hexadecimal as they go over the wire.
struct XdhProduct {
    wire::KeyExchangeMethod method;
    std::string_view scalar, u, result;
};

inline constexpr std::array<XdhProduct, 4> rfc_7748_products{{
    {
        .method = wire::KeyExchangeMethod::curve25519,
        .scalar = "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        .u = "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        .result = "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    },
    {
        .method = wire::KeyExchangeMethod::curve25519,
        .scalar = "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        .u = "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        .result = "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    },
    {
        .method = wire::KeyExchangeMethod::curve448,
        .scalar = "3d262fddf9ec8e88495266fea19a34d28882acef045104d0d1aae121700a779c984c24f8cdd78fbf"
                  "f44943eba368f54b29259a4f1c600ad3",
        .u = "06fce640fa3487bfda5f6cf2d5263f8aad88334cbd07437f020f08f9814dc031ddbdc38c19c6da25"
             "83fa5429db94ada18aa7a7fb4ef8a086",
        .result = "ce3e4ff95a60dc6697da1db1d85e6afbdf79b50a2412d7546d5f239fe14fbaadeb445fc66a01b077"
                  "9d98223961111e21766282f73dd96b6f",
    },
    {
        .method = wire::KeyExchangeMethod::curve448,
        .scalar = "203d494428b8399352665ddca42f9de8fef600908e0d461cb021f8c538345dd77c3e4806e25f46d3"
                  "315c44e0a5b4371282dd2c8d5be3095f",
        .u = "0fbcc2f993cd56d3305b0b7d9e55d4c1a8fb5dbb52f8e9a1e9b6201b165d015894e56c4d3570bee5"
             "2fe205e28a78b91cdfbde71ce8d157db",
        .result = "884a02576239ff7a2f2f63b2db6a9ff37047ac13568e1e30fe63c4a7ad1b3ee3a5700df34321d620"
                  "77e63633c575c1c954514e99da7c179d",
    },
}};

/// Section 6: an exchange of Alice (i) and Bob (r).
struct XdhExchange {
    wire::KeyExchangeMethod method;
    std::string_view private_i, public_i, private_r, public_r, shared;
};

inline constexpr std::array<XdhExchange, 2> rfc_7748_exchanges{{
    {
        .method = wire::KeyExchangeMethod::curve25519,
        .private_i = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
        .public_i = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        .private_r = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
        .public_r = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
        .shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
    },
    {
        .method = wire::KeyExchangeMethod::curve448,
        .private_i =
            "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391"
            "006382a6f127ab1d9ac2d8c0a598726b",
        .public_i =
            "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d4"
            "0c5b12da88120d53177f80e532c41fa0",
        .private_r =
            "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21"
            "374c9c921b09d1b0366f10b65173992d",
        .public_r =
            "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13c"
            "a706dcb57aec3dae07bdc1c67bf33609",
        .shared = "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936"
                  "521c24403085d59a449a5037514a879d",
    },
}};

}  // namespace xfrmd::vectors
