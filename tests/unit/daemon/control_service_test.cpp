// What requests do, over a gateway in virtual time.
#include "daemon/control_service.hpp"

#include <fcntl.h>

#include "control/client.hpp"
#include "control/feasibility.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/world.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace xfrmd::test;

namespace {

std::shared_ptr<const config::Phase1> phase1_of_device(const std::string& device) {
    auto phase1 = std::make_shared<config::Phase1>(TunnelSpec().phase1());
    phase1->interface = device;
    return phase1;
}

struct Served {
    explicit Served(int tunnels = 1) : west(world.add("west", "192.0.2.1")) {
        std::vector<config::Phase1> phase1s;
        for (int i = 0; i < tunnels; ++i) {
            TunnelSpec spec;
            spec.name = "t" + std::to_string(1000 + i);
            spec.remote = "198.51.100." + std::to_string(i % 250 + 1);
            spec.remote_subnets = {"10.2." + std::to_string(i % 250) + ".0/24"};
            phase1s.push_back(spec.phase1());
        }
        west.configure(std::move(phase1s), world.now());
    }

    Answer ask(control::Request request, bool more = false, Access access = Access::full) {
        return service.answer({std::move(request), more, false}, {access, 1, 0});
    }
    std::string error(control::Request request, Access access = Access::full) {
        return reply(ask(std::move(request), false, access)).error;
    }
    static control::ReplyText reply(const Answer& answer) {
        std::string frame = std::get<std::string>(answer);
        REQUIRE(frame.ends_with('\0'));
        frame.pop_back();
        return control::read_reply(frame).value();
    }

    PlanReport plan() const {
        config::Change added;
        added.kind = config::Change::Kind::added;
        added.phase1 = "hq";
        return {reload_errors, {"mind"}, {{added}}};
    }

    /// One step more for each device that announces offload, and for each trial.
    static control::ReplyText take(const AnswerParts& parts, int* steps = nullptr) {
        for (int i = 0;; ++i) {
            const AnswerPart part = parts();
            if (part.frames.empty()) continue;
            if (steps != nullptr) *steps = i + 1;
            return reply(part.frames);
        }
    }

    World world;
    Gateway& west;
    SeededRandom random{1};
    std::vector<std::shared_ptr<const config::Phase1>> devices;
    OffloadProbe probe{[](std::span<const xfrm::Operation> asked) {
                           return std::vector<xfrm::OperationResult>(asked.size());
                       },
                       [](const std::string& name) {
                           return DeviceState{.index = 2, .announces = name.starts_with("nic")};
                       },
                       random};
    std::vector<std::string> reload_errors;
    bool stopping = false;
    FileDescriptor nowhere{open("/dev/null", O_WRONLY | O_CLOEXEC)};
    Journal journal = Journal::to_terminal(nowhere.number());
    ControlService service{
        west.engine(),
        journal,
        {.feed = [this](ike::Input input) { west.handle(std::move(input), world.now()); },
         .is_stopping = [this] { return stopping; },
         .reload = [this] { return ReloadReport{reload_errors, {"mind"}}; },
         .loop_delay = [] { return control::LoopDelay{}; },
         .plan = [this] { return plan(); },
         .survey = [this] { return OffloadSurvey(probe, devices); }}};
};

}  // namespace

TEST_CASE("control service: what is asked for happens") {
    Served served;
    served.ask(control::TakeDown{"t1000"});
    CHECK(served.west.engine().tunnel("t1000")->held_down);
    served.ask(control::BringUp{"t1000", "t1000-net"});
    CHECK_FALSE(served.west.engine().tunnel("t1000")->held_down);
    CHECK(served.west.engine().half_open_count() == 1);
    const auto info = Served::reply(served.ask(control::GetInfo{}));
    CHECK(info.parameters.find("io.xfrmd.Control") != std::string::npos);
}

