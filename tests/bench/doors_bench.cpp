// What strangers cost the engine: a first message that is answered with COOKIE, one with a wrong
// cookie, a retransmission, a late copy, garbage; beside the one HMAC that a cookie needs at least.
// Ratios are of one run; single times say little on a noisy machine.
#include <fmt/format.h>
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <utility>

#include "crypto/prf.hpp"
#include "ike/doors.hpp"
#include "node.hpp"

using namespace xfrmd;
using namespace xfrmd::bench;

namespace {

constexpr std::uint32_t calls = 100'000;

/// A spoke's first message.
Bytes first_message(const crypto::Library& library) {
    Node spoke(library, 2, {numbered_address(10, 1)});
    spoke.configure({std::make_shared<const config::Phase1>(tunnel("hub", hub_address, 1, false))});
    spoke.feed(ike::CommandUp{"hub", ""});
    return spoke.take_sent().at(0).octets;
}

Bytes with_spi(Bytes call, std::uint64_t spi) {
    store_big_endian(spi, call.data());
    return call;
}

/// The engine alone, without what carries its outputs out.
class Hub {
  public:
    explicit Hub(const crypto::Library& library) : random_(1), engine_(library, random_) {
        auto config = std::make_shared<config::Config>();
        config->phase1s.push_back(std::make_shared<const config::Phase1>(
            tunnel("spoke", numbered_address(10, 1), 1, true)));
        feed(ike::InterfacesChanged{{{"eth0", 2, 1500, true, {hub_address}}}});
        feed(ike::ConfigApplied{std::move(config), {}});
    }

    void give(std::uint32_t sender, Bytes octets) {
        feed(ike::DatagramReceived{
            {hub_address, 500}, {numbered_address(10, sender), 500}, std::move(octets)});
    }
    void pass(Duration time) {
        now_.boottime += time;
        feed(ike::DeadlineReached{});
    }
    const ike::DoorCounts& counts() const { return engine_.door_counts(); }
    std::size_t answers() const { return answers_; }

  private:
    void feed(ike::Input input) {
        engine_.handle(std::move(input), now_);
        while (auto output = engine_.poll_output())
            if (std::holds_alternative<ike::Transmit>(*output)) ++answers_;
    }

    test::SeededRandom random_;
    ike::Engine engine_;
    ike::Now now_{Instant(std::chrono::hours(1)), {}};
    std::size_t answers_ = 0;
};

/// Microseconds of CPU for each of many, their preparation left out.
double each(const std::function<Bytes(std::uint32_t)>& prepare,
            const std::function<void(std::uint32_t, Bytes)>& act) {
    constexpr std::uint32_t batch = 1000;
    double seconds = 0;
    for (std::uint32_t first = 0; first < calls; first += batch) {
        std::vector<Bytes> ready;
        for (std::uint32_t i = first; i < first + batch; ++i)
            ready.push_back(prepare(i));
        const double before = cpu_seconds();
        for (std::uint32_t i = 0; i < batch; ++i)
            act(first + i, std::move(ready[i]));
        seconds += cpu_seconds() - before;
    }
    return seconds / calls * 1e6;
}

double bare_hmac(const crypto::Library& library) {
    const Bytes key(32, 1);
    const Bytes input(52, 2);  // two addresses and ports, SPI, nonce
    const crypto::Prf prf(library, wire::PrfId::hmac_sha2_256);
    std::uint8_t sum = 0;
    const double cost = each([](std::uint32_t) { return Bytes(); },
                             [&](std::uint32_t, const Bytes&) {
                                 sum = static_cast<std::uint8_t>(sum + prf(key, {input}).view()[0]);
                             });
    if (sum == 77) std::fputs("", stdout);  // the work may not be left out
    return cost;
}

void row(const char* what, double microseconds, double bare) {
    fmt::print("{:<44} {:>8.2f} us {:>7.2f}\n", what, microseconds, microseconds / bare);
}

}  // namespace

int main() {
    const crypto::Library library;
    const Bytes call = first_message(library);
    Hub hub(library);
    for (std::uint32_t i = 0; i < 200; ++i)  // as many as are let in without a cookie
        hub.give(1, with_spi(call, i + 1));
    for (std::uint32_t i = 0; i < ike::Doors::free_per_second; ++i)
        hub.give(i + 2, with_spi(call, i + 1));
    const double bare = bare_hmac(library);
    fmt::print("{} first messages of {} octets each; CPU time of one core\n\n", calls, call.size());
    fmt::print("{:<44} {:>11} {:>7}\n", "", "engine", "ratio");
    row("HMAC-SHA-256 of a cookie's input, bare", bare, bare);

    const std::size_t heap = mallinfo2().uordblks;
    const std::size_t asked = hub.counts().cookies_asked;
    const auto fresh = [&](std::uint32_t i) { return with_spi(call, 0x10000 + i); };
    row("from a new address each, answered with COOKIE",
        each(fresh, [&](std::uint32_t i, Bytes octets) { hub.give(i + 1000, std::move(octets)); }),
        bare);
    if (hub.counts().cookies_asked - asked != calls) {
        fmt::print(stderr, "only {} were asked for a cookie\n", hub.counts().cookies_asked - asked);
        return EXIT_FAILURE;
    }
    const auto grown = static_cast<long>(mallinfo2().uordblks) - static_cast<long>(heap);

    row("of an IKE SA that is half-open (stored answer)",
        each([&](std::uint32_t) { return with_spi(call, 1); },
             [&](std::uint32_t, Bytes octets) { hub.give(1, std::move(octets)); }),
        bare);
    row("garbage of the same size",
        each([&](std::uint32_t) { return Bytes(call.size(), 0x2e); },
             [&](std::uint32_t i, Bytes octets) { hub.give(i, std::move(octets)); }),
        bare);
    Hub quiet(library);
    row("let in: key exchange, keys, an answer",
        each(fresh,
             [&](std::uint32_t i, Bytes octets) {
                 if (i % 4 == 0) quiet.pass(std::chrono::seconds(31));
                 if (i % 50 < 4) quiet.give(1, std::move(octets));
             }) *
            50 / 4,
        bare);
    fmt::print("\nheap after {} of them: {:+} octets\n", calls, grown);
}
