#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

const std::string hub = "/phase1-interface/hub";

Problem problem_with(std::string_view phase1, std::string_view option) {
    return problem_at(load_text(tunnel(phase1)), hub + "/" + std::string(option));
}

bool loads(std::string_view phase1) {
    const auto loaded = load_text(tunnel(phase1));
    INFO(all_text(loaded));
    CHECK(loaded.config);
    return loaded.config != nullptr;
}

const std::string gateway = "\"remote-gw\": \"192.0.2.1\", ";

}  // namespace

TEST_CASE("V3 passive-mode excludes auto-negotiate set on the phase 1, in either order") {
    for (const std::string& options :
         {gateway + "\"passive-mode\": true, \"auto-negotiate\": true, ",
          gateway + "\"auto-negotiate\": true, \"passive-mode\": true, "}) {
        const Problem problem = problem_with(options, "auto-negotiate");
        CHECK(problem.severity == Problem::Severity::error);
        CHECK(problem.message.contains("passive-mode"));
        CHECK(problem.message.contains(hub + "/passive-mode (xfrmd.json:1)"));
    }
}

TEST_CASE("V3 passive-mode turns the default of auto-negotiate off without an error") {
    const auto loaded = load_text(tunnel(gateway + "\"passive-mode\": true, "));
    CHECK(only_phase1(loaded).passive);
    CHECK_FALSE(only_phase1(loaded).auto_negotiate);
    CHECK(only_phase1(load_text(tunnel(gateway))).auto_negotiate);
    CHECK(loads(gateway + "\"passive-mode\": true, \"auto-negotiate\": false, "));
    CHECK(loads(gateway + "\"passive-mode\": false, \"auto-negotiate\": true, "));
}

TEST_CASE("V5 type dynamic excludes passive-mode, the other types do not") {
    for (const char* options : {"\"type\": \"dynamic\", \"passive-mode\": true, ",
                                "\"passive-mode\": true, \"type\": \"dynamic\", "})
        CHECK(problem_with(options, "passive-mode").message.contains(hub + "/type"));
    CHECK(loads("\"type\": \"dynamic\", "));
    CHECK(
        loads("\"type\": \"ddns\", \"remotegw-ddns\": \"gw.example.net\", "
              "\"passive-mode\": true, "));
}

TEST_CASE("V6 each type says in its own way where the peer is, and only so") {
    CHECK(problem_at(load_text(tunnel()), hub).message.contains("\"remote-gw\" is missing"));
    CHECK(problem_with("\"remote-gw\": \"0.0.0.0\", ", "remote-gw").message.contains("missing"));
    CHECK(problem_with("\"type\": \"ddns\", ", "type").message.contains("remotegw-ddns"));
    CHECK(problem_with("\"type\": \"dynamic\", " + gateway, "remote-gw")
              .message.contains("is dynamic"));
    CHECK(problem_with("\"type\": \"ddns\", \"remotegw-ddns\": \"x\", " + gateway, "remote-gw")
              .message.contains("is ddns"));
    CHECK(problem_with(gateway + "\"remotegw-ddns\": \"x\", ", "remotegw-ddns")
              .message.contains("type is static"));
    CHECK(loads(gateway));
    CHECK(loads("\"type\": \"ddns\", \"remotegw-ddns\": \"gw.example.net\", "));
    CHECK(loads("\"type\": \"dynamic\", \"remote-gw\": \"0.0.0.0\", "));
}

TEST_CASE("V6 a refused value is not reported as missing as well") {
    const auto loaded = load_text(tunnel("\"remote-gw\": \"192.0.2.300\", "));
    CHECK(loaded.problems.size() == 1);
}

TEST_CASE("gateways: ip-version selects the family") {
    const auto loaded = load_text(tunnel(
        "\"ip-version\": 6, \"remote-gw6\": \"2001:db8::1\", \"local-gw6\": \"2001:db8::2\", "));
    const Phase1& phase1 = only_phase1(loaded);
    CHECK(phase1.ip_version == IpFamily::v6);
    CHECK(phase1.remote_gateway->to_text() == "2001:db8::1");
    CHECK(phase1.local_gateway->to_text() == "2001:db8::2");
    CHECK(problem_with("\"ip-version\": 6, " + gateway, "remote-gw")
              .message.contains("no meaning while"));
    CHECK_FALSE(only_phase1(load_text(tunnel(gateway))).local_gateway);
}

TEST_CASE("gateways: neither multicast nor ourselves") {
    CHECK(problem_with("\"remote-gw\": \"224.0.0.5\", ", "remote-gw").message ==
          "a multicast address");
    CHECK(problem_with(gateway + "\"local-gw\": \"239.1.1.1\", ", "local-gw").message ==
          "a multicast address");
    CHECK(problem_with("\"local-gw\": \"192.0.2.1\", " + gateway, "remote-gw").message ==
          "our own address");
}

TEST_CASE("remote-gw-match: from where dial-up peers may come") {
    const auto match = [](std::string_view options) {
        return only_phase1(load_text(tunnel("\"type\": \"dynamic\", " + std::string(options))))
            .remote_gateway_match;
    };
    CHECK_FALSE(match(""));
    CHECK(match("\"remote-gw-match\": \"ipmask\", \"remote-gw-subnet\": \"198.51.100.0/24\", ")
              ->to_text() == "198.51.100.0/24");
    CHECK(match("\"remote-gw-match\": \"iprange\", \"remote-gw-start-ip\": \"198.51.100.3\", "
                "\"remote-gw-end-ip\": \"198.51.100.9\", ")
              ->to_text() == "198.51.100.3-198.51.100.9");
    CHECK(
        problem_with("\"type\": \"dynamic\", \"remote-gw-match\": \"ipmask\", ", "remote-gw-match")
            .remedy == "add remote-gw-subnet");
    CHECK(problem_with("\"type\": \"dynamic\", \"remote-gw-match\": \"iprange\", "
                       "\"remote-gw-start-ip\": \"198.51.100.3\", \"remote-gw-end-ip\": "
                       "\"198.51.100.1\", ",
                       "remote-gw-match")
              .message.contains("not a range"));
    CHECK(problem_with(gateway + "\"remote-gw-match\": \"ipmask\", ", "remote-gw-match")
              .message.contains("type is static"));
}

