#include "wire/cert_payload.hpp"

#include <utility>

namespace xfrmd::wire {

std::expected<CertPayload, ParseError> CertPayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<1>();
    if (!part) return invalid_syntax(type, "cut off");
    return CertPayload{CertEncoding{part->u8<0>()}, reader.rest()};
}

void CertPayload::append_to(Bytes& out) const {
    ByteWriter writer(out);
    writer.u8(std::to_underlying(encoding));
    writer.bytes(data);
}

}  // namespace xfrmd::wire
