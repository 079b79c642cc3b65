#include "daemon/offload_survey.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace xfrmd::daemon {
namespace {

using control::OffloadSubject;
using control::OffloadSuite;
using xfrm::Direction;
using xfrm::OffloadMode;
using Phase1s = std::vector<std::shared_ptr<const config::Phase1>>;

/// What is tried for each suite, in this order.
constexpr std::array trials{
    std::pair{OffloadMode::packet, Direction::in}, std::pair{OffloadMode::packet, Direction::out},
    std::pair{OffloadMode::crypto, Direction::in}, std::pair{OffloadMode::crypto, Direction::out}};

template <class T>
void add_once(std::vector<T>& list, const T& item) {
    if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

std::vector<bool> esn_choices(config::EsnPolicy policy) {
    switch (policy) {
        case config::EsnPolicy::disable: return {false};
        case config::EsnPolicy::require: return {true};
        case config::EsnPolicy::allow: return {true, false};
    }
    return {};
}

/// The most that was taken in both directions.
OffloadMode most_taken(const OffloadSuite& suite) {
    const auto takes = [&](OffloadMode mode) {
        return std::ranges::count_if(suite.trials, [&](const control::OffloadTrial& trial) {
                   return trial.mode == mode && trial.outcome == control::OffloadOutcome::taken;
               }) == 2;
    };
    if (takes(OffloadMode::packet)) return OffloadMode::packet;
    return takes(OffloadMode::crypto) ? OffloadMode::crypto : OffloadMode::none;
}

}  // namespace

std::vector<OffloadSubject> offload_subjects(const Phase1s& phase1s) {
    std::vector<OffloadSubject> subjects;
    for (const auto& phase1 : phase1s)
        for (const config::Phase2& phase2 : phase1->phase2s)
            for (const config::EspProposal& proposal : phase2.proposals)
                for (const bool esn : esn_choices(phase1->esn))
                    add_once(subjects,
                             {.proposal = proposal,
                              .esn = esn,
                              .transport = phase2.encapsulation == config::Encapsulation::transport,
                              .interface_id = phase1->route_based,
                              .family = phase1->ip_version});
    return subjects;
}

OffloadSurvey::OffloadSurvey(OffloadProbe& probe, const Phase1s& phase1s)
    : probe_(probe), subjects_(offload_subjects(phase1s)) {
    for (const auto& phase1 : phase1s)
        add_once(devices_, phase1->interface);
}

std::optional<control::OffloadDevice> OffloadSurvey::step() {
    if (!device_) {
        const DeviceState state = probe_.look(devices_[next_]);
        index_ = state.index;
        device_ = control::OffloadDevice{.name = devices_[next_],
                                         .present = state.index != 0,
                                         .announces = state.announces,
                                         .driver = state.driver};
        return state.announces && !subjects_.empty() ? std::nullopt : finish_device();
    }
    std::vector<OffloadSuite>& suites = device_->suites;
    if (suites.empty() || suites.back().trials.size() == trials.size())
        suites.push_back({.subject = subjects_[suites.size()], .trials = {}});
    OffloadSuite& suite = suites.back();
    const auto& [mode, direction] = trials[suite.trials.size()];
    suite.trials.push_back(
        probe_.try_out(suite.subject, {index_, mode}, direction, device_->leftovers));
    const bool last = suites.size() == subjects_.size() && suite.trials.size() == trials.size();
    return last ? finish_device() : std::nullopt;
}

std::optional<control::OffloadDevice> OffloadSurvey::finish_device() {
    ++next_;
    return std::exchange(device_, std::nullopt);
}

std::vector<ike::OffloadTake> offload_takes(const control::OffloadDevice& device) {
    std::vector<ike::OffloadTake> takes;
    for (const OffloadSuite& suite : device.suites) {
        const OffloadMode most = most_taken(suite);
        if (most == OffloadMode::none) continue;
        const auto known =
            std::ranges::find(takes, suite.subject.proposal, &ike::OffloadTake::suite);
        if (known == takes.end())
            takes.push_back({.device = device.name, .suite = suite.subject.proposal, .most = most});
        else
            known->most = std::max(known->most, most);
    }
    return takes;
}

std::vector<ike::OffloadTake> find_offload_takes(OffloadProbe& probe, const Phase1s& phase1s) {
    std::vector<ike::OffloadTake> takes;
    OffloadSurvey survey(probe, phase1s);
    while (!survey.is_done())
        if (const auto device = survey.step())
            std::ranges::move(offload_takes(*device), std::back_inserter(takes));
    return takes;
}

}  // namespace xfrmd::daemon
