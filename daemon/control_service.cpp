#include "daemon/control_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "control/answers.hpp"
#include "control/feasibility.hpp"
#include "control/interface_description.hpp"
#include "daemon/clock.hpp"

namespace xfrmd::daemon {
namespace {

using control::error_frame;

/// Tunnels in one reply: each with its SAs takes some 30 microseconds, so that IKE never waits for
/// a status of thousands.
constexpr std::size_t tunnels_per_reply = 16;
/// Tunnels in a single reply to a client that wants no more.
constexpr std::size_t tunnels_at_once = 64;
/// The same of devices: with a dozen suites each has some 8 KiB.
constexpr std::size_t devices_at_once = 64;

}  // namespace

ControlService::ControlService(const ike::Engine& engine, Journal& journal, DaemonHandles daemon)
    : engine_(engine), journal_(journal), daemon_(std::move(daemon)), started_(boottime_now()) {}

Answer ControlService::answer(const control::Call& call, const Peer& peer) {
    const bool changes = !control::is_read_only(call.request);
    if (changes && peer.access != Access::full)
        return error_frame({control::error_name::permission_denied});
    if (changes && daemon_.is_stopping()) return error_frame({control::error_name::stopping});
    if (changes) note_command(call.request, peer);
    return std::visit([&](const auto& request) { return on(request, call.more); }, call.request);
}

void ControlService::note_command(const control::Request& request, const Peer& peer) {
    journal_.write(
        Notice{.kind = NoticeKind::commanded,
               .severity = ike::Severity::info,
               .message = fmt::format("{} was asked for by user {}, process {}",
                                      control::describe(request), peer.user, peer.process)},
        boottime_now());
}

// ---- Questions ---------------------------------------------------------------------------------

Answer ControlService::on(const control::GetInfo&, bool) {
    return control::info_answer();
}

Answer ControlService::on(const control::GetInterfaceDescription& request, bool) {
    const auto description = control::interface_description(request.interface);
    if (description.empty()) return error_frame(control::interface_not_found(request.interface));
    return control::description_answer(description);
}

std::optional<ike::TunnelOverview> ControlService::look_at(const std::string& phase1) {
    if (!daemon_.is_stopping()) daemon_.feed(ike::CommandReadCounters{phase1});
    return engine_.tunnel(phase1);
}

AnswerPart ControlService::next_tunnels(std::string& name, std::size_t most) {
    std::vector<ike::TunnelOverview> tunnels;
    auto next = engine_.next_tunnel(name);
    for (; next && tunnels.size() < most; next = engine_.next_tunnel(name)) {
        name = *next;
        if (auto tunnel = look_at(name)) tunnels.push_back(*std::move(tunnel));
    }
    const bool last = !next;
    return {control::status_answer(tunnels, boottime_now(), !last), last};
}

Answer ControlService::on(const control::GetStatus& request, bool more) {
    if (!request.phase1.empty()) {
        const auto tunnel = look_at(request.phase1);
        if (!tunnel) return error_frame(control::no_such_tunnel(request.phase1));
        return control::status_answer({&*tunnel, 1}, boottime_now(), false);
    }
    if (more)
        return AnswerParts([this, name = std::string()]() mutable {
            return next_tunnels(name, tunnels_per_reply);
        });
    if (count_tunnels(tunnels_at_once + 1) > tunnels_at_once)
        return error_frame({control::error_name::expected_more});
    std::string name;
    return next_tunnels(name, tunnels_at_once).frames;
}

std::size_t ControlService::count_tunnels(std::size_t most) const {
    std::size_t count = 0;
    std::string name;
    for (auto next = engine_.next_tunnel(name); next && count < most;
         next = engine_.next_tunnel(name)) {
        name = *std::move(next);
        ++count;
    }
    return count;
}

Answer ControlService::on(const control::Explain& request, bool) {
    if (const auto missing = find(request.phase1, request.phase2)) return error_frame(*missing);
    const auto tunnel = look_at(request.phase1);
    if (!tunnel) return error_frame(control::no_such_tunnel(request.phase1));
    return control::explain_answer(*tunnel, request.phase2, boottime_now());
}

Answer ControlService::on(const control::Monitor& request, bool more) {
    if (!more) return error_frame({control::error_name::expected_more});
    if (!request.phase1.empty() && !engine_.tunnel(request.phase1))
        return error_frame(control::no_such_tunnel(request.phase1));
    return request;
}

Answer ControlService::on(const control::GetCounters&, bool) {
    return control::counters_answer(engine_.tally(), numbers());
}

control::DaemonNumbers ControlService::numbers() const {
    return {.uptime = boottime_now() - started_,
            .tunnels = count_tunnels(std::numeric_limits<std::size_t>::max()),
            .ike_sas = engine_.established_count(),
            .half_open = engine_.half_open_count(),
            .journal_entries_lost = journal_.lost()};
}

AnswerParts ControlService::scrape() {
    return [this, name = std::string(), text = control::MetricsText(),
            collected = false]() mutable -> AnswerPart {
        for (std::size_t i = 0; i < tunnels_per_reply && !collected; ++i) {
            const auto next = engine_.next_tunnel(name);
            collected = !next;
            if (!next) break;
            name = *next;
            if (const auto tunnel = look_at(name)) text.add(*tunnel);
        }
        if (!collected) return {};
        auto piece = text.next(engine_.tally(), numbers(), daemon_.loop_delay());
        if (!piece) return {.frames = {}, .last = true};
        return {.frames = *std::move(piece), .last = false};
    };
}

// ---- Commands ----------------------------------------------------------------------------------

std::optional<control::ErrorReply> ControlService::find(const std::string& phase1,
                                                        const std::string& phase2) {
    const auto tunnel = engine_.tunnel(phase1);
    if (!tunnel) return control::no_such_tunnel(phase1);
    const bool is_there =
        phase2.empty() ||
        std::ranges::find(tunnel->phase2s, phase2, &ike::Phase2View::name) != tunnel->phase2s.end();
    if (!is_there) return control::no_such_tunnel(phase2);
    return std::nullopt;
}

Answer ControlService::on(const control::BringUp& request, bool) {
    if (const auto missing = find(request.phase1, request.phase2)) return error_frame(*missing);
    const auto vain = control::why_not_up(*engine_.tunnel(request.phase1), request.phase2);
    daemon_.feed(ike::CommandUp{request.phase1, request.phase2});
    return vain ? error_frame(control::not_possible(*vain)) : control::empty_answer();
}

Answer ControlService::on(const control::TakeDown& request, bool) {
    if (const auto missing = find(request.phase1, {})) return error_frame(*missing);
    daemon_.feed(ike::CommandDown{request.phase1});
    return control::empty_answer();
}

Answer ControlService::on(const control::Rekey& request, bool) {
    if (const auto missing = find(request.phase1, request.phase2)) return error_frame(*missing);
    if (const auto vain = control::why_not_rekey(*engine_.tunnel(request.phase1), request.phase2))
        return error_frame(control::not_possible(*vain));
    daemon_.feed(ike::CommandRekey{request.phase1, request.phase2});
    return control::empty_answer();
}

Answer ControlService::on(const control::ReloadConfiguration&, bool) {
    ReloadReport report = daemon_.reload();
    if (!report.errors.empty())
        return error_frame(control::configuration_wrong(std::move(report.errors)));
    return control::reload_answer(report.warnings);
}

Answer ControlService::on(const control::PlanReload&, bool) {
    PlanReport report = daemon_.plan();
    if (!report.errors.empty())
        return error_frame(control::configuration_wrong(std::move(report.errors)));
    return control::plan_answer(report.difference, report.warnings);
}

/// Each part is one step: what hardware takes its time for is a single trial. A client that goes
/// takes the survey along, between two steps.
Answer ControlService::on(const control::ProbeOffload&, bool more) {
    if (!survey_.expired()) return error_frame({control::error_name::busy});
    const auto survey = std::make_shared<OffloadSurvey>(daemon_.survey());
    if (!more && survey->device_count() > devices_at_once)
        return error_frame({control::error_name::expected_more});
    survey_ = survey;
    return [this, survey, more,
            finished = std::vector<control::OffloadDevice>()]() mutable -> AnswerPart {
        if (daemon_.is_stopping())
            return {.frames = error_frame({control::error_name::stopping}), .last = true};
        if (!survey->is_done())
            if (auto device = survey->step()) finished.push_back(*std::move(device));
        const bool last = survey->is_done();
        if (!last && (!more || finished.empty())) return {};
        return {.frames = control::offload_answer(std::exchange(finished, {}), !last),
                .last = last};
    };
}

Answer ControlService::on(const control::SetLogLevel& request, bool) {
    journal_.set_level(request.level);
    return control::empty_answer();
}

}  // namespace xfrmd::daemon
