#include "wire/traffic_selector_payload.hpp"

#include "base/assert.hpp"
#include "base/try.hpp"

namespace xfrmd::wire {
namespace {

constexpr PayloadType payload_type = PayloadType::traffic_selectors_initiator;

/// Type, protocol and length, which selectors of every type have.
constexpr std::size_t common_size = 4;

/// Takes one selector of whatever type from the front.
std::expected<ByteView, ParseError> take_selector(ByteReader& reader) {
    const ByteView rest = reader.rest();
    const auto part = ByteReader(rest).fixed<common_size>();
    if (!part) return invalid_syntax(payload_type, "selector is cut off");
    const std::size_t length = part->u16<2>();
    if (length < common_size)
        return invalid_syntax(payload_type, "selector is shorter than its header");
    const auto selector = reader.bytes(length);
    if (!selector) return invalid_syntax(payload_type, "selector runs past its payload");
    return *selector;
}

bool is_address_range(ByteView selector) {
    const TrafficSelectorType type{selector[0]};
    return type == TrafficSelectorType::ipv4_range || type == TrafficSelectorType::ipv6_range;
}

}  // namespace

std::expected<TrafficSelectorPayload, ParseError> TrafficSelectorPayload::parse(ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<4>();
    if (!part) return invalid_syntax(payload_type, "cut off");
    const std::size_t count = part->u8<0>();
    if (count == 0) return invalid_syntax(payload_type, "no selector");
    if (count * common_size > reader.remaining())
        return invalid_syntax(payload_type, "more selectors than the payload has room for");

    TrafficSelectorPayload payload;
    payload.selectors.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const ByteView selector = XFRMD_TRY(take_selector(reader));
        if (is_address_range(selector))
            payload.selectors.push_back(XFRMD_TRY(TrafficSelector::parse(selector)));
        else
            payload.skipped_unknown = true;
    }
    if (!reader.empty()) return invalid_syntax(payload_type, "octets behind the last selector");
    return payload;
}

void TrafficSelectorPayload::append_to(Bytes& out) const {
    XFRMD_ASSERT(!selectors.empty() && selectors.size() <= max_selectors);
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(selectors.size()));
    writer.zeros(3);
    for (const TrafficSelector& selector : selectors)
        selector.append_to(out);
}

}  // namespace xfrmd::wire
