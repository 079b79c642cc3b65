#include "wire/nonce_payload.hpp"

namespace xfrmd::wire {

std::expected<NoncePayload, ParseError> NoncePayload::parse(ByteView body) {
    if (body.size() < min_size) return invalid_syntax(type, "shorter than 16 octets");
    if (body.size() > max_size) return invalid_syntax(type, "longer than 256 octets");
    return NoncePayload{body};
}

void NoncePayload::append_to(Bytes& out) const {
    ByteWriter(out).bytes(data);
}

}  // namespace xfrmd::wire
