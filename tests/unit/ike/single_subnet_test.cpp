#include "ike/single_subnet.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using wire::TrafficSelector;

namespace {

TrafficSelector range(const char* first, const char* last) {
    TrafficSelector selector;
    selector.addresses = {*IpAddress::from_text(first), *IpAddress::from_text(last)};
    return selector;
}

std::string kept(std::vector<TrafficSelector> selectors) {
    keep_single_subnet(selectors);
    CHECK(is_single_subnet(selectors));
    return to_text(selectors);
}

}  // namespace

TEST_CASE("B07 single subnet: what is named first is kept, and of a range the largest part") {
    CHECK(kept({range("10.1.0.0", "10.1.0.255")}) == "10.1.0.0/24");
    CHECK(kept({range("10.9.0.0", "10.9.0.255"), range("10.1.0.0", "10.1.255.255")}) ==
          "10.9.0.0/24");
    CHECK(kept({range("10.1.0.3", "10.1.0.20")}) == "10.1.0.8/29");
    CHECK(kept({range("0.0.0.0", "255.255.255.255")}) == "0.0.0.0/0");
}

TEST_CASE("single subnet: several networks, or a range, are none") {
    const std::vector two{range("10.1.0.0", "10.1.0.255"), range("10.3.0.0", "10.3.0.255")};
    CHECK_FALSE(is_single_subnet(two));
    CHECK_FALSE(is_single_subnet(std::vector{range("10.1.0.3", "10.1.0.20")}));
    CHECK_FALSE(is_single_subnet({}));
}
