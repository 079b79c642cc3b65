#include "wire/config_payload.hpp"

#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "base/try.hpp"

namespace xfrmd::wire {
namespace {

/// "This bit MUST be set to zero and MUST be ignored on receipt."
constexpr std::uint16_t reserved_bit = 0x8000;

std::expected<ConfigAttribute, ParseError> parse_attribute(ByteReader& reader) {
    const auto part = reader.fixed<4>();
    if (!part) return invalid_syntax(ConfigPayload::type, "attribute is cut off");
    const auto value = reader.bytes(part->u16<2>());
    if (!value) return invalid_syntax(ConfigPayload::type, "attribute runs past its payload");
    return ConfigAttribute{
        ConfigAttributeType{static_cast<std::uint16_t>(part->u16<0>() & ~reserved_bit)}, *value};
}

}  // namespace

std::expected<ConfigPayload, ParseError> ConfigPayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<4>();
    if (!part) return invalid_syntax(type, "cut off");
    ConfigPayload payload{ConfigType{part->u8<0>()}, {}};
    while (!reader.empty()) {
        if (payload.attributes.size() == max_attributes)
            return invalid_syntax(type, "too many attributes");
        payload.attributes.push_back(XFRMD_TRY(parse_attribute(reader)));
    }
    return payload;
}

void ConfigPayload::append_to(Bytes& out) const {
    ByteWriter writer(out);
    writer.u8(std::to_underlying(config_type));
    writer.zeros(3);
    for (const ConfigAttribute& attribute : attributes) {
        XFRMD_ASSERT(attribute.value.size() <= std::numeric_limits<std::uint16_t>::max());
        writer.u16(std::to_underlying(attribute.type));
        writer.u16(static_cast<std::uint16_t>(attribute.value.size()));
        writer.bytes(attribute.value);
    }
}

}  // namespace xfrmd::wire
