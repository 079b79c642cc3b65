#include "control/interface_description.hpp"

#include <regex>
#include <set>

#include "control/request.hpp"
#include "support/catch.hpp"

using namespace xfrmd::control;

namespace {

/// Varlink's language, as far as a reader needs it: each statement is matched whole.
std::string rest_after_statements(std::string text) {
    static const std::regex comment("#[^\n]*\n"),
        statement(R"((interface [a-z]+(\.[A-Za-z]+)+)|)"
                  R"((type|error) [A-Z][A-Za-z0-9]* ?\([^()]*\)|)"
                  R"(method [A-Z][A-Za-z0-9]*\([^()]*\) -> \([^()]*\))");
    text = std::regex_replace(text, comment, "\n");
    return std::regex_replace(text, statement, "");
}

std::set<std::string> matches(const std::string& text, const char* expression) {
    const std::regex wanted(expression);
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

}  // namespace

TEST_CASE("interface: both descriptions are statements of Varlink's language and nothing else") {
    for (const auto interface : {control_interface, service_interface}) {
        const std::string text(interface_description(interface));
        REQUIRE_FALSE(text.empty());
        CHECK(text.find("interface " + std::string(interface)) != std::string::npos);
        CHECK(rest_after_statements(text).find_first_not_of(" \n") == std::string::npos);
    }
    CHECK(interface_description("io.xfrmd.Other").empty());
}

TEST_CASE("interface: fields have a type that is built in or described") {
    const std::string text = std::regex_replace(
        std::string(interface_description(control_interface)), std::regex("#[^\n]*\n"), "");
    std::set<std::string> known = matches(text, R"(type ([A-Za-z0-9]+) )");
    for (const char* basic : {"string", "int", "bool"})
        known.insert(basic);
    for (const std::string& type : matches(text, R"([a-z0-9_]+: \??(?:\[\])?([A-Za-z0-9]+))"))
        CHECK(known.contains(type));
}

TEST_CASE("interface: every method that is described is served") {
    const std::string text(interface_description(control_interface));
    const auto methods = matches(text, R"(method ([A-Za-z]+)\()");
    CHECK(methods.size() == 11);
    for (const std::string& method : methods) {
        const auto call = read_call(R"({"method":"io.xfrmd.Control.)" + method + "\"}");
        if (call) continue;
        const auto* error = std::get_if<ErrorReply>(&call.error());
        REQUIRE(error != nullptr);
        CHECK(error->name == error_name::invalid_parameter);
    }
}
