#include "ike/doors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ike/exchanges/ike_sa_init.hpp"

namespace xfrmd::ike {
namespace {

constexpr TimerKey report_timer{Timer::doors_report, 0};

// The smallest message that look_at() lets pass has a header, an empty SA and KE, and a nonce of 16
// octets; the answer N(COOKIE) stays below what its sender may be sent.
constexpr std::size_t smallest_call = wire::Header::size + 4 + 4 + 4 + 16;
constexpr std::size_t cookie_answer = wire::Header::size + 8 + Cookies::size;
static_assert(cookie_answer <= longest_answer_to(smallest_call));

}  // namespace

std::optional<Admission> Doors::admit(const DatagramReceived& datagram, const wire::Header& header,
                                      IkeSaTable& sas, const config::DaemonOptions& options) {
    const auto message = look_at(header, datagram.octets);
    if (!message) return refuse(counts_.malformed);
    sas.expire_calls(context_.now.boottime);
    const IpAddress& address = datagram.remote.address;
    if (is_full_for(address, sas, options)) return refuse(counts_.over_limit);
    const std::size_t most = options.half_open_limit_per_address;
    if (sas.calls().of(address) >= most || sas.calls().of_site(address) >= prefixes_per_site * most)
        return refuse(counts_.over_peer_limit);

    const Caller caller{datagram.local, datagram.remote, header.spi_i, message->nonce};
    const bool is_proven = !message->cookie.empty() &&
                           cookies_.is_right(message->cookie, caller, context_.now.boottime);
    if (!is_proven && is_crowded(address, sas, options)) {
        if (!message->cookie.empty()) ++counts_.cookies_wrong;
        return ask_for_cookie(datagram, header, caller);
    }
    // A peer with a thousand tunnels starts them all when it comes back.
    const std::size_t burst =
        options.half_open_limit_per_address + 2 * context_.tunnels.at(address).size();
    if (!rates_.try_take(address, burst, context_.now.boottime))
        return refuse(counts_.over_peer_rate);
    ++counts_.admitted;
    const std::size_t size = datagram.octets.size();
    return Admission{is_proven ? static_cast<std::size_t>(-1) : longest_answer_to(size)};
}

/// Who is configured by address has as many places again that nobody else can take: beyond the
/// limit all have to show a cookie.
bool Doors::is_full_for(const IpAddress& caller, const IkeSaTable& sas,
                        const config::DaemonOptions& options) const {
    const std::size_t total = sas.calls().total();
    if (total < options.half_open_limit) return false;
    return total >= 2 * std::size_t{options.half_open_limit} || context_.tunnels.at(caller).empty();
}

/// A call without a right cookie is one too many.
bool Doors::is_crowded(const IpAddress& caller, const IkeSaTable& sas,
                       const config::DaemonOptions& options) {
    // Half of the places stay for those who prove their addresses, however few there are.
    const std::size_t free =
        std::min<std::size_t>(options.cookie_threshold, options.half_open_limit / 2);
    const std::size_t free_of_caller =
        std::min<std::size_t>(free_per_address, options.half_open_limit_per_address / 2);
    return sas.calls().total() >= free || sas.calls().of(caller) >= free_of_caller ||
           is_over_rate();
}

bool Doors::is_over_rate() {
    const Instant now = context_.now.boottime;
    if (now - second_began_ >= std::chrono::seconds(1)) {
        second_began_ = now;
        calls_ = 0;
    }
    if (calls_ >= free_per_second) return true;
    ++calls_;
    return false;
}

std::nullopt_t Doors::refuse(std::uint64_t& count) {
    ++count;
    expect_report();
    return std::nullopt;
}

std::nullopt_t Doors::ask_for_cookie(const DatagramReceived& datagram, const wire::Header& header,
                                     const Caller& caller) {
    const auto cookie = cookies_.make(caller, context_.now.boottime);
    ike_sa_init::refuse(datagram, header, wire::NotifyType::cookie, cookie, context_);
    return refuse(counts_.cookies_asked);
}

void Doors::expect_report() {
    if (!context_.timers.is_armed(report_timer))
        context_.timers.arm(report_timer, context_.now.boottime + report_interval);
}

void Doors::on_timer() {
    const auto more = [&](std::uint64_t DoorCounts::* count) {
        return counts_.*count - reported_.*count;
    };
    const std::uint64_t malformed = more(&DoorCounts::malformed);
    const std::uint64_t over_limits =
        more(&DoorCounts::over_limit) + more(&DoorCounts::over_peer_limit);
    const std::uint64_t over_rate = more(&DoorCounts::over_peer_rate);
    const std::uint64_t asked = more(&DoorCounts::cookies_asked);
    Event event;
    event.kind = EventKind::callers_refused;
    // What is only broken is no sign that we are short of anything.
    event.severity = over_limits + over_rate + asked > 0 ? Severity::warning : Severity::info;
    event.message = fmt::format(
        "in the last {} s {} calls were asked for a cookie ({} had a wrong one), {} dropped: {} "
        "malformed, {} over embryonic-limit, {} over embryonic-limit-per-address, {} faster than "
        "one address may",
        report_interval.count(), asked, more(&DoorCounts::cookies_wrong),
        malformed + over_limits + over_rate, malformed, more(&DoorCounts::over_limit),
        more(&DoorCounts::over_peer_limit), over_rate);
    reported_ = counts_;
    context_.emit(std::move(event));
}

}  // namespace xfrmd::ike
