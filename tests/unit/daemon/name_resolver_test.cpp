#include "daemon/name_resolver.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <set>

#include "daemon/dns_channel.hpp"
#include "daemon/event_loop.hpp"
#include "name_server.hpp"
#include "support/catch.hpp"
#include "temporary_directory.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;

namespace {

/// Long enough for a busy machine: none of these tests waits for it.
constexpr std::chrono::minutes for_ever{10};

IpAddress ip(const char* text) {
    return IpAddress::from_text(text).value();
}

NameResolver open_resolver(const NameServer& server, Duration patience = for_ever) {
    auto resolver = NameResolver::open({.servers = server.text(), .patience = patience});
    REQUIRE(resolver);
    return *std::move(resolver);
}

/// What the server does with a query; no octets: it stays silent.
using Reaction = std::function<Bytes(const DnsQuery&)>;

/// Lets both work until `count` answers are there.
std::vector<ike::NameResolved> collect(NameResolver& resolver, NameServer& server,
                                       std::size_t count, const Reaction& react) {
    std::vector<ike::NameResolved> answers;
    while (answers.size() < count) {
        std::array<pollfd, 2> sides{pollfd{server.descriptor(), POLLIN, 0},
                                    pollfd{resolver.descriptor(), POLLIN, 0}};
        constexpr int a_minute = 60'000;
        REQUIRE(poll(sides.data(), sides.size(), a_minute) > 0);
        for (const DnsQuery& query : server.take_queries())
            if (const Bytes reply = react(query); !reply.empty()) server.send(query, reply);
        std::ranges::move(resolver.read(), std::back_inserter(answers));
    }
    return answers;
}

/// The answer to one question.
ike::NameResolved resolve(const std::string& name, IpFamily family, const Reaction& react) {
    NameServer server;
    NameResolver resolver = open_resolver(server);
    resolver.ask({.tunnel = 7, .name = name, .family = family});
    const auto answers = collect(resolver, server, 1, react);
    CHECK(answers[0].tunnel == 7);
    CHECK(answers[0].name == name);
    return answers[0];
}

Bytes silence(const DnsQuery&) {
    return {};
}

}  // namespace

TEST_CASE("name resolver: finds the addresses of a name, in the server's order") {
    const auto answer = resolve("gw.example.com", IpFamily::v4, [](const DnsQuery& query) {
        CHECK(query.name() == "gw.example.com");
        CHECK(query.type() == type_a);
        return query.with_addresses({ip("203.0.113.9"), ip("192.0.2.1")});
    });
    CHECK(answer.error.empty());
    CHECK(answer.addresses == std::vector{ip("203.0.113.9"), ip("192.0.2.1")});
}

TEST_CASE("name resolver: asks for the family that it is asked for, and takes no other") {
    const auto right = resolve("gw.example.com", IpFamily::v6, [](const DnsQuery& query) {
        CHECK(query.type() == type_aaaa);
        return query.with_addresses({ip("2001:db8::1")});
    });
    CHECK(right.addresses == std::vector{ip("2001:db8::1")});

    const auto wrong = resolve("gw.example.com", IpFamily::v6, [](const DnsQuery& query) {
        return query.with_addresses({ip("192.0.2.1")});
    });
    CHECK(wrong.addresses.empty());
    CHECK(wrong.error == "the name has no IPv6 address");
}

TEST_CASE("name resolver: an address is its own answer, and nobody is asked") {
    const auto answer = resolve("192.0.2.1", IpFamily::v4, [](const DnsQuery& query) {
        FAIL("asked for " << query.name());
        return Bytes();
    });
    CHECK(answer.addresses == std::vector{ip("192.0.2.1")});
}

TEST_CASE("name resolver: looks into the file of hosts first") {
    const test::TemporaryDirectory directory;
    const auto hosts = directory.write("hosts", "198.51.100.7 branch.example.com branch\n");
    REQUIRE(setenv("CARES_HOSTS", hosts.c_str(), 1) == 0);
    const auto answer = resolve("branch.example.com", IpFamily::v4, silence);
    REQUIRE(unsetenv("CARES_HOSTS") == 0);
    CHECK(answer.addresses == std::vector{ip("198.51.100.7")});
}

TEST_CASE("name resolver: says why there is no address") {
    struct Row {
        const char* error;
        Reaction react;
    };
    const std::vector<Row> rows{
        {"the name does not exist", [](const DnsQuery& query) { return query.response(3); }},
        {"the name has no IPv4 address", [](const DnsQuery& query) { return query.response(0); }},
        {"the name server's answer is malformed",
         [](const DnsQuery& query) {
             Bytes reply = query.with_addresses({ip("192.0.2.1")});
             reply.resize(reply.size() - 3);
             return reply;
         }},
        {"the name server's answer is malformed",
         [](const DnsQuery& query) { return query.response(0, 200); }},
    };
    for (const Row& row : rows) {
        const auto answer = resolve("gw.example.com.", IpFamily::v4, row.react);
        CHECK(answer.error == row.error);
        CHECK(answer.addresses.empty());
    }
}

TEST_CASE("name resolver: a name that cannot be one is an answer, not a question") {
    const std::string long_label = std::string(64, 'x') + ".example.com";
    for (const std::string& name : {std::string("gw..example.com"), long_label})
        CHECK(!resolve(name, IpFamily::v4, silence).error.empty());
}

