// RFC 5903 sections 8.1 to 8.3: an exchange in each of the ECP groups.
#pragma once

#include <array>
#include <string_view>

#include "wire/registry.hpp"

namespace xfrmd::vectors {

/// Hexadecimal; public values are x | y, the shared secret is x alone.
struct EcpExchange {
    wire::KeyExchangeMethod method;
    std::string_view private_i, public_i, private_r, public_r, shared;
};

inline constexpr std::array<EcpExchange, 3> rfc_5903{{
    {
        .method = wire::KeyExchangeMethod::ecp_256,
        .private_i = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
        .public_i =
            "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252"
            "d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
        .private_r = "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
        .public_r =
            "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e"
            "8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
        .shared = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
    },
    {
        .method = wire::KeyExchangeMethod::ecp_384,
        .private_i =
            "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee"
            "3faef896783ab194",
        .public_i =
            "667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4"
            "c88732aee95f41aa9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38e"
            "eb9fcff3c2c947dae69b4c634573a81c",
        .private_r =
            "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8ed2"
            "960e4bd55a7448fc",
        .public_r =
            "e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def9"
            "6fda41d0774a3571dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1ff"
            "f83fa40142209dff5eaad96db9e6386c",
        .shared = "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d0"
                  "9cf5d4a270f59746",
    },
    {
        .method = wire::KeyExchangeMethod::ecp_521,
        .private_i =
            "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a095aa85a30fe1c295"
            "2c6771d937ba9777f5957b2639bab072462f68c27a57382d4a52",
        .public_i =
            "0015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbee1e3bf42e00b8e38"
            "0aeae57c2d107564941885942af5a7f4601723c4195d176ced3e017cae20b6641d2eeb695786d8c9"
            "46146239d099e18e1d5a514c739d7cb4a10ad8a788015ac405d7799dc75e7b7d5b6cf2261a6a7f15"
            "07438bf01beb6ca3926f9582",
        .private_r =
            "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e9c677d600b343757"
            "a3bdbf2a3163e4c2f869cca7458aa4a4effc311f5cb151685eb9",
        .public_r =
            "00d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a219b97c356436adc6e"
            "95bb0352f6be64a6c2912d4ef2d0433ced2b6171640012d9460f015c68226383956e3bd066e797b6"
            "23c27ce0eac2f551a10c2c724d9852077b87220b6536c5c408a1d2aebb8e86d678ae49cb57091f47"
            "32296579ab44fcd17f0fc56a",
        .shared = "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04d1427e73ca4baa24"
                  "0a34786859810c06b3c715a3a8cc3151f2bee417996d19f3ddea",
    },
}};

}  // namespace xfrmd::vectors
