#include "wire/vendor_id_payload.hpp"

namespace xfrmd::wire {

std::expected<VendorIdPayload, ParseError> VendorIdPayload::parse(ByteView body) {
    return VendorIdPayload{body};
}

void VendorIdPayload::append_to(Bytes& out) const {
    ByteWriter(out).bytes(data);
}

}  // namespace xfrmd::wire