TEST_CASE("V7 peertype one needs a peerid, and a peerid needs peertype one") {
    CHECK(problem_with(gateway + "\"peertype\": \"one\", ", "peertype").message.contains("peerid"));
    CHECK(problem_with(gateway + "\"peerid\": \"gw\", ", "peerid").message.contains("peertype"));
    const auto loaded =
        load_text(tunnel(gateway + "\"peertype\": \"one\", \"peerid\": \"gw.example.net\", "));
    const Phase1& phase1 = only_phase1(loaded);
    CHECK(phase1.peer_type == PeerType::one);
    CHECK(phase1.peer_id->type == wire::IdType::fqdn);
    CHECK_FALSE(phase1.local_id);
}

TEST_CASE("localid: its type is derived or given") {
    const auto local_id = [](std::string_view options) {
        return only_phase1(load_text(tunnel(gateway + std::string(options)))).local_id;
    };
    CHECK(local_id("\"localid\": \"a@b\", ")->type == wire::IdType::rfc822_addr);
    CHECK(local_id("\"localid\": \"a@b\", \"localid-type\": \"keyid\", ")->type ==
          wire::IdType::key_id);
    CHECK_FALSE(local_id("\"localid-type\": \"address\", "));
    CHECK(problem_with(gateway + "\"localid-type\": \"fqdn\", ", "localid-type")
              .message.contains("missing"));
    CHECK(problem_with(gateway + "\"localid\": \"x\", \"localid-type\": \"address\", ", "localid")
              .message == "not an IP address");
    CHECK(problem_with(gateway + "\"localid-type\": \"asn1dn\", ", "localid-type")
              .message.contains("does not support"));
}

TEST_CASE("psksecret: one key for both ends unless the peer has its own") {
    const auto loaded = load_text(tunnel(gateway));
    CHECK(only_phase1(loaded).psk == only_phase1(loaded).psk_remote);
    const auto two = load_text(tunnel(gateway + "\"psksecret-remote\": \"fedcba9876543210\", "));
    CHECK(as_text(only_phase1(two).psk->view()) == "0123456789abcdef0123");
    CHECK(as_text(only_phase1(two).psk_remote->view()) == "fedcba9876543210");
}

TEST_CASE("B08 psksecret: a short key is warned about, a very short one refused") {
    const auto warned = load_text(tunnel(gateway + "\"psksecret-remote\": \"12345678\", "));
    CHECK(warned.config);
    REQUIRE(warned.problems.size() == 1);
    CHECK(warned.problems[0].severity == Problem::Severity::warning);
    CHECK(warned.problems[0].value == "***");
    CHECK(problem_with(gateway + "\"psksecret-remote\": \"1234567\", ", "psksecret-remote")
              .severity == Problem::Severity::error);
}

TEST_CASE("interface: the name of a device, and not the tunnel's own") {
    const auto problem = [](std::string_view name) {
        std::string text = tunnel(gateway);
        text.replace(text.find("eth0"), 4, name);
        return problem_at(load_text(text), hub + "/interface").message;
    };
    CHECK(problem("eth/0") == "not the name of a network device");
    CHECK(problem("") == "not the name of a network device");
    CHECK(problem("hub").contains("same name"));
    CHECK(problem("a234567890123456").contains("longer than 15"));
    CHECK(problem("wan1.100").starts_with("no problem"));
}

TEST_CASE("phase 1: what depends on rekey, and long silences") {
    CHECK(problem_with(gateway + "\"rekey\": false, \"reauth\": true, ", "reauth")
              .message.contains(hub + "/rekey"));
    CHECK(loads(gateway + "\"rekey\": false, "));
    CHECK(loads(gateway + "\"reauth\": true, "));
    CHECK(problem_with(gateway + "\"dpd-retryinterval\": 61, ", "dpd-retryinterval").severity ==
          Problem::Severity::warning);
    CHECK(load_text(tunnel(gateway + "\"dpd-retryinterval\": 60, ")).problems.empty());
}

TEST_CASE("phase 1: what this version does not do is said") {
    CHECK(problem_with(gateway + "\"idle-timeout\": true, ", "idle-timeout").severity ==
          Problem::Severity::error);
    CHECK(loads(gateway + "\"idle-timeout\": false, "));
}

TEST_CASE("phase 1: defaults are FortiOS's") {
    const auto loaded = load_text(tunnel(gateway));
    const Phase1& phase1 = only_phase1(loaded);
    CHECK(phase1.name == "hub");
    CHECK(phase1.route_based);
    CHECK(phase1.keylife == std::chrono::seconds(86400));
    CHECK(phase1.negotiate_timeout == std::chrono::seconds(30));
    CHECK(phase1.dpd == DpdMode::on_demand);
    CHECK(phase1.dpd_retry_count == 3);
    CHECK(phase1.dpd_retry_interval == std::chrono::seconds(20));
    CHECK(phase1.nat_keepalive == std::chrono::seconds(10));
    CHECK(phase1.fragmentation_mtu == 1200);
    CHECK(phase1.add_route);
    CHECK(phase1.key_exchanges ==
          std::vector{wire::KeyExchangeMethod::ecp_384, wire::KeyExchangeMethod::modp_2048});
}
