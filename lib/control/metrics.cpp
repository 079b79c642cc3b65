#include "control/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "control/diagnosis.hpp"

namespace xfrmd::control {
namespace {

/// Lines in one piece: some 50 microseconds.
constexpr std::size_t lines_per_piece = 256;

struct Family {
    const char* name;
    const char* type;
    const char* help;
};

constexpr std::array families{
    Family{"xfrmd_phase2_up", "gauge", "Whether the phase 2 has an IPsec SA."},
    Family{"xfrmd_phase2_state", "gauge",
           "1 for the state that the phase 2 is in, with the reason if it is not up."},
    Family{"xfrmd_phase2_received_bytes_total", "counter",
           "Octets received, as the kernel counts."},
    Family{"xfrmd_phase2_sent_bytes_total", "counter", "Octets sent, as the kernel counts."},
    Family{"xfrmd_phase2_received_packets_total", "counter",
           "Packets received, as the kernel counts."},
    Family{"xfrmd_phase2_sent_packets_total", "counter", "Packets sent, as the kernel counts."},
};

std::string head(const Family& family) {
    return fmt::format("# HELP {} {}\n# TYPE {} {}\n", family.name, family.help, family.name,
                       family.type);
}

template <class Value>
std::string one(const Family& family, Value value) {
    return fmt::format("{}{} {}\n", head(family), family.name, value);
}

double in_seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::string exchange_lines(const ike::Tally& tally) {
    const Family started{"xfrmd_exchanges_started_total", "counter",
                         "Requests sent, each counted once."};
    const Family answered{"xfrmd_exchanges_answered_total", "counter",
                          "Requests of peers that were taken."};
    std::string ours = head(started), theirs = head(answered);
    for (const auto& [type, count] : tally.exchanges) {
        const std::string label = fmt::format("{{exchange=\"{}\"}}", wire::to_text(type));
        ours += fmt::format("{}{} {}\n", started.name, label, count.started);
        theirs += fmt::format("{}{} {}\n", answered.name, label, count.answered);
    }
    return ours + theirs;
}

std::string failure_lines(const ike::Tally& tally) {
    const Family failures{"xfrmd_failures_total", "counter",
                          "Failed negotiations, refusals of the kernel and lost peers."};
    std::string text = head(failures);
    for (const auto& [reason, count] : tally.failures)
        text += fmt::format("{}{{reason=\"{}\"}} {}\n", failures.name, code(reason), count);
    return text;
}

std::string daemon_lines(const DaemonNumbers& numbers, const LoopDelay& delay) {
    const Family late{"xfrmd_event_loop_delay_seconds", "summary", "How late timers were handled."};
    return one({"xfrmd_uptime_seconds", "gauge", "Time since the daemon's start."},
               in_seconds(numbers.uptime)) +
           one({"xfrmd_tunnels", "gauge", "Configured phase 1s."}, numbers.tunnels) +
           one({"xfrmd_ike_sas", "gauge", "Established IKE SAs."}, numbers.ike_sas) +
           one({"xfrmd_ike_sas_half_open", "gauge", "IKE SAs in negotiation."}, numbers.half_open) +
           one({"xfrmd_journal_entries_lost_total", "counter", "Entries left out of the journal."},
               numbers.journal_entries_lost) +
           head(late) +
           fmt::format("{}_sum {}\n{}_count {}\n", late.name, in_seconds(delay.sum), late.name,
                       delay.count) +
           one({"xfrmd_event_loop_delay_max_seconds", "gauge",
                "The latest that a timer was handled since the start."},
               in_seconds(delay.most));
}

std::string engine_lines(const ike::Tally& tally) {
    return one({"xfrmd_ike_sas_established_total", "counter",
                "IKE SAs that were established, rekeyed ones included."},
               tally.ike_sas_established) +
           one({"xfrmd_ike_sas_rekeyed_total", "counter", "IKE SAs that took over by a rekey."},
               tally.ike_sas_rekeyed) +
           one({"xfrmd_child_sas_established_total", "counter",
                "IPsec SA pairs that were established, rekeyed ones included."},
               tally.child_sas_established) +
           one({"xfrmd_child_sas_rekeyed_total", "counter",
                "IPsec SA pairs that took over by a rekey."},
               tally.child_sas_rekeyed) +
           one({"xfrmd_retransmissions_total", "counter", "Requests sent again."},
               tally.retransmissions) +
           one({"xfrmd_messages_dropped_total", "counter", "Datagrams that were not acted on."},
               tally.messages_dropped);
}

/// Each direction is counted, as the kernel has it.
std::string offload_lines(const std::array<std::uint64_t, 3>& counts) {
    static constexpr std::array modes{"software", "crypto", "packet"};
    const Family sas{"xfrmd_ipsec_sas", "gauge",
                     "IPsec SAs, each direction one, by what a device does of them."};
    std::string text = head(sas);
    for (std::size_t i = 0; i < modes.size(); ++i)
        text += fmt::format("{}{{offload=\"{}\"}} {}\n", sas.name, modes[i], counts[i]);
    return text;
}

const char* state_name(ike::Phase2Status status) {
    static constexpr std::array names{"down", "negotiating", "up"};
    return names[static_cast<std::size_t>(status)];
}

}  // namespace

void MetricsText::add(const ike::TunnelOverview& tunnel) {
    const std::string phase1 = label_value(tunnel.config->name);
    for (const ike::Phase2View& phase2 : tunnel.phase2s) {
        const auto found = diagnose(tunnel, phase2, {});
        for (const ike::ChildSaView& child : phase2.children)
            for (const xfrm::SaStatus* sa : {&child.inbound, &child.outbound})
                if (sa->spi != EspSpi(0)) ++offload_[static_cast<std::size_t>(sa->offload)];
        const char* reason = found && found->reason ? code(*found->reason) : "";
        samples_.push_back(
            {.labels = fmt::format("phase1=\"{}\",phase2=\"{}\"", phase1, label_value(phase2.name)),
             .state = fmt::format("state=\"{}\",reason=\"{}\"", state_name(phase2.status), reason),
             .up = phase2.status == ike::Phase2Status::up,
             .traffic = phase2.total});
    }
}

std::string MetricsText::lines(std::size_t family, std::size_t from, std::size_t to) const {
    const char* name = families[family].name;
    std::string text = from == 0 ? head(families[family]) : std::string();
    for (std::size_t i = from; i < to; ++i) {
        const Sample& sample = samples_[i];
        const std::array<std::uint64_t, 6> values{sample.up,
                                                  1,
                                                  sample.traffic.bytes_in,
                                                  sample.traffic.bytes_out,
                                                  sample.traffic.packets_in,
                                                  sample.traffic.packets_out};
        const std::string state = family == 1 ? "," + sample.state : std::string();
        text += fmt::format("{}{{{}{}}} {}\n", name, sample.labels, state, values[family]);
    }
    return text;
}

std::optional<std::string> MetricsText::next(const ike::Tally& tally, const DaemonNumbers& numbers,
                                             const LoopDelay& delay) {
    if (!std::exchange(globals_said_, true))
        return daemon_lines(numbers, delay) + engine_lines(tally) + exchange_lines(tally) +
               failure_lines(tally) + offload_lines(offload_);
    if (family_ == families.size()) return std::nullopt;
    const std::size_t to = std::min(samples_.size(), sample_ + lines_per_piece);
    std::string text = lines(family_, sample_, to);
    sample_ = to;
    if (sample_ == samples_.size()) {
        ++family_;
        sample_ = 0;
    }
    return text;
}

std::string label_value(std::string_view text) {
    std::string value;
    for (const char c : text) {
        if (c == '\n') {
            value += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') value += '\\';
        value += c;
    }
    return value;
}

}  // namespace xfrmd::control
