#include "daemon/offload_survey.hpp"

#include <cerrno>

#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/tunnel_spec.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace xfrmd::test;
using xfrm::OffloadMode;

namespace {

const config::EspProposal survey_gcm{{wire::EncryptionId::aes_gcm_16, 128},
                                     wire::IntegrityId::none};
const config::EspProposal survey_cbc{{wire::EncryptionId::aes_cbc, 256},
                                     wire::IntegrityId::hmac_sha2_256_128};

using Phase1s = std::vector<std::shared_ptr<const config::Phase1>>;

std::shared_ptr<config::Phase1> phase1_on(const char* device,
                                          std::vector<config::EspProposal> suites) {
    TunnelSpec spec;
    spec.esp = std::move(suites);
    auto phase1 = std::make_shared<config::Phase1>(spec.phase1());
    phase1->interface = device;
    return phase1;
}

/// nic0 takes AES-GCM in both modes and refuses the rest; eth0 announces nothing; else there is no
/// device.
struct SurveyedMachine {
    std::vector<xfrm::OperationResult> run(std::span<const xfrm::Operation> operations) {
        std::vector<xfrm::OperationResult> results;
        for (const auto& operation : operations)
            results.push_back(answer(operation));
        return results;
    }
    xfrm::OperationResult answer(const xfrm::Operation& operation) {
        ++operations;
        if (const auto* install = std::get_if<xfrm::InstallSa>(&operation)) {
            index = install->offload->interface_index;
            mode = install->offload->mode;
            if (install->suite.cipher.id != wire::EncryptionId::aes_gcm_16)
                return {.error = EINVAL, .message = "only AES-GCM", .status = {}};
        }
        xfrm::OperationResult result;
        if (std::holds_alternative<xfrm::QuerySa>(operation)) {
            xfrm::SaStatus status;
            status.offload = mode;
            result.status = status;
        }
        if (std::holds_alternative<xfrm::QueryPolicy>(operation)) {
            xfrm::PolicyStatus status;
            status.offload = mode;
            result.status = status;
        }
        return result;
    }
    static DeviceState look(const std::string& device) {
        if (device == "nic0") return {.index = 7, .announces = true, .driver = "nic"};
        if (device == "eth0") return {.index = 2, .announces = false, .driver = "virtio_net"};
        return {};
    }

    int operations = 0;
    std::uint32_t index = 0;
    OffloadMode mode{};
    SeededRandom random{1};
    OffloadProbe probe{[this](std::span<const xfrm::Operation> asked) { return run(asked); }, look,
                       random};
};

std::vector<control::OffloadDevice> all_devices(OffloadSurvey& survey) {
    std::vector<control::OffloadDevice> devices;
    while (!survey.is_done())
        if (auto device = survey.step()) devices.push_back(*std::move(device));
    return devices;
}

}  // namespace

TEST_CASE("offload survey: every device, every suite, both modes, both directions") {
    SurveyedMachine machine;
    OffloadSurvey survey(
        machine.probe,
        {phase1_on("eth0", {survey_gcm}), phase1_on("nic0", {survey_cbc, survey_gcm}),
         phase1_on("gone0", {survey_gcm}), phase1_on("nic0", {survey_gcm})});
    CHECK(survey.device_count() == 3);
    const auto devices = all_devices(survey);
    REQUIRE(devices.size() == 3);
    CHECK(devices[0].name == "eth0");
    CHECK(devices[0].present);
    CHECK_FALSE(devices[0].announces);
    CHECK(devices[0].suites.empty());
    CHECK_FALSE(devices[2].present);

    const auto& nic = devices[1];
    CHECK(nic.driver == "nic");
    CHECK(machine.index == 7);
    REQUIRE(nic.suites.size() == 2);
    CHECK(nic.suites[0].subject.proposal == survey_gcm);
    for (const auto& suite : nic.suites) {
        REQUIRE(suite.trials.size() == 4);
        for (const auto& trial : suite.trials)
            CHECK((trial.outcome == control::OffloadOutcome::taken) ==
                  (suite.subject.proposal == survey_gcm));
    }
}

