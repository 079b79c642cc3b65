#include "xfrm/encode.hpp"

#include "samples.hpp"
#include "support/catch.hpp"
#include "xfrm/netlink_reader.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

TEST_CASE("encode: every operation goes to its family with its tag and asks for an answer") {
    std::vector<Operation> operations;
    operations.emplace_back(gcm_sa());
    operations.emplace_back(DeleteSa{ip("192.0.2.1"), ip("192.0.2.2"), EspSpi(1)});
    operations.emplace_back(QuerySa{ip("192.0.2.1"), ip("192.0.2.2"), EspSpi(1)});
    operations.emplace_back(out_policy());
    operations.emplace_back(DeletePolicy{Direction::out, site_selector(), IfId{}});
    operations.emplace_back(QueryPolicy{Direction::out, site_selector(), IfId{}});
    operations.emplace_back(CreateInterface{"to-hq", IfId(7), 2, 1400});
    operations.emplace_back(DeleteInterface{"to-hq", IfId(7)});
    const std::array<std::uint16_t, 8> types{0x10, 0x11, 0x12, 0x19, 0x14, 0x15, 16, 17};
    for (std::size_t i = 0; i < operations.size(); ++i) {
        const Encoded encoded = encode(operations[i], Features{}, 77, 88);
        CHECK((encoded.family == Family::route) == (i >= 6));
        CHECK(family_of(operations[i]) == encoded.family);
        CHECK(encoded.message.size() % 4 == 0);
        NetlinkReader reader(encoded.message);
        const auto message = reader.next();
        REQUIRE(message);
        CHECK(message->header.type == types[i]);
        CHECK((message->header.flags & 5) == 5);
        CHECK(message->header.sequence == 77);
        CHECK(message->header.port_id == 88);
        CHECK_FALSE(reader.next());
        CHECK_FALSE(reader.malformed());
    }
}
