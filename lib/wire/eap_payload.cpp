#include "wire/eap_payload.hpp"

#include <limits>
#include <utility>

#include "base/assert.hpp"

namespace xfrmd::wire {
namespace {

/// Whether there may be that much data behind the header (RFC 3748 sections 4.1 and 4.2).
bool size_fits_code(EapCode code, std::size_t data_size) {
    switch (code) {
        case EapCode::request:
        case EapCode::response: return data_size >= 1;
        case EapCode::success:
        case EapCode::failure: return data_size == 0;
    }
    return true;
}

}  // namespace

std::expected<EapPayload, ParseError> EapPayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<header_size>();
    if (!part) return invalid_syntax(type, "cut off");
    if (part->u16<2>() != body.size()) return invalid_syntax(type, "length is not the payload's");
    const EapPayload payload{EapCode{part->u8<0>()}, part->u8<1>(), reader.rest()};
    if (!size_fits_code(payload.code, payload.data.size()))
        return invalid_syntax(type, "length does not fit the code");
    return payload;
}

void EapPayload::append_to(Bytes& out) const {
    const std::size_t length = header_size + data.size();
    XFRMD_ASSERT(length <= std::numeric_limits<std::uint16_t>::max());
    ByteWriter writer(out);
    writer.u8(std::to_underlying(code));
    writer.u8(identifier);
    writer.u16(static_cast<std::uint16_t>(length));
    writer.bytes(data);
}

}  // namespace xfrmd::wire
