#include "control/frames.hpp"

#include "support/catch.hpp"

using namespace xfrmd::control;
using std::string_literals::operator""s;

TEST_CASE("frames: messages are cut at their ends, however the octets arrive") {
    const std::string stream = "{\"a\":1}\0{}\0rest"s;
    FrameReader reader(100);
    std::vector<std::string> messages;
    for (const char octet : stream) {
        reader.append({&octet, 1});
        const auto message = reader.next();
        REQUIRE(message);
        if (*message) messages.push_back(**message);
    }
    CHECK(messages == std::vector<std::string>{"{\"a\":1}", "{}"});
    CHECK(reader.held() == 4);
}

TEST_CASE("frames: several messages in one piece come out one by one") {
    FrameReader reader(100);
    reader.append("one\0two\0"s);
    CHECK(**reader.next() == "one");
    CHECK(**reader.next() == "two");
    CHECK_FALSE(reader.next()->has_value());
}

TEST_CASE("frames: B14, F14, what is longer than allowed is an error, finished or not") {
    FrameReader unfinished(8);
    unfinished.append("12345678");
    CHECK(unfinished.next());
    unfinished.append("9");
    CHECK_FALSE(unfinished.next());
    FrameReader finished(8);
    finished.append("123456789\0"s);
    CHECK_FALSE(finished.next());
}
