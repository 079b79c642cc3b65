#include "wire/encrypted_fragment_payload.hpp"

namespace xfrmd::wire {

std::expected<EncryptedFragmentPayload, ParseError> EncryptedFragmentPayload::parse(
    PayloadType first_inner, ByteView body) {
    ByteReader reader(body);
    const auto part = reader.fixed<fixed_size>();
    if (!part) return invalid_syntax(type, "cut off");

    const EncryptedFragmentPayload fragment{first_inner, part->u16<0>(), part->u16<2>(),
                                            reader.rest()};
    if (fragment.number == 0) return invalid_syntax(type, "fragment number 0");
    if (fragment.number > fragment.total)
        return invalid_syntax(type, "fragment number is over the total");
    // Section 2.5: the first fragment names the first payload inside, the others carry zero.
    if (fragment.number > 1 && first_inner != PayloadType::none)
        return invalid_syntax(type, "next payload in a fragment that is not the first");
    if (fragment.body.empty()) return invalid_syntax(type, "empty");
    return fragment;
}

void EncryptedFragmentPayload::append_to(Bytes& out) const {
    ByteWriter writer(out);
    writer.u16(number);
    writer.u16(total);
    writer.bytes(body);
}

}  // namespace xfrmd::wire
