// The control socket against clients that are slow, greedy, many or mad.
#include "daemon/control_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "control/answers.hpp"
#include "daemon/stream_listener.hpp"
#include "support/catch.hpp"
#include "temporary_directory.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace std::string_literals;

namespace {

struct Client {
    explicit Client(const std::filesystem::path& path)
        : socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.native().copy(address.sun_path, sizeof address.sun_path - 1);
        connected =
            connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    bool send(std::string_view octets) const {
        return ::send(socket.number(), octets.data(), octets.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(octets.size());
    }
    /// What can be read now.
    std::string read() const {
        std::string text(1 << 16, '\0');
        const ssize_t size = recv(socket.number(), text.data(), text.size(), 0);
        text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return text;
    }
    bool is_cut_off() const {
        char octet{};
        return recv(socket.number(), &octet, 1, 0) == 0;
    }
    FileDescriptor socket;
    bool connected = false;
};

struct Service {
    Service()
        : path(directory.path() / "socket"),
          loop(*EventLoop::create()),
          server(loop, *listen_at_path(path), [this](const control::Call& call, const Peer& peer) {
              ++calls;
              last_peer = peer;
              return answer(call);
          }) {
        REQUIRE(server.start());
        REQUIRE(loop.on_deadline([this] { waited = true; }));
    }

    Answer answer(const control::Call& call) {
        if (const auto* monitor = std::get_if<control::Monitor>(&call.request)) return *monitor;
        if (call.more)
            return AnswerParts([this] {
                ++parts;
                return AnswerPart{std::string(8000, 'x') + '\0', false};
            });
        return control::empty_answer();
    }

    /// Lets the loop do what there is to do now: until nothing happens any more, or for `turns`.
    void run(int turns = 200) {
        for (int i = 0; i < turns; ++i) {
            waited = false;
            loop.set_deadline(Instant{});
            while (!waited)
                loop.run_once();
        }
    }

    test::TemporaryDirectory directory;
    std::filesystem::path path;
    EventLoop loop;
    int calls = 0;
    int parts = 0;
    bool waited = false;
    Peer last_peer;
    ControlServer server;
};

const std::string up = R"({"method":"io.xfrmd.Control.Up","parameters":{"phase1":"a"}})"s + '\0';
const std::string monitor = R"({"method":"io.xfrmd.Control.Monitor","more":true})"s + '\0';
const std::string endless = R"({"method":"io.xfrmd.Control.Status","more":true})"s + '\0';

}  // namespace

TEST_CASE("control server: calls are answered in their order, whole or in pieces") {
    Service service;
    const Client client(service.path);
    REQUIRE(client.connected);
    for (const char octet : up + up)
        REQUIRE(client.send({&octet, 1}));
    service.run();
    CHECK(service.calls == 2);
    CHECK(client.read() == "{\"parameters\":{}}\0{\"parameters\":{}}\0"s);
    CHECK(service.last_peer.access == Access::full);
    CHECK(service.last_peer.process == getpid());
}

TEST_CASE("control server: B14, F14, senseless and endless requests end their client, not others") {
    Service service;
    const Client good(service.path), mad(service.path), endless_text(service.path);
    REQUIRE(mad.send("this is no call\0"s));
    for (int i = 0; i < 20; ++i) {
        endless_text.send(std::string(4000, '{'));
        service.run(3);
    }
    REQUIRE(good.send(up));
    service.run();
    CHECK(mad.is_cut_off());
    CHECK_FALSE(endless_text.send("x"));
    CHECK_FALSE(good.read().empty());
    CHECK(service.calls == 1);
}

TEST_CASE("control server: errors are answered, and the client may go on") {
    Service service;
    const Client client(service.path);
    REQUIRE(client.send(R"({"method":"io.xfrmd.Control.Up"})"s + '\0' + up));
    service.run();
    CHECK(client.read() ==
          "{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":"
          "\"phase1\"}}\0{\"parameters\":{}}\0"s);
}

TEST_CASE("control server: F14, of a thousand clients some are served, and there is room again") {
    Service service;
    std::vector<Client> clients;
    std::size_t refused = 0;
    for (int i = 0; i < 1000; ++i) {
        clients.emplace_back(service.path);
        if (i % 10 == 9) service.run(5);
    }
    service.run();
    for (const Client& client : clients)
        if (client.read().find("TooManyClients") != std::string::npos) ++refused;
    CHECK(refused == 1000 - ControlServer::most_clients);
    clients.clear();
    service.run();
    const Client late(service.path);
    REQUIRE(late.send(up));
    service.run();
    CHECK(late.read().find("parameters") != std::string::npos);
}

TEST_CASE("control server: an answer without end is made only as fast as it is read") {
    Service service;
    const Client slow(service.path);
    REQUIRE(slow.send(endless));
    service.run(1000);
    const int made = service.parts;
    service.run(1000);
    CHECK(service.parts == made);
    CHECK(made < 200);
    REQUIRE_FALSE(slow.read().empty());
    service.run(1000);
    CHECK(service.parts > made);
}

TEST_CASE("control server: a watcher that does not read loses events, and is told how many") {
    Service service;
    const Client watcher(service.path);
    REQUIRE(watcher.send(monitor));
    service.run();
    CHECK(watcher.read() == "{\"parameters\":{\"lost\":0},\"continues\":true}\0"s);
    ike::Event event;
    event.message = std::string(1000, 'e');
    for (int i = 0; i < 3000; ++i)
        service.server.publish(event);
    std::string all;
    for (int i = 0; i < 100; ++i) {
        service.run(5);
        all += watcher.read();
    }
    CHECK(all.size() < 1'500'000);
    service.server.publish(event);
    service.run();
    CHECK(watcher.read().find("\"lost\":2") != std::string::npos);
}

TEST_CASE("control server: a watcher hears of its phase 1 and level only") {
    Service service;
    const Client watcher(service.path);
    REQUIRE(watcher.send(R"({"method":"io.xfrmd.Control.Monitor","more":true,)"
                         R"("parameters":{"phase1":"a","level":"notice"}})"s +
                         '\0'));
    service.run();
    CHECK_FALSE(watcher.read().empty());
    ike::Event event;
    event.phase1 = "b";
    event.severity = ike::Severity::error;
    service.server.publish(event);
    event.phase1 = "a";
    event.severity = ike::Severity::info;
    service.server.publish(event);
    service.run();
    CHECK(watcher.read().empty());
    event.severity = ike::Severity::notice;
    service.server.publish(event);
    service.run();
    CHECK(watcher.read().find("\"phase1\":\"a\"") != std::string::npos);
}

TEST_CASE("control server: a path is taken from a daemon that is gone, not from one that listens") {
    test::TemporaryDirectory directory;
    const auto path = directory.path() / "made" / "socket";
    {
        const auto first = listen_at_path(path);
        REQUIRE(first);
        const auto second = listen_at_path(path);
        REQUIRE_FALSE(second);
        CHECK(second.error().find("another daemon") != std::string::npos);
    }
    CHECK(listen_at_path(path));
    CHECK_FALSE(listen_at_path(directory.path() / std::string(200, 'x')));
    const auto file = directory.write("precious", "text");
    CHECK_FALSE(listen_at_path(file));
    CHECK(std::filesystem::is_regular_file(file));
}

TEST_CASE("control access: groups by name and number") {
    CHECK(find_group("root") == gid_t{0});
    CHECK(find_group("4711") == gid_t{4711});
    CHECK_FALSE(find_group("no-such-group-anywhere"));
}
