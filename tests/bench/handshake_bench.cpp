// Full PSK handshakes through two engines in one process, without a kernel: how much more the
// responder costs than the bare cryptography of the same handshake, and what an established tunnel
// weighs. Ratios are of one run; single times say little on a noisy machine.
#include <fmt/format.h>
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "bare_crypto.hpp"
#include "ike/engine.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using ike::Output;

namespace {

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// The n-th address of 10.0.0.0/8, past the first.
IpAddress numbered_address(std::uint8_t first_octet, std::uint32_t n) {
    Bytes octets(4);
    store_big_endian<std::uint32_t>(n, octets.data());
    octets[0] = first_octet;
    return *IpAddress::from_bytes(octets);
}

const IpAddress hub_address = *IpAddress::from_text("192.0.2.1");

config::Phase1 tunnel(const std::string& name, const IpAddress& remote, std::uint32_t number,
                      bool is_hub) {
    static const auto psk =
        std::make_shared<const Secret>(as_bytes("a pre-shared key of good length"));
    config::Phase1 phase1;
    phase1.name = name;
    phase1.route_based = false;
    phase1.interface = "eth0";
    phase1.remote_gateway = remote;
    phase1.proposals = {{{wire::EncryptionId::aes_gcm_16, 128},
                         wire::IntegrityId::none,
                         wire::PrfId::hmac_sha2_256}};
    phase1.key_exchanges = {wire::KeyExchangeMethod::curve25519};
    phase1.psk = phase1.psk_remote = psk;
    config::Phase2 phase2;
    phase2.name = name;
    phase2.proposals = {{{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none}};
    const IpAddress net = numbered_address(172, number);
    const IpRange behind_spoke{net, net};
    const IpRange behind_hub = Subnet::from_text("10.255.0.0/16")->range();
    phase2.selectors.local = {is_hub ? behind_hub : behind_spoke};
    phase2.selectors.remote = {is_hub ? behind_spoke : behind_hub};
    phase1.phase2s.push_back(std::move(phase2));
    return phase1;
}

/// An engine whose kernel says yes to everything, at no cost.
class Node {
  public:
    Node(const crypto::Library& library, std::uint64_t seed, const IpAddress& address)
        : random_(seed), engine_(library, random_) {
        feed(ike::InterfacesChanged{{{"eth0", 2, 1500, true, {address}}}});
    }

    void configure(std::vector<std::shared_ptr<const config::Phase1>> phase1s) {
        auto config = std::make_shared<config::Config>();
        config->phase1s = std::move(phase1s);
        feed(ike::ConfigApplied{std::move(config), {}});
    }

    void feed(ike::Input input) {
        const double before = cpu_seconds();
        engine_.handle(std::move(input), now_);
        while (auto output = engine_.poll_output())
            take(std::move(*output));
        seconds_ += cpu_seconds() - before;
    }

    std::vector<ike::Transmit> take_sent() { return std::exchange(sent_, {}); }
    double seconds() const { return seconds_; }
    const ike::Engine& engine() const { return engine_; }

  private:
    void take(Output output) {
        if (auto* transmit = std::get_if<ike::Transmit>(&output))
            sent_.push_back(std::move(*transmit));
        const auto* request = std::get_if<ike::KernelRequest>(&output);
        if (request == nullptr) return;
        ike::KernelReply reply{request->ticket, {}};
        for (const xfrm::Operation& operation : request->operations) {
            auto& result = reply.results.emplace_back();
            if (std::holds_alternative<xfrm::QuerySa>(operation)) result.status = xfrm::SaStatus{};
        }
        engine_.handle(std::move(reply), now_);
    }

    test::SeededRandom random_;
    ike::Engine engine_;
    ike::Now now_{Instant(std::chrono::hours(1)), {}};
    std::vector<ike::Transmit> sent_;
    double seconds_ = 0;
};

void exchange(Node& spoke, Node& hub) {
    for (bool moved = true; moved;) {
        moved = false;
        for (auto [from, to] : {std::pair{&spoke, &hub}, std::pair{&hub, &spoke}}) {
            for (ike::Transmit& datagram : from->take_sent()) {
                to->feed(ike::DatagramReceived{datagram.remote, datagram.local,
                                               std::move(datagram.octets)});
                moved = true;
            }
        }
    }
}

struct Figures {
    double bare_microseconds = 0;       ///< CPU for the cryptography alone, measured in between
    double responder_microseconds = 0;  ///< CPU for each handshake
    double handshakes_per_second = 0;   ///< both ends
    double bytes_per_tunnel = 0;        ///< of the responder's heap, for each that is established
};

/// A hub with `configured` tunnels, of which the first `established` are brought up by spokes.
Figures measure(const crypto::Library& library, std::uint32_t configured,
                std::uint32_t established) {
    Node hub(library, 1, hub_address);
    std::vector<std::shared_ptr<const config::Phase1>> phase1s;
    for (std::uint32_t i = 1; i <= configured; ++i)
        phase1s.push_back(std::make_shared<const config::Phase1>(
            tunnel(fmt::format("spoke{:05}", i), numbered_address(10, i), i, true)));
    hub.configure(std::move(phase1s));

    // The spokes come and go one after the other; only the hub's memory is watched. A machine's
    // speed drifts, so the bare cryptography is measured in between, not before or after.
    static constexpr std::uint32_t handshakes_between = 25;
    const std::size_t heap_before = mallinfo2().uordblks;
    const double hub_before = hub.seconds();
    double both_ends = 0;
    bench::BareHandshake bare;
    for (std::uint32_t i = 1; i <= established; ++i) {
        const double before = cpu_seconds();
        Node spoke(library, 1000 + i, numbered_address(10, i));
        spoke.configure(
            {std::make_shared<const config::Phase1>(tunnel("hub", hub_address, i, false))});
        spoke.feed(ike::CommandUp{"hub", ""});
        exchange(spoke, hub);
        both_ends += cpu_seconds() - before;
        if (i % handshakes_between == 0) bare.measure(handshakes_between / 2);
    }
    const double count = established;
    if (hub.engine().established_count() != established) {
        fmt::print(stderr, "only {} of {} tunnels came up\n", hub.engine().established_count(),
                   established);
        std::exit(1);
    }
    return {bare.mean_seconds() * 1e6, (hub.seconds() - hub_before) / count * 1e6,
            count / both_ends, static_cast<double>(mallinfo2().uordblks - heap_before) / count};
}

}  // namespace

int main() {
    const crypto::Library library;
    fmt::print("PSK handshake, aes128gcm-prfsha256, group 31; CPU time of one core\n\n");
    fmt::print("{:>10} {:>11} {:>12} {:>12} {:>7} {:>12} {:>12}\n", "configured", "established",
               "responder", "bare crypto", "ratio", "handshakes/s", "bytes/tunnel");
    measure(library, 100, 100);  // warms caches and heap
    for (const auto& [configured, established] :
         {std::pair{1000U, 1000U}, std::pair{10000U, 1000U}, std::pair{10000U, 10000U}}) {
        const Figures figures = measure(library, configured, established);
        fmt::print("{:>10} {:>11} {:>9.1f} us {:>9.1f} us {:>7.2f} {:>12.0f} {:>12.0f}\n",
                   configured, established, figures.responder_microseconds,
                   figures.bare_microseconds,
                   figures.responder_microseconds / figures.bare_microseconds,
                   figures.handshakes_per_second, figures.bytes_per_tunnel);
    }
    fmt::print(
        "\nresponder: its engine alone, parsing to answers; handshakes/s: both ends in one "
        "process;\nbytes/tunnel: heap of the responder for each IKE SA with its Child SA.\n");
}
