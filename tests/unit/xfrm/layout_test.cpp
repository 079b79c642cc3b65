#include "xfrm/layout.hpp"

#include "samples.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

TEST_CASE("layout: addresses and families survive the way there and back") {
    for (std::string_view text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::"}) {
        const IpAddress address = ip(text);
        CHECK(from_kernel(to_kernel(address), address.family()) == address);
        CHECK(family_from_kernel(to_kernel(address.family())) == address.family());
    }
    CHECK_FALSE(family_from_kernel(0));
    CHECK_FALSE(family_from_kernel(3));
}

TEST_CASE("layout: selectors survive the way there and back") {
    const Selector v4{net("10.1.0.0/24"), net("10.2.0.0/16"), 6, 1024, 0xfc00, 80, 0xffff};
    const Selector v6{net("2001:db8::/64"), net("::/0"), 58, 128, 0xffff, 0, 0};
    CHECK(from_kernel(to_kernel(v4)) == v4);
    CHECK(from_kernel(to_kernel(v6)) == v6);
}

TEST_CASE("layout: templates survive the way there and back") {
    const PolicyTemplate pinned{ip("192.0.2.1"), ip("192.0.2.2"), Reqid(5), Mode::tunnel,
                                EspSpi(0xc0000001)};
    CHECK(from_kernel(to_kernel(pinned, IpFamily::v6)) == pinned);
    PolicyTemplate loose = pinned;
    loose.spi.reset();
    CHECK(from_kernel(to_kernel(loose, IpFamily::v4)) == loose);
}

TEST_CASE("layout: names are cut to their field") {
    const std::string longest(100, 'x');
    CHECK(from_kernel_name(to_kernel_name(longest)) == std::string(63, 'x'));
    CHECK(from_kernel_name(to_kernel_name("cbc(aes)")) == "cbc(aes)");
    std::array<char, 64> endless{};
    endless.fill('y');
    CHECK(from_kernel_name(endless) == std::string(64, 'y'));
}
