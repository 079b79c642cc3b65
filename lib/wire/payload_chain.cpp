#include "wire/payload_chain.hpp"

#include <limits>

#include "base/assert.hpp"

namespace xfrmd::wire {
namespace {

constexpr std::uint8_t critical_bit = 0x80;

bool ends_chain(PayloadType type) {
    return type == PayloadType::encrypted || type == PayloadType::encrypted_fragment;
}

}  // namespace

std::expected<std::optional<RawPayload>, ParseError> PayloadChain::next() {
    if (next_ == PayloadType::none) {
        if (!reader_.empty()) return invalid_syntax(last_, "octets behind the last payload");
        return std::nullopt;
    }
    const PayloadType type = next_;
    if (++steps_ > max_payloads) return invalid_syntax(type, "too many payloads");

    const auto header = reader_.fixed<generic_header_size>();
    if (!header) return invalid_syntax(type, "payload header is cut off");
    const std::size_t length = header->u16<2>();
    if (length < generic_header_size)
        return invalid_syntax(type, "payload is shorter than its header");
    const auto body = reader_.bytes(length - generic_header_size);
    if (!body) return invalid_syntax(type, "payload runs past the message");

    const PayloadType named{header->u8<0>()};
    last_ = type;
    next_ = ends_chain(type) ? PayloadType::none : named;
    return RawPayload{type, (header->u8<1>() & critical_bit) != 0, *body, named};
}

std::size_t ChainWriter::begin(PayloadType type) {
    const std::size_t at = out_.size();
    ByteWriter writer(out_);
    writer.patch_u8(next_payload_at_, std::to_underlying(type));
    writer.zeros(generic_header_size);
    next_payload_at_ = at;
    return at;
}

void ChainWriter::end(std::size_t at) {
    const std::size_t length = out_.size() - at;
    XFRMD_ASSERT(length <= std::numeric_limits<std::uint16_t>::max());
    ByteWriter(out_).patch_u16(at + 2, static_cast<std::uint16_t>(length));
}

}  // namespace xfrmd::wire
