// What strangers reach first: the reading of calls.
#include "control/request.hpp"

#include "control/interface_description.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::control;

namespace {

std::string call_of(std::string_view method, std::string_view parameters) {
    return R"({"method":")" + std::string(method) + R"(","parameters":)" + std::string(parameters) +
           "}";
}

/// The error's name and parameter, "not a call", or "good".
std::string verdict(const std::string& message) {
    const auto call = read_call(message);
    if (call) return "good";
    const auto* error = std::get_if<ErrorReply>(&call.error());
    if (error == nullptr) return "not a call";
    return std::string(error->name) + " " + (error->values.empty() ? "" : error->values.front());
}

}  // namespace

TEST_CASE("request: calls become values") {
    const auto up =
        read_call(R"({"method":"io.xfrmd.Control.Up","parameters":{"phase1":"a","phase2":"b"}})");
    REQUIRE(up);
    CHECK(std::get<BringUp>(up->request).phase1 == "a");
    CHECK(std::get<BringUp>(up->request).phase2 == "b");
    CHECK_FALSE(up->more);
    const auto status =
        read_call(R"({"method":"io.xfrmd.Control.Status","more":true,"oneway":false})");
    REQUIRE(status);
    CHECK(std::get<GetStatus>(status->request).phase1.empty());
    CHECK(status->more);
    const auto monitor = read_call(call_of("io.xfrmd.Control.Monitor", R"({"level":"error"})"));
    REQUIRE(monitor);
    CHECK(std::get<Monitor>(monitor->request).least == ike::Severity::error);
    CHECK(read_call(call_of("io.xfrmd.Control.Status", R"({"phase1":null})")));
}

TEST_CASE("request: what is wrong is named") {
    CHECK(verdict(call_of("io.xfrmd.Control.Up", "{}")) ==
          "org.varlink.service.InvalidParameter phase1");
    CHECK(verdict(call_of("io.xfrmd.Control.Up", R"({"phase1":7})")) ==
          "org.varlink.service.InvalidParameter phase1");
    CHECK(verdict(call_of("io.xfrmd.Control.Down", R"({"phase1":"a","phase2":"b"})")) ==
          "org.varlink.service.InvalidParameter phase2");
    CHECK(verdict(call_of("io.xfrmd.Control.Status", "[]")) ==
          "org.varlink.service.InvalidParameter parameters");
    CHECK(verdict(call_of("io.xfrmd.Control.SetLogLevel", R"({"level":"loud"})")) ==
          "org.varlink.service.InvalidParameter level");
    CHECK(verdict(call_of("io.xfrmd.Control.Fly", "{}")) ==
          "org.varlink.service.MethodNotFound io.xfrmd.Control.Fly");
    CHECK(verdict(call_of("com.example.Other.Fly", "{}")) ==
          "org.varlink.service.InterfaceNotFound com.example.Other");
    CHECK(verdict(call_of("Fly", "{}")) == "org.varlink.service.InterfaceNotFound Fly");
}

TEST_CASE("request: F14, cut, deep, huge and senseless messages are no calls") {
    const std::string good = call_of("io.xfrmd.Control.Up", R"({"phase1":"a","phase2":"b"})");
    CHECK(verdict(good) == "good");
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK(verdict(good.substr(0, size)) == "not a call");
    CHECK(verdict(call_of("io.xfrmd.Control.Status", std::string(10000, '['))) == "not a call");
    CHECK(verdict(call_of("io.xfrmd.Control.Status", std::string(9, '[') + std::string(9, ']'))) ==
          "not a call");
    CHECK(verdict(call_of("io.xfrmd.Control.Status",
                          R"({"phase1":")" + std::string(20000, 'a') + "\"}")) == "not a call");
    std::string many = "[";
    for (int i = 0; i < 300; ++i)
        many += "0,";
    CHECK(verdict(call_of("io.xfrmd.Control.Status", many + "0]")) == "not a call");
    for (const char* text : {"", "null", "[]", "7", "\"x\"", "{}", R"({"method":7})", "\xff\xfe"})
        CHECK(verdict(text) == "not a call");
    CHECK(verdict(call_of("io.xfrmd.Control.Status", "1e99999")) == "not a call");
}

TEST_CASE("request: brackets and commas within texts are no structure") {
    CHECK(keeps_within(R"({"a":"[[[[[[[[[[[[\"[[[,,,,"})", {.depth = 1, .values = 1}));
    CHECK_FALSE(keeps_within(R"({"a":[1,2]})", {.depth = 2, .values = 2}));
}

TEST_CASE("request: only what changes something is not for readers") {
    CHECK(is_read_only(GetStatus{}));
    CHECK(is_read_only(Monitor{}));
    for (const Request& request : {Request{BringUp{}}, Request{TakeDown{}}, Request{Rekey{}},
                                   Request{ReloadConfiguration{}}, Request{SetLogLevel{}}})
        CHECK_FALSE(is_read_only(request));
}
