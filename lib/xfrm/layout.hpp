// Addresses, selectors, templates and offload requests: ours to the kernel's structures and back.
#pragma once

#include <optional>
#include <string_view>

#include "xfrm/netlink_reader.hpp"
#include "xfrm/operation.hpp"
#include "xfrm/uapi.hpp"

namespace xfrmd::xfrm {

std::uint16_t to_kernel(IpFamily family);
/// Nothing for families that are not IP.
std::optional<IpFamily> family_from_kernel(std::uint16_t family);

uapi::Address to_kernel(const IpAddress& address);
IpAddress from_kernel(const uapi::Address& address, IpFamily family);

uapi::Selector to_kernel(const Selector& selector);
/// Nothing if the family is not IP or a prefix is longer than an address.
std::optional<Selector> from_kernel(const uapi::Selector& selector);

/// `inner` is the family of the policy's selector: a transport template must have the same.
uapi::UserTemplate to_kernel(const PolicyTemplate& tmpl, IpFamily inner);
/// Nothing if it is not ESP in tunnel or transport mode.
std::optional<PolicyTemplate> from_kernel(const uapi::UserTemplate& tmpl);

uapi::UserSaId sa_id(const IpAddress& destination, EspSpi spi);

/// A name in a field of 64 octets, cut there if it has no end.
std::array<char, 64> to_kernel_name(std::string_view name);
std::string from_kernel_name(const std::array<char, 64>& name);

/// What OFFLOAD_DEV among the attributes of an answer says; no mode and no device if it is absent.
OffloadRequest read_offload(const Attributes& attributes);
/// What IF_ID among the attributes says; 0 if it is absent.
IfId read_if_id(const Attributes& attributes);

}  // namespace xfrmd::xfrm
