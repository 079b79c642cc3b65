// The client against daemons that do not answer.
#include "daemon/control_client.hpp"

#include "daemon/stream_listener.hpp"
#include "support/catch.hpp"
#include "temporary_directory.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using std::chrono::milliseconds;

TEST_CASE("control client: a daemon that hangs is not waited for without end") {
    test::TemporaryDirectory directory;
    const auto path = directory.path() / "socket";
    const auto listener = listen_at_path(path);
    REQUIRE(listener);
    auto client = ControlClient::connect(path);
    REQUIRE(client);
    for (const milliseconds patience : {milliseconds(50), milliseconds(0)}) {
        client->set_patience(patience);
        const auto answer = client->ask("Counters", {});
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == ClientExit::timeout);
        CHECK(answer.error().message.find("does not answer") != std::string::npos);
    }
}