TEST_CASE("control service: what is not there, and who may not") {
    Served served;
    CHECK(served.error(control::GetStatus{"t9"}) == control::error_name::no_such_tunnel);
    CHECK(served.error(control::BringUp{"t1000", "other"}) == control::error_name::no_such_tunnel);
    CHECK(served.error(control::GetInterfaceDescription{"io.xfrmd.Other"}) ==
          control::error_name::interface_not_found);
    CHECK(served.error(control::Monitor{}) == control::error_name::expected_more);
    CHECK(served.error(control::TakeDown{"t1000"}, Access::read) ==
          control::error_name::permission_denied);
    CHECK(served.error(control::GetStatus{"t1000"}, Access::read).empty());
    CHECK_FALSE(served.west.engine().tunnel("t1000")->held_down);
    served.stopping = true;
    CHECK(served.error(control::TakeDown{"t1000"}) == control::error_name::stopping);
}

TEST_CASE("control service: what would have no effect is refused with the reason") {
    Served served;
    const auto refusal = [&](control::Request request) {
        return Served::reply(served.ask(std::move(request))).problem;
    };
    CHECK(refusal(control::Rekey{"t1000", ""}) == "nothing is done: the tunnel is down");
    for (const bool passive : {true, false}) {
        config::Phase1 phase1 = TunnelSpec{}.phase1();
        phase1.passive = passive;
        if (!passive) {
            phase1.type = config::GatewayType::dynamic;
            phase1.remote_gateway.reset();
        }
        served.west.configure({phase1}, served.world.now());
        const char* why = passive ? "passive-mode leaves it" : "a dial-up server leaves it";
        CHECK(refusal(control::BringUp{"tunnel", ""}).find(why) != std::string::npos);
        CHECK(refusal(control::Rekey{"tunnel", "tunnel-net"}).find(why) != std::string::npos);
        CHECK(served.error(control::BringUp{"tunnel", ""}) == control::error_name::not_possible);
        // What an operator had taken down is not any more.
        served.ask(control::TakeDown{"tunnel"});
        CHECK(served.error(control::BringUp{"tunnel", ""}).empty());
        CHECK_FALSE(served.west.engine().tunnel("tunnel")->held_down);
    }
}

TEST_CASE("control service: up and rekey of a tunnel that is up") {
    Pair pair;
    REQUIRE(pair.connect());
    const auto tunnel = pair.west.engine().tunnel("tunnel").value();
    CHECK_FALSE(control::why_not_up(tunnel, ""));
    CHECK_FALSE(control::why_not_rekey(tunnel, ""));
    CHECK_FALSE(control::why_not_rekey(tunnel, "tunnel-net"));
    ike::TunnelOverview passive = tunnel;
    auto config = std::make_shared<config::Phase1>(*tunnel.config);
    config->passive = true;
    passive.config = config;
    CHECK_FALSE(control::why_not_up(passive, ""));
    CHECK(control::why_not_rekey(passive, ""));
    ike::TunnelOverview half = tunnel;
    half.phase2s[0].status = ike::Phase2Status::down;
    CHECK(control::why_not_rekey(half, "tunnel-net") == "phase 2 tunnel-net is down");
    half.standby = true;
    CHECK(control::why_not_up(half, ""));
}

TEST_CASE("control service: a reload tells its errors or its warnings") {
    Served served;
    CHECK(Served::reply(served.ask(control::ReloadConfiguration{})).parameters ==
          R"({"warnings":["mind"]})");
    served.reload_errors = {"x.json:1: wrong"};
    const auto refused = Served::reply(served.ask(control::ReloadConfiguration{}));
    CHECK(refused.error == control::error_name::configuration_wrong);
    CHECK(refused.problem.find("x.json:1: wrong") != std::string::npos);
}

TEST_CASE("control service: a plan tells what a reload would do, to who may do it") {
    Served served;
    const auto plan = Served::reply(served.ask(control::PlanReload{}));
    CHECK(plan.parameters.find(R"("changes":[{"kind":"added","phase1":"hq","impact":"none")") !=
          std::string::npos);
    CHECK(served.error(control::PlanReload{}, Access::read) ==
          control::error_name::permission_denied);
    served.reload_errors = {"x.json:1: wrong"};
    CHECK(served.error(control::PlanReload{}) == control::error_name::configuration_wrong);
}

