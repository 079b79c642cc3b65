#include "control/request.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "control/interface_description.hpp"

namespace xfrmd::control {
namespace {

constexpr std::array levels{
    std::pair{ike::Severity::error, "error"}, std::pair{ike::Severity::warning, "warning"},
    std::pair{ike::Severity::notice, "notice"}, std::pair{ike::Severity::info, "info"},
    std::pair{ike::Severity::debug, "debug"}};

/// Takes the parameters of a call, one by one; what is left over was not asked for.
class Parameters {
  public:
    explicit Parameters(const Json& call) {
        if (const auto found = call.find("parameters"); found != call.end() && !found->is_null())
            given_ = *found;
        if (!given_.is_object()) fail("parameters"), given_ = Json::object();
    }

    std::string needed(const char* name) {
        std::string value = optional(name);
        if (value.empty()) fail(name);
        return value;
    }

    std::string optional(const char* name) {
        const auto found = given_.find(name);
        if (found == given_.end()) return {};
        const Json value = *found;
        given_.erase(name);
        if (value.is_null()) return {};
        if (!value.is_string()) return fail(name), std::string();
        return value.get<std::string>();
    }

    ike::Severity level(const char* name, std::optional<ike::Severity> usual) {
        const std::string text = optional(name);
        if (text.empty() && usual) return *usual;
        for (const auto& [level, word] : levels)
            if (text == word) return level;
        fail(name);
        return ike::Severity::info;
    }

    /// The first parameter that is wrong, or that no such method has.
    const std::string* wrong() {
        if (wrong_.empty() && !given_.empty()) wrong_ = given_.begin().key();
        return wrong_.empty() ? nullptr : &wrong_;
    }

  private:
    void fail(const char* name) {
        if (wrong_.empty()) wrong_ = name;
    }

    Json given_ = Json::object();
    std::string wrong_;
};

struct Method {
    std::string_view name;
    Request (*read)(Parameters&);
};

constexpr std::array methods{
    Method{"org.varlink.service.GetInfo", [](Parameters&) -> Request { return GetInfo{}; }},
    Method{"org.varlink.service.GetInterfaceDescription",
           [](Parameters& p) -> Request { return GetInterfaceDescription{p.needed("interface")}; }},
    Method{"io.xfrmd.Control.Status",
           [](Parameters& p) -> Request { return GetStatus{p.optional("phase1")}; }},
    Method{
        "io.xfrmd.Control.Up",
        [](Parameters& p) -> Request { return BringUp{p.needed("phase1"), p.optional("phase2")}; }},
    Method{"io.xfrmd.Control.Down",
           [](Parameters& p) -> Request { return TakeDown{p.needed("phase1")}; }},
    Method{
        "io.xfrmd.Control.Rekey",
        [](Parameters& p) -> Request { return Rekey{p.needed("phase1"), p.optional("phase2")}; }},
    Method{"io.xfrmd.Control.Reload", [](Parameters&) -> Request { return ReloadConfiguration{}; }},
    Method{"io.xfrmd.Control.Plan", [](Parameters&) -> Request { return PlanReload{}; }},
    Method{"io.xfrmd.Control.Offload", [](Parameters&) -> Request { return ProbeOffload{}; }},
    Method{
        "io.xfrmd.Control.Explain",
        [](Parameters& p) -> Request { return Explain{p.needed("phase1"), p.optional("phase2")}; }},
    Method{"io.xfrmd.Control.Monitor",
           [](Parameters& p) -> Request {
               return Monitor{p.optional("phase1"), p.level("level", ike::Severity::info)};
           }},
    Method{"io.xfrmd.Control.Counters", [](Parameters&) -> Request { return GetCounters{}; }},
    Method{"io.xfrmd.Control.SetLogLevel",
           [](Parameters& p) -> Request { return SetLogLevel{p.level("level", std::nullopt)}; }},
};

/// A word about the call itself; false unless it says true.
bool flag(const Json& call, const char* name) {
    const auto found = call.find(name);
    return found != call.end() && found->is_boolean() && found->get<bool>();
}

std::expected<Request, ErrorReply> read_request(const std::string& method, const Json& call) {
    for (const Method& known : methods) {
        if (known.name != method) continue;
        Parameters parameters(call);
        Request request = known.read(parameters);
        if (const std::string* wrong = parameters.wrong())
            return std::unexpected(invalid_parameter(*wrong));
        return request;
    }
    const std::string interface = method.substr(0, method.rfind('.'));
    if (interface == control_interface || interface == service_interface)
        return std::unexpected(method_not_found(method));
    return std::unexpected(interface_not_found(interface));
}

}  // namespace

std::expected<Call, CallError> read_call(std::string_view message) {
    if (!keeps_within(message, {})) return std::unexpected(NotACall{});
    const Json call = Json::parse(message, nullptr, false);
    if (!call.is_object()) return std::unexpected(NotACall{});
    const auto method = call.find("method");
    if (method == call.end() || !method->is_string()) return std::unexpected(NotACall{});
    auto request = read_request(method->get<std::string>(), call);
    if (!request) return std::unexpected(std::move(request).error());
    return Call{*std::move(request), flag(call, "more"), flag(call, "oneway")};
}

bool is_read_only(const Request& request) {
    return !std::holds_alternative<BringUp>(request) &&
           !std::holds_alternative<TakeDown>(request) && !std::holds_alternative<Rekey>(request) &&
           !std::holds_alternative<ReloadConfiguration>(request) &&
           !std::holds_alternative<PlanReload>(request) &&
           !std::holds_alternative<ProbeOffload>(request) &&
           !std::holds_alternative<SetLogLevel>(request);
}

std::string describe(const Request& request) {
    const auto both = [](const std::string& phase1, const std::string& phase2) {
        return phase2.empty() ? phase1 : phase1 + "/" + phase2;
    };
    if (const auto* up = std::get_if<BringUp>(&request))
        return "Up of " + both(up->phase1, up->phase2);
    if (const auto* down = std::get_if<TakeDown>(&request)) return "Down of " + down->phase1;
    if (const auto* rekey = std::get_if<Rekey>(&request))
        return "Rekey of " + both(rekey->phase1, rekey->phase2);
    if (std::holds_alternative<ReloadConfiguration>(request)) return "Reload";
    if (std::holds_alternative<PlanReload>(request)) return "Plan";
    if (std::holds_alternative<ProbeOffload>(request)) return "Offload";
    if (const auto* set = std::get_if<SetLogLevel>(&request))
        return "log level " + std::string(level_name(set->level));
    return "a question";
}

std::string_view level_name(ike::Severity level) {
    for (const auto& [known, word] : levels)
        if (known == level) return word;
    return "info";
}

}  // namespace xfrmd::control
