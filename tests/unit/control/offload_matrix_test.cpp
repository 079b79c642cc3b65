// The matrix of devices, suites and modes: as JSON, and as a screen.
#include "control/offload_matrix.hpp"

#include <cerrno>
#include <sstream>

#include "control/client.hpp"
#include "control/screen.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using control::OffloadOutcome;
using xfrm::Direction;
using xfrm::OffloadMode;

namespace {

const config::EspProposal gcm{{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none};
const config::EspProposal cbc{{wire::EncryptionId::aes_cbc, 256},
                              wire::IntegrityId::hmac_sha2_256_128};

control::OffloadSuite suite(const control::OffloadSubject& subject, OffloadOutcome outcome,
                            int error, const std::string& message) {
    control::OffloadSuite all{.subject = subject, .trials = {}};
    for (const OffloadMode mode : {OffloadMode::packet, OffloadMode::crypto})
        for (const Direction direction : {Direction::in, Direction::out})
            all.trials.push_back({.mode = mode,
                                  .direction = direction,
                                  .outcome = outcome,
                                  .error = error,
                                  .message = message});
    return all;
}

control::OffloadDevice nic() {
    control::OffloadDevice device{
        .name = "esim0", .present = true, .announces = true, .driver = "nic"};
    device.suites = {suite({.proposal = gcm}, OffloadOutcome::taken, 0, ""),
                     suite({.proposal = cbc, .esn = true, .interface_id = true},
                           OffloadOutcome::refused, EINVAL, "only ESP with AES-GCM-ICV16")};
    device.suites[0].trials[1].outcome = OffloadOutcome::refused;
    device.suites[0].trials[1].of_policy = true;
    device.suites[0].trials[1].error = EOPNOTSUPP;
    device.suites[0].trials[2].outcome = OffloadOutcome::fell_back;
    return device;
}

std::string parameters_of(std::string frame) {
    REQUIRE(frame.ends_with('\0'));
    frame.pop_back();
    return control::read_reply(frame).value().parameters;
}

std::string screen_of(const std::vector<control::OffloadDevice>& devices) {
    return control::offload_text(parameters_of(control::offload_answer(devices, false)), {});
}

}  // namespace

TEST_CASE("offload: the answer as the interface describes it") {
    control::OffloadDevice device{.name = "esim0", .present = true, .announces = true};
    device.suites = {
        suite({.proposal = gcm, .family = IpFamily::v6}, OffloadOutcome::taken, 0, "")};
    device.suites[0].trials.resize(1);
    device.leftovers = {"delete SA 1"};
    CHECK(parameters_of(control::offload_answer({device}, false)) ==
          R"({"devices":[{"name":"esim0","present":true,"announces":true,"suites":[)"
          R"({"suite":"aes128gcm","esn":false,"mode":"tunnel","interface_id":false,"ip_version":6,)"
          R"("trials":[{"mode":"packet","direction":"in","outcome":"taken"}]}],)"
          R"("leftovers":["delete SA 1"]}]})");
    const std::string all = parameters_of(control::offload_answer({nic()}, false));
    CHECK(all.find(R"("driver":"nic")") != std::string::npos);
    CHECK(all.find(R"("outcome":"refused","of_policy":true,"error":"EOPNOTSUPP"})") !=
          std::string::npos);
    CHECK(all.find(R"("outcome":"fell-back"})") != std::string::npos);
    CHECK(all.find(R"("error":"EINVAL","message":"only ESP with AES-GCM-ICV16")") !=
          std::string::npos);
}

TEST_CASE("offload: replies of several devices are one") {
    std::string first = control::offload_answer({nic()}, true);
    first.pop_back();
    CHECK(control::read_reply(first)->continues);
    const std::string one = parameters_of(control::offload_answer({nic()}, false));
    const std::string other = parameters_of(control::offload_answer({{.name = "eth0"}}, false));
    CHECK(control::join_offload({one, other}) ==
          parameters_of(control::offload_answer({nic(), {.name = "eth0"}}, false)));
    CHECK(control::join_offload({}) == R"({"devices":[]})");
}

TEST_CASE("offload: the table, with each reason once") {
    const std::string screen = screen_of(
        {{.name = "eth0", .present = true, .driver = "virtio_net"}, nic(), {.name = "gone0"}});
    CHECK(screen ==
          "eth0 (virtio_net) announces no ESP offload\n"
          "esim0 (nic)\n"
          "  SUITE                                    PACKET IN     PACKET OUT    CRYPTO IN     "
          "CRYPTO OUT\n"
          "  aes128gcm                                taken         refused [1]   fell-back [2] "
          "taken\n"
          "  aes256-sha256 esn if_id                  refused [3]   refused [3]   refused [3]   "
          "refused [3]\n"
          "  [1] policy: EOPNOTSUPP\n"
          "  [2] the kernel gave no reason\n"
          "  [3] EINVAL: only ESP with AES-GCM-ICV16\n"
          "gone0 is not there\n");
}

TEST_CASE("offload: without such a device one line says so") {
    CHECK(screen_of({{.name = "eth0", .present = true}, {.name = "eth1"}}) ==
          "no device of the configuration offers ESP offload: eth0, eth1 (not there)\n");
    CHECK(screen_of({}) == "no tunnel is configured\n");
}

TEST_CASE("offload: what could not be deleted again is told") {
    auto device = nic();
    device.leftovers = {"delete SA 0000abcd to 127.0.0.1: EPERM"};
    CHECK(screen_of({device}).find("  left behind: delete SA 0000abcd to 127.0.0.1: EPERM\n") !=
          std::string::npos);
}

TEST_CASE("offload: no line has more than 100 columns, whatever the driver says") {
    auto device = nic();
    std::string words;
    for (int i = 0; i < 100; ++i)
        words += "word" + std::to_string(i) + " ";
    device.suites[1] = suite({.proposal = cbc,
                              .esn = true,
                              .transport = true,
                              .interface_id = true,
                              .family = IpFamily::v6},
                             OffloadOutcome::refused, EINVAL, words + "\x1b[2J\n");
    std::istringstream screen(screen_of({device}));
    std::string all;
    for (std::string line; std::getline(screen, line); all += line + "\n")
        CHECK(line.size() <= 100);
    CHECK(all.find("word99") != std::string::npos);
    CHECK(all.find('\x1b') == std::string::npos);
}

TEST_CASE("offload: replies that make no sense do no harm") {
    for (const char* text :
         {"", "[]", "{\"devices\":7}", "{\"devices\":[7,{}]}",
          "{\"devices\":[{\"announces\":true,\"suites\":[{\"trials\":[{\"mode\":7}]}]}]}",
          "{\"devices\":[{\"announces\":true,\"suites\":7,\"leftovers\":[7]}]}"})
        CHECK_FALSE(control::offload_text(text, {}).empty());
}
