// Ciphers: AES-GCM, ChaCha20-Poly1305 (a whole IKEv2 message) and AES-CBC.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "wire/registry.hpp"

namespace xfrmd::vectors {

/// Hexadecimal. `key` ends with the salt: the published nonce is salt | iv.
struct AeadCase {
    std::string_view source;
    wire::EncryptionId cipher;
    std::uint16_t key_bits;
    std::string_view key, iv, associated_data, plaintext, ciphertext, icv;
};

inline constexpr std::array<AeadCase, 4> aead{{
    {
        .source = "McGrew and Viega, The Galois/Counter Mode of Operation, test case 4",
        .cipher = wire::EncryptionId::aes_gcm_16,
        .key_bits = 128,
        .key = "feffe9928665731c6d6a8f9467308308cafebabe",
        .iv = "facedbaddecaf888",
        .associated_data = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        .plaintext =
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
            "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        .ciphertext =
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c"
            "7d8f6a5aac84aa051ba30b396a0aac973d58e091",
        .icv = "5bc94fbc3221a5db94fae95ae7121a47",
    },
    {
        .source = "McGrew and Viega, The Galois/Counter Mode of Operation, test case 10",
        .cipher = wire::EncryptionId::aes_gcm_16,
        .key_bits = 192,
        .key = "feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe",
        .iv = "facedbaddecaf888",
        .associated_data = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        .plaintext =
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
            "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        .ciphertext =
            "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525"
            "ac619d18c84a3f4718e2448b2fe324d9ccda2710",
        .icv = "2519498e80f1478f37ba55bd6d27618c",
    },
    {
        .source = "McGrew and Viega, The Galois/Counter Mode of Operation, test case 16",
        .cipher = wire::EncryptionId::aes_gcm_16,
        .key_bits = 256,
        .key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308cafebabe",
        .iv = "facedbaddecaf888",
        .associated_data = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        .plaintext =
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
            "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        .ciphertext =
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3d"
            "a7b08b1056828838c5f61e6393ba7a0abcc9f662",
        .icv = "76fc6ece0f4e1768cddf8853bb2d551b",
    },
    {
        .source = "RFC 7634 appendix B",
        .cipher = wire::EncryptionId::chacha20_poly1305,
        .key_bits = 256,
        .key = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3",
        .iv = "1011121314151617",
        .associated_data = "c0c1c2c3c4c5c6c7d0d1d2d3d4d5d6d72e202500000000090000004529000029",
        .plaintext = "0000000c000040010000000a00",
        .ciphertext = "610394701f8d017f7c12924889",
        .icv = "6b71bfe25236efd7cdc67066906315b2",
    },
}};

struct CbcCase {
    std::string_view source;
    std::uint16_t key_bits;
    std::string_view key, iv, plaintext, ciphertext;
};

inline constexpr std::array<CbcCase, 3> cbc{{
    {
        .source = "NIST SP 800-38A section F.2.1",
        .key_bits = 128,
        .key = "2b7e151628aed2a6abf7158809cf4f3c",
        .iv = "000102030405060708090a0b0c0d0e0f",
        .plaintext =
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
            "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        .ciphertext =
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b"
            "7116e69e222295163ff1caa1681fac09120eca307586e1a7",
    },
    {
        .source = "NIST SP 800-38A section F.2.3",
        .key_bits = 192,
        .key = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
        .iv = "000102030405060708090a0b0c0d0e0f",
        .plaintext =
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
            "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        .ciphertext =
            "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae0"
            "7fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
    },
    {
        .source = "NIST SP 800-38A section F.2.5",
        .key_bits = 256,
        .key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
        .iv = "000102030405060708090a0b0c0d0e0f",
        .plaintext =
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
            "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        .ciphertext =
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacf"
            "a530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
    },
}};

}  // namespace xfrmd::vectors
