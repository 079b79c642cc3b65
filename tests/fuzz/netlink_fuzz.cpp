// Whatever the kernel may send: events of the multicast groups, and replies to requests.
#include "fuzz/target.hpp"
#include "xfrm/decode_event.hpp"
#include "xfrm/decode_reply.hpp"
#include "xfrm/decode_status.hpp"

using namespace xfrmd;

namespace {

constexpr std::uint32_t own_port_id = 4711;

void read_replies(ByteView octets) {
    xfrm::OperationResult result;
    for (xfrm::Reply& reply : xfrm::decode_replies(octets).replies)
        xfrm::absorb(std::move(reply), result);
}

}  // namespace

/// The first octet tells where the others come from.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView octets(data + 1, size - 1);
    switch (data[0] % 4) {
        case 0: xfrm::decode_events(octets, own_port_id); break;
        case 1: read_replies(octets); break;
        case 2: static_cast<void>(xfrm::decode_sa(octets)); break;
        default: static_cast<void>(xfrm::decode_policy(octets)); break;
    }
    return 0;
}
