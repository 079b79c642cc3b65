#include "fixture.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;

namespace {

std::string full(std::string_view text, FakeSecrets secrets = {}) {
    const auto loaded = load_text(text, std::move(secrets));
    INFO(all_text(loaded));
    CHECK(loaded.config);
    return show_full(*loaded.settings);
}

}  // namespace

TEST_CASE("show-full: every default is there, secrets are not") {
    const std::string text = full(static_tunnel());
    for (const char* line :
         {"\"embryonic-limit\": 10000", "\"psksecret\": \"***\"", "\"dhgrp\": [20, 14]",
          "\"keylife\": 86400", "\"peertype\": \"any\"", "\"keylifeseconds\": 43200",
          "\"src-subnet\": \"0.0.0.0/0\"", "\"offload\": \"phase1\"", "\"local-gw\": \"0.0.0.0\"",
          "\"dpd-retryinterval\": 20", "\"proposal\": [\"aes256-sha256\"]"}) {
        INFO(line);
        CHECK(text.contains(line));
    }
    CHECK_FALSE(text.contains("0123456789abcdef"));
    CHECK_FALSE(text.contains("psksecret-remote"));
    CHECK_FALSE(text.contains("src-name"));
    CHECK_FALSE(text.contains("local-gw6"));
}

TEST_CASE("show-full: keepalive and auto-negotiate are printed as in effect") {
    CHECK(full(static_tunnel("", "\"auto-negotiate\": true, ")).contains("\"keepalive\": true"));
    CHECK(full(static_tunnel("\"passive-mode\": true, ")).contains("\"auto-negotiate\": false"));
}

TEST_CASE("show-full: where a secret comes from is no secret") {
    FakeSecrets secrets;
    secrets.files["/etc/psk"] = "another secret of files";
    const std::string text =
        full(static_tunnel("\"psksecret-remote\": {\"file\": \"/etc/psk\"}, "), secrets);
    CHECK(text.contains("\"file\": \"/etc/psk\""));
    CHECK_FALSE(text.contains("another secret"));
}

TEST_CASE("show-full: what it prints loads to the same, but for the secrets") {
    const std::string first = full(
        static_tunnel("\"dpd-retryinterval\": [7, 500], \"peertype\": \"one\", \"peerid\": \"x\", ",
                      R"("src-addr-type": "name", "src-name": "lan", "auto-negotiate": true,
           "dst-addr-type": "range", "dst-start-ip": "10.1.1.1", "dst-end-ip": "10.1.1.9", )",
                      R"("address": {"lan": {"subnet": "10.3.0.0/24"}, "r": {"type": "iprange",
           "start-ip": "10.0.0.1", "end-ip": "10.0.0.2"}}, "addrgrp": {"g": {"member": "lan"}},
           "daemon": {"embryonic-limit": 77}, )"));
    std::string again = first;
    again.replace(again.find("***"), 3, "0123456789abcdef0123");
    CHECK(full(again) == first);
}

TEST_CASE("show-full: policy-based entries keep their section") {
    std::string text = static_tunnel();
    text.replace(text.find("phase1-interface"), 16, "phase1");
    text.replace(text.find("phase2-interface"), 16, "phase2");
    const std::string shown = full(text);
    CHECK(shown.contains("\"phase1\": {"));
    CHECK(shown.contains("\"phase2\": {"));
    CHECK_FALSE(shown.contains("-interface\""));
    CHECK_FALSE(shown.contains("monitor"));
    CHECK(shown.contains("\"add-route\": false"));
}
