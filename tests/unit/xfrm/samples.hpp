// Values that several tests of lib/xfrm start from.
#pragma once

#include "xfrm/operation.hpp"

namespace xfrmd::test {

inline IpAddress ip(std::string_view text) {
    return *IpAddress::from_text(text);
}

inline Subnet net(std::string_view text) {
    return *Subnet::from_text(text);
}

inline Secret counted_key(std::size_t size, std::uint8_t first) {
    Secret key(size);
    for (std::size_t i = 0; i < size; ++i)
        key.writable()[i] = static_cast<std::uint8_t>(first + i);
    return key;
}

/// AES-GCM-128 from 192.0.2.1 to 192.0.2.2, out, tunnel mode.
inline xfrm::InstallSa gcm_sa() {
    xfrm::InstallSa sa;
    sa.direction = xfrm::Direction::out;
    sa.source = ip("192.0.2.1");
    sa.destination = ip("192.0.2.2");
    sa.spi = EspSpi(0xc1234567);
    sa.reqid = Reqid(0x58000001);
    sa.suite.cipher = {wire::EncryptionId::aes_gcm_16, 128};
    sa.keys.encryption = counted_key(20, 0x10);
    return sa;
}

/// AES-CBC-128 with HMAC-SHA-256, otherwise the same.
inline xfrm::InstallSa cbc_sa() {
    xfrm::InstallSa sa = gcm_sa();
    sa.suite.cipher = {wire::EncryptionId::aes_cbc, 128};
    sa.suite.integrity = wire::IntegrityId::hmac_sha2_256_128;
    sa.keys.encryption = counted_key(16, 0x10);
    sa.keys.integrity = counted_key(32, 0x80);
    return sa;
}

/// 10.1.0.0/24 -> 10.2.0.0/16
inline xfrm::Selector site_selector() {
    return {net("10.1.0.0/24"), net("10.2.0.0/16")};
}

inline xfrm::InstallPolicy out_policy() {
    xfrm::InstallPolicy policy;
    policy.direction = xfrm::Direction::out;
    policy.selector = site_selector();
    policy.index = PolicyIndex(0x58000019);
    policy.priority = 1000;
    policy.tmpl = xfrm::PolicyTemplate{ip("192.0.2.1"), ip("192.0.2.2"), Reqid(0x58000001),
                                       xfrm::Mode::tunnel, std::nullopt};
    return policy;
}

}  // namespace xfrmd::test