TEST_CASE("name resolver: takes no more addresses than anybody needs") {
    const auto answer = resolve("many.example.com", IpFamily::v4, [](const DnsQuery& query) {
        std::vector<IpAddress> addresses{ip("192.0.2.1")};
        while (addresses.size() < 25)
            addresses.push_back(addresses.back().next());
        return query.with_addresses(addresses);
    });
    CHECK(answer.addresses.size() == most_addresses);
    CHECK(answer.addresses.front() == ip("192.0.2.1"));
}

TEST_CASE("name resolver: loses patience with a server that is silent or babbles") {
    const std::vector<Reaction> reactions{silence, [](const DnsQuery&) { return Bytes(5, 0xff); },
                                          [](const DnsQuery& query) {  // an answer to another query
                                              Bytes reply = query.with_addresses({ip("192.0.2.1")});
                                              reply.at(0) ^= 0xff;
                                              return reply;
                                          }};
    for (const Reaction& react : reactions) {
        NameServer server;
        NameResolver resolver = open_resolver(server, std::chrono::milliseconds(50));
        resolver.ask({.tunnel = 1, .name = "gw.example.com", .family = IpFamily::v4});
        const auto answers = collect(resolver, server, 1, react);
        CHECK(answers[0].error == "no answer within 0.05 s");
        CHECK(answers[0].addresses.empty());
    }
}

TEST_CASE("name resolver: asks a bounded number at once, and all get their answers") {
    constexpr std::size_t count = 500;
    NameServer server;
    NameResolver resolver = open_resolver(server);
    for (std::uint64_t i = 0; i < count; ++i)
        resolver.ask(
            {.tunnel = i, .name = fmt::format("gw{}.example.com", i), .family = IpFamily::v4});

    const auto at_once = server.take_queries();
    CHECK(at_once.size() == most_lookups);
    const auto react = [](const DnsQuery& query) {
        return query.with_addresses({ip("192.0.2.1")});
    };
    for (const DnsQuery& query : at_once)
        server.send(query, react(query));

    std::set<std::uint64_t> tunnels;
    for (const auto& answer : collect(resolver, server, count, react)) {
        CHECK(answer.name == fmt::format("gw{}.example.com", answer.tunnel));
        CHECK(answer.addresses.size() == 1);
        tunnels.insert(answer.tunnel);
    }
    CHECK(tunnels.size() == count);
}

TEST_CASE("name resolver: refuses questions beyond its bound, and says so") {
    NameServer server;
    NameResolver resolver = open_resolver(server);
    for (std::uint64_t i = 0; i <= most_questions; ++i)
        resolver.ask({.tunnel = i, .name = "gw.example.com", .family = IpFamily::v4});
    const auto answers = collect(resolver, server, 1, silence);
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].tunnel == most_questions);
    CHECK(answers[0].error == "too many names are being looked up");
}

TEST_CASE("name resolver: drops the answer to a question that nobody asks any more") {
    NameServer server;
    NameResolver resolver = open_resolver(server);
    resolver.ask({.tunnel = 1, .name = "old.example.com", .family = IpFamily::v4});
    resolver.ask({.tunnel = 1, .name = "new.example.com", .family = IpFamily::v4});
    const auto queries = server.take_queries();
    REQUIRE(queries.size() == 2);
    CHECK(queries[0].name() == "old.example.com");
    server.send(queries[0], queries[0].with_addresses({ip("192.0.2.1")}));
    server.send(queries[1], queries[1].with_addresses({ip("192.0.2.2")}));
    resolver.ask({.tunnel = 2, .name = "last.example.com", .family = IpFamily::v4});

    const auto answers = collect(resolver, server, 2, [](const DnsQuery& query) {
        return query.with_addresses({ip("192.0.2.3")});
    });
    CHECK(answers[0].name == "new.example.com");
    CHECK(answers[0].addresses == std::vector{ip("192.0.2.2")});
    CHECK(answers[1].name == "last.example.com");
}

TEST_CASE("name resolver: renewed, it asks again what is open") {
    NameServer server;
    NameResolver resolver = open_resolver(server);
    resolver.ask({.tunnel = 1, .name = "gw.example.com", .family = IpFamily::v4});
    REQUIRE(server.take_queries().size() == 1);
    resolver.renew();
    const auto answers = collect(resolver, server, 1, [](const DnsQuery& query) {
        return query.with_addresses({ip("192.0.2.1")});
    });
    CHECK(answers[0].addresses == std::vector{ip("192.0.2.1")});
    CHECK(resolver.read().empty());
}

TEST_CASE("name resolver: wakes the event loop when there is something to read") {
    NameServer server;
    NameResolver resolver = open_resolver(server);
    auto loop = EventLoop::create();
    REQUIRE(loop);
    std::vector<ike::NameResolved> answers;
    REQUIRE(loop->on_readable(resolver.descriptor(), [&] {
        std::ranges::move(resolver.read(), std::back_inserter(answers));
    }));
    resolver.ask({.tunnel = 1, .name = "192.0.2.1", .family = IpFamily::v4});
    REQUIRE(loop->run_once());
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].addresses == std::vector{ip("192.0.2.1")});
}

TEST_CASE("name resolver: may end with questions open") {
    NameServer server;
    {
        NameResolver resolver = open_resolver(server);
        for (std::uint64_t i = 0; i < 2 * most_lookups; ++i)
            resolver.ask({.tunnel = i, .name = "gw.example.com", .family = IpFamily::v4});
    }
    CHECK(server.take_queries().size() == most_lookups);
}
