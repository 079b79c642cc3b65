// The links of the chain from a configuration to traffic, in the order in which a tunnel needs
// them.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace xfrmd::ike {

enum class Link : std::uint8_t {
    configuration,    ///< it is in service, and meant to be up now
    name_resolution,  ///< the peer's name stands for an address
    route,            ///< a device with an address, and a way to the peer
    socket,           ///< datagrams may leave
    first_exchange,   ///< IKE_SA_INIT: the peer answers, algorithms in common
    authentication,   ///< IKE_AUTH: both ends are who they should be
    child,            ///< the Child SA: selectors and algorithms in common
    kernel,           ///< the kernel has SAs, policies and the interface
    data,             ///< packets pass in both directions
};

inline constexpr std::array<const char*, 9> link_names{
    "configuration",  "name-resolution", "route",  "socket", "first-exchange",
    "authentication", "child",           "kernel", "data"};

constexpr const char* to_text(Link link) {
    return link_names[std::to_underlying(link)];
}

}  // namespace xfrmd::ike
