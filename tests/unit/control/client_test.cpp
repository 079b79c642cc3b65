#include "control/client.hpp"

#include "control/reply.hpp"
#include "control/request.hpp"
#include "support/catch.hpp"

using namespace xfrmd::control;

namespace {

std::string without_end(std::string frame) {
    frame.pop_back();
    return frame;
}

}  // namespace

TEST_CASE("client: its calls are what the daemon reads") {
    const auto call =
        read_call(without_end(call_frame("Up", {{"phase1", "to-hq"}, {"phase2", ""}}, true)));
    REQUIRE(call);
    CHECK(std::get<BringUp>(call->request).phase1 == "to-hq");
    CHECK(call->more);
}

TEST_CASE("client: errors are told in words") {
    const auto tell = [](const ErrorReply& error) {
        return read_reply(without_end(error_frame(error)))->problem;
    };
    CHECK(tell(no_such_tunnel("x")) == "there is no phase 1 or phase 2 \"x\": see xfrmctl status");
    CHECK(tell(configuration_wrong({"a.json:1: bad", "b.json:2: worse"})) ==
          "the configuration is wrong: nothing of it is applied\n  a.json:1: bad\n  b.json:2: "
          "worse");
    CHECK(tell({error_name::permission_denied}).starts_with("permission denied"));
}

TEST_CASE("client: what is no reply is nothing, and strange replies do no harm") {
    CHECK_FALSE(read_reply("{"));
    CHECK_FALSE(read_reply("[]"));
    CHECK(read_reply(R"({"parameters":7,"error":8,"continues":"x"})"));
    CHECK_FALSE(is_up("{}", ""));
    CHECK_FALSE(is_up("nonsense", ""));
    CHECK(names_in("nonsense").empty());
}

TEST_CASE("client: a tunnel is up when all its phase 2s are, or the one that is meant") {
    const std::string status = R"({"tunnels":[{"name":"hq","phase2s":[{"name":"a","state":"up"},)"
                               R"({"name":"b","state":"down"}]}]})";
    CHECK_FALSE(is_up(status, ""));
    CHECK(is_up(status, "a"));
    CHECK_FALSE(is_up(status, "b"));
    CHECK_FALSE(is_up(status, "c"));
    CHECK(has_phase2(status, "b"));
    CHECK_FALSE(has_phase2(status, "c"));
    CHECK(names_in(status) == std::vector<std::string>{"a", "b", "hq"});
    CHECK(join_status({status, status}).find("\"version\":1") != std::string::npos);
}
