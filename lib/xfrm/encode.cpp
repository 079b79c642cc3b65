#include "xfrm/encode.hpp"

#include "xfrm/encode_link.hpp"
#include "xfrm/encode_policy.hpp"
#include "xfrm/encode_route.hpp"
#include "xfrm/encode_sa.hpp"

namespace xfrmd::xfrm {

Family family_of(const Operation& operation) {
    const bool is_route = std::holds_alternative<CreateInterface>(operation) ||
                          std::holds_alternative<DeleteInterface>(operation) ||
                          std::holds_alternative<QueryRoute>(operation);
    return is_route ? Family::route : Family::xfrm;
}

Encoded encode(const Operation& operation, const Features& features, std::uint32_t sequence,
               std::uint32_t port_id) {
    const MessageTag tag{sequence, port_id};
    WipedBytes message = std::visit(
        [&](const auto& one) {
            if constexpr (requires { encode(one, features, tag); }) {
                return encode(one, features, tag);
            } else {
                return encode(one, tag);
            }
        },
        operation);
    return {family_of(operation), std::move(message)};
}

}  // namespace xfrmd::xfrm
