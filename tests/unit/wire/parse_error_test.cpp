#include "wire/parse_error.hpp"

#include "support/catch.hpp"

using namespace xfrmd::wire;

TEST_CASE("ParseError: says notify, payload and reason in one line") {
    const ParseError error{ParseError::Kind::invalid_syntax, PayloadType::nonce, "too short"};
    CHECK(error.to_text() == "INVALID_SYNTAX: Nonce: too short");
    CHECK(ParseError{ParseError::Kind::invalid_syntax, PayloadType::none, "cut off"}.to_text() ==
          "INVALID_SYNTAX: cut off");
}

TEST_CASE("ParseError: each kind has its notify") {
    using Kind = ParseError::Kind;
    CHECK(ParseError{Kind::invalid_syntax}.notify_type() == NotifyType::invalid_syntax);
    CHECK(ParseError{Kind::unsupported_critical_payload}.notify_type() ==
          NotifyType::unsupported_critical_payload);
    CHECK(ParseError{Kind::invalid_major_version}.notify_type() ==
          NotifyType::invalid_major_version);
}
