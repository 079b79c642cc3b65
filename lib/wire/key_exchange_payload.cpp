#include "wire/key_exchange_payload.hpp"

#include <utility>

namespace xfrmd::wire {

std::expected<KeyExchangePayload, ParseError> KeyExchangePayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<4>();
    if (!part) return invalid_syntax(type, "cut off");
    return KeyExchangePayload{KeyExchangeMethod{part->u16<0>()}, reader.rest()};
}

void KeyExchangePayload::append_to(Bytes& out) const {
    ByteWriter writer(out);
    writer.u16(std::to_underlying(method));
    writer.zeros(2);
    writer.bytes(data);
}

}  // namespace xfrmd::wire