TEST_CASE("offload survey: a step asks the kernel no more than one trial takes") {
    SurveyedMachine machine;
    OffloadSurvey survey(machine.probe, {phase1_on("nic0", {survey_gcm, survey_cbc})});
    int steps = 0;
    for (; !survey.is_done(); ++steps) {
        machine.operations = 0;
        survey.step();
        // SA, policy: installed, read back, deleted
        CHECK(machine.operations <= 6);
    }
    CHECK(steps == 1 + 2 * 4);
}

TEST_CASE("offload survey: without a device that announces it the kernel is not asked") {
    SurveyedMachine machine;
    OffloadSurvey survey(machine.probe,
                         {phase1_on("eth0", {survey_gcm}), phase1_on("gone0", {survey_gcm})});
    CHECK(all_devices(survey).size() == 2);
    CHECK(machine.operations == 0);
    OffloadSurvey nothing(machine.probe, {});
    CHECK(nothing.is_done());
}

TEST_CASE("offload survey: kinds of SAs that a driver may judge otherwise are tried apart") {
    auto other = phase1_on("nic0", {survey_gcm});
    other->esn = config::EsnPolicy::allow;
    other->route_based = true;
    other->ip_version = IpFamily::v6;
    auto host = phase1_on("nic0", {survey_gcm, survey_gcm});
    host->phase2s.front().encapsulation = config::Encapsulation::transport;
    const Phase1s phase1s{phase1_on("nic0", {survey_gcm}), other, host,
                          phase1_on("eth0", {survey_gcm})};
    const auto subjects = offload_subjects(phase1s);
    REQUIRE(subjects.size() == 4);
    CHECK(subjects[0] == control::OffloadSubject{.proposal = survey_gcm});
    CHECK(subjects[1] ==
          control::OffloadSubject{
              .proposal = survey_gcm, .esn = true, .interface_id = true, .family = IpFamily::v6});
    CHECK_FALSE(subjects[2].esn);
    CHECK(subjects[3] == control::OffloadSubject{.proposal = survey_gcm, .transport = true});
}

TEST_CASE("offload survey: what a device takes is what it takes in both directions") {
    using control::OffloadOutcome;
    const auto trial = [](OffloadMode mode, xfrm::Direction direction, OffloadOutcome outcome) {
        return control::OffloadTrial{.mode = mode, .direction = direction, .outcome = outcome};
    };
    const auto suite = [&](OffloadOutcome packet_in, OffloadOutcome crypto_in) {
        return control::OffloadSuite{
            .subject = {.proposal = survey_gcm},
            .trials = {trial(OffloadMode::packet, xfrm::Direction::in, packet_in),
                       trial(OffloadMode::packet, xfrm::Direction::out, OffloadOutcome::taken),
                       trial(OffloadMode::crypto, xfrm::Direction::in, crypto_in),
                       trial(OffloadMode::crypto, xfrm::Direction::out, OffloadOutcome::taken)}};
    };
    control::OffloadDevice device{.name = "nic0"};
    device.suites = {suite(OffloadOutcome::refused, OffloadOutcome::fell_back)};
    CHECK(offload_takes(device).empty());
    device.suites.push_back(suite(OffloadOutcome::refused, OffloadOutcome::taken));
    REQUIRE(offload_takes(device).size() == 1);
    CHECK(offload_takes(device)[0].most == OffloadMode::crypto);
    device.suites.push_back(suite(OffloadOutcome::taken, OffloadOutcome::taken));
    const auto takes = offload_takes(device);
    REQUIRE(takes.size() == 1);
    CHECK(takes[0].device == "nic0");
    CHECK(takes[0].suite == survey_gcm);
    CHECK(takes[0].most == OffloadMode::packet);
}

TEST_CASE("offload survey: the takes of several devices for the engine") {
    SurveyedMachine machine;
    const auto takes = find_offload_takes(
        machine.probe,
        {phase1_on("eth0", {survey_gcm}), phase1_on("nic0", {survey_cbc, survey_gcm})});
    REQUIRE(takes.size() == 1);
    CHECK(takes[0].device == "nic0");
    CHECK(takes[0].suite == survey_gcm);
}