TEST_CASE("control service: many tunnels come a few at a time") {
    Served served(100);
    CHECK(served.error(control::GetStatus{}) == control::error_name::expected_more);
    const Answer answer = served.ask(control::GetStatus{}, true);
    const auto& parts = std::get<AnswerParts>(answer);
    std::vector<std::string> replies;
    for (bool last = false; !last;) {
        const AnswerPart part = parts();
        last = part.last;
        const auto reply = Served::reply(part.frames);
        CHECK(reply.continues == !last);
        CHECK(part.frames.size() < 64 * 1024);
        replies.push_back(reply.parameters);
    }
    CHECK(replies.size() == 7);
    CHECK(control::names_in(control::join_status(replies)).size() == 200);
}

TEST_CASE("control service: a scrape takes the tunnels a few at a time") {
    Served served(100);
    const AnswerParts parts = served.service.scrape();
    std::string text;
    int pieces = 0;
    for (bool last = false; !last; ++pieces) {
        const AnswerPart part = parts();
        last = part.last;
        text += part.frames;
    }
    CHECK(pieces > 12);
    CHECK(text.find("xfrmd_phase2_up{phase1=\"t1099\",phase2=\"t1099-net\"} 0\n") !=
          std::string::npos);
}

TEST_CASE("control service: offload answers a device at a time, or all at once") {
    Served served;
    served.devices = {phase1_of_device("nic0"), phase1_of_device("eth0"), phase1_of_device("nic1")};
    const Answer answer = served.ask(control::ProbeOffload{}, true);
    const auto& parts = std::get<AnswerParts>(answer);
    int steps = 0;
    const auto nic0 = Served::take(parts, &steps);
    CHECK(nic0.continues);
    CHECK(steps == 5);
    CHECK(nic0.parameters.find(R"("name":"nic0")") != std::string::npos);
    CHECK(nic0.parameters.find(R"("outcome":"fell-back")") != std::string::npos);
    CHECK(Served::take(parts, &steps).parameters.find(R"("name":"eth0")") != std::string::npos);
    CHECK(steps == 1);
    CHECK_FALSE(Served::take(parts).continues);
}

TEST_CASE("control service: offload in one reply, if the devices are few") {
    Served served;
    CHECK(Served::take(std::get<AnswerParts>(served.ask(control::ProbeOffload{}))).parameters ==
          R"({"devices":[]})");
    served.devices = {phase1_of_device("nic0"), phase1_of_device("eth0")};
    const auto whole =
        Served::take(std::get<AnswerParts>(served.ask(control::ProbeOffload{}))).parameters;
    CHECK(whole.find(R"("name":"nic0")") < whole.find(R"("name":"eth0")"));
    for (int i = 0; i < 64; ++i)
        served.devices.push_back(phase1_of_device("eth" + std::to_string(i)));
    CHECK(served.error(control::ProbeOffload{}) == control::error_name::expected_more);
}

TEST_CASE("control service: one offload at a time, for root, and not while stopping") {
    Served served;
    served.devices = {phase1_of_device("nic0")};
    CHECK(served.error(control::ProbeOffload{}, Access::read) ==
          control::error_name::permission_denied);
    {
        const Answer answer = served.ask(control::ProbeOffload{});
        CHECK(std::get<AnswerParts>(answer)().frames.empty());
        CHECK(served.error(control::ProbeOffload{}) == control::error_name::busy);
        served.stopping = true;
        const AnswerPart end = std::get<AnswerParts>(answer)();
        CHECK(end.last);
        CHECK(Served::reply(end.frames).error == control::error_name::stopping);
        served.stopping = false;
    }
    // The client has gone.
    CHECK(std::holds_alternative<AnswerParts>(served.ask(control::ProbeOffload{})));
}
