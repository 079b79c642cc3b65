#include "wire/encrypted_payload.hpp"

namespace xfrmd::wire {

std::expected<EncryptedPayload, ParseError> EncryptedPayload::parse(PayloadType first_inner,
                                                                    ByteView body) {
    if (body.empty()) return invalid_syntax(type, "empty");
    return EncryptedPayload{first_inner, body};
}

void EncryptedPayload::append_to(Bytes& out) const {
    ByteWriter(out).bytes(body);
}

}  // namespace xfrmd::wire
