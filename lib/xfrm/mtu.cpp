#include "xfrm/mtu.hpp"

#include <algorithm>

#include "xfrm/algorithms.hpp"

namespace xfrmd::xfrm {
namespace {

constexpr std::uint32_t ipv4_header = 20;
constexpr std::uint32_t ipv6_header = 40;
constexpr std::uint32_t udp_header = 8;
constexpr std::uint32_t esp_header = 8;
constexpr std::uint32_t esp_trailer = 2;  ///< pad length and next header

}  // namespace

std::uint32_t tunnel_mtu(std::uint32_t underlay_mtu, const crypto::EspSuite& suite, IpFamily outer,
                         bool encapsulated) {
    const KernelCipher cipher = kernel_cipher(suite.cipher.id).value_or(KernelCipher{});
    const KernelIntegrity integrity = kernel_integrity(suite.integrity).value_or(KernelIntegrity{});
    const std::uint32_t around = (outer == IpFamily::v4 ? ipv4_header : ipv6_header) +
                                 (encapsulated ? udp_header : 0) + esp_header + cipher.iv_size +
                                 cipher.icv_size + integrity.icv_size;
    if (underlay_mtu < around + tunnel_mtu_min) return tunnel_mtu_min;
    const std::uint32_t room = underlay_mtu - around;
    return std::max(tunnel_mtu_min, room / cipher.block_size * cipher.block_size - esp_trailer);
}

}  // namespace xfrmd::xfrm
