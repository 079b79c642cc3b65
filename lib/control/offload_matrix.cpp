#include "control/offload_matrix.hpp"

#include <fmt/format.h>
#include <string.h>

#include <array>
#include <nlohmann/json.hpp>

#include "control/reply.hpp"

namespace xfrmd::control {
namespace {

std::string error_name_of(int error) {
    const char* name = strerrorname_np(error);
    return name == nullptr ? fmt::format("error {}", error) : name;
}

Json to_json(const OffloadTrial& trial) {
    Json json = {{"mode", trial.mode == xfrm::OffloadMode::packet ? "packet" : "crypto"},
                 {"direction", trial.direction == xfrm::Direction::in ? "in" : "out"},
                 {"outcome", to_text(trial.outcome)}};
    if (trial.of_policy) json["of_policy"] = true;
    if (trial.error != 0) json["error"] = error_name_of(trial.error);
    if (!trial.message.empty()) json["message"] = trial.message;
    return json;
}

Json to_json(const OffloadSuite& suite) {
    const OffloadSubject& subject = suite.subject;
    const crypto::EspSuite algorithms{.cipher = subject.proposal.cipher,
                                      .integrity = subject.proposal.integrity};
    Json json = {{"suite", algorithms.to_text()},
                 {"esn", subject.esn},
                 {"mode", subject.transport ? "transport" : "tunnel"},
                 {"interface_id", subject.interface_id},
                 {"ip_version", static_cast<int>(subject.family)},
                 {"trials", Json::array()}};
    for (const OffloadTrial& trial : suite.trials)
        json["trials"].push_back(to_json(trial));
    return json;
}

Json to_json(const OffloadDevice& device) {
    Json json = {
        {"name", device.name}, {"present", device.present}, {"announces", device.announces}};
    if (!device.driver.empty()) json["driver"] = device.driver;
    Json& suites = json["suites"] = Json::array();
    for (const OffloadSuite& suite : device.suites)
        suites.push_back(to_json(suite));
    json["leftovers"] = device.leftovers;
    return json;
}

}  // namespace

std::string offload_answer(const std::vector<OffloadDevice>& devices, bool continues) {
    Json list = Json::array();
    for (const OffloadDevice& device : devices)
        list.push_back(to_json(device));
    return reply_frame({{"devices", list}}, continues);
}

const char* to_text(OffloadOutcome outcome) {
    static constexpr std::array names{"taken", "fell-back", "refused"};
    return names[static_cast<std::size_t>(outcome)];
}

}  // namespace xfrmd::control
