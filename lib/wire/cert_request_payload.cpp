#include "wire/cert_request_payload.hpp"

#include <utility>

namespace xfrmd::wire {

std::expected<CertRequestPayload, ParseError> CertRequestPayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<1>();
    if (!part) return invalid_syntax(type, "cut off");
    return CertRequestPayload{CertEncoding{part->u8<0>()}, reader.rest()};
}

void CertRequestPayload::append_to(Bytes& out) const {
    ByteWriter writer(out);
    writer.u8(std::to_underlying(encoding));
    writer.bytes(authorities);
}

}  // namespace xfrmd::wire
