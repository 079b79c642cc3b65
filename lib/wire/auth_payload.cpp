#include "wire/auth_payload.hpp"

#include <utility>

namespace xfrmd::wire {

std::expected<AuthPayload, ParseError> AuthPayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<4>();
    if (!part) return invalid_syntax(type, "cut off");
    return AuthPayload{AuthMethod{part->u8<0>()}, reader.rest()};
}

void AuthPayload::append_to(Bytes& out) const {
    ByteWriter writer(out);
    writer.u8(std::to_underlying(method));
    writer.zeros(3);
    writer.bytes(data);
}

}  // namespace xfrmd::wire
