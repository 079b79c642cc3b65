#include "config/identity.hpp"

#include <algorithm>

#include "base/ip_address.hpp"

namespace xfrmd::config {

namespace {

IdentityType derive_type(std::string_view text) {
    if (IpAddress::from_text(text)) return IdentityType::address;
    return text.contains('@') ? IdentityType::user_fqdn : IdentityType::fqdn;
}

/// RFC 7296 section 3.5: names are ASCII (internationalized ones in their ASCII form).
bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::expected<Identity, Complaint> parse_identity(std::string_view text, IdentityType type) {
    if (text.empty()) return std::unexpected(Complaint{"the identity is empty", "write one"});
    if (type == IdentityType::automatic) type = derive_type(text);
    const auto as = [&](wire::IdType id_type, ByteView data) {
        return Identity{id_type, to_bytes(data), std::string(text)};
    };
    switch (type) {
        case IdentityType::automatic: break;
        case IdentityType::key_id: return as(wire::IdType::key_id, as_bytes(text));
        case IdentityType::fqdn:
            if (!is_name(text)) break;
            return as(wire::IdType::fqdn, as_bytes(text));
        case IdentityType::user_fqdn:
            if (!is_name(text)) break;
            return as(wire::IdType::rfc822_addr, as_bytes(text));
        case IdentityType::address: {
            const auto address = IpAddress::from_text(text);
            if (!address)
                return std::unexpected(
                    Complaint{"not an IP address", "write one, or another type of identity"});
            const bool v4 = address->family() == IpFamily::v4;
            return as(v4 ? wire::IdType::ipv4_addr : wire::IdType::ipv6_addr, address->bytes());
        }
    }
    return std::unexpected(Complaint{"a name as identity is ASCII without blanks",
                                     "use the type \"keyid\" for a free text"});
}

}  // namespace xfrmd::config
