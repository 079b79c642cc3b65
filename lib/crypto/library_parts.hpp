// What the library holds: one context or group for each algorithm that OpenSSL offers here.
#pragma once

#include <vector>

#include "crypto/ecp.hpp"
#include "crypto/library.hpp"
#include "crypto/modp.hpp"
#include "crypto/openssl.hpp"
#include "crypto/xdh.hpp"

namespace xfrmd::crypto {

/// Algorithms that OpenSSL lacks are absent: looking one up yields null.
struct Library::Parts {
    struct KeptCipher {
        Cipher cipher;
        openssl::CipherContext context;
    };
    /// An HMAC over one hash, under its number as a PRF and as an integrity algorithm.
    struct KeptMac {
        wire::PrfId prf;
        wire::IntegrityId integrity;
        openssl::MacContext context;
        mutable bool has_key = false;  ///< looked up since keys were forgotten
    };

    std::vector<KeptCipher> ciphers;
    std::vector<KeptMac> macs;
    openssl::HashAlgorithm sha1;
    openssl::HashContext hash_context;
    std::vector<ModpGroup> modp_groups;
    std::vector<EcpGroup> ecp_groups;
    std::vector<XdhFunction> xdh_functions;

    EVP_CIPHER_CTX* cipher(Cipher wanted) const;
    EVP_MAC_CTX* mac(wire::PrfId id) const;
    EVP_MAC_CTX* mac(wire::IntegrityId id) const;
    const ModpGroup* modp(wire::KeyExchangeMethod method) const;
    const EcpGroup* ecp(wire::KeyExchangeMethod method) const;
    const XdhFunction* xdh(wire::KeyExchangeMethod method) const;
};

}  // namespace xfrmd::crypto
