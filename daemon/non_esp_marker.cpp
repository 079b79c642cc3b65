#include "daemon/non_esp_marker.hpp"

namespace xfrmd::daemon {
namespace {

/// RFC 7296 section 3.1.
constexpr std::size_t ike_header_size = 28;

}  // namespace

std::optional<ByteView> strip_marker(ByteView datagram) {
    if (datagram.size() < non_esp_marker.size() + ike_header_size) return std::nullopt;
    if (!equal_bytes(datagram.first<non_esp_marker.size()>(), non_esp_marker)) return std::nullopt;
    return datagram.subspan(non_esp_marker.size());
}

}  // namespace xfrmd::daemon
