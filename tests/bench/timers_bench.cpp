// What a timer costs with few and with many tunnels.
//
// One timer of each tunnel is always armed (its IKE SA's life); a round arms, moves and cancels
// timers of some more, drawn at random and for random times, and lets the next lives end. The
// sizes take turns round by round, so that a machine that slows down slows down all of them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <random>
#include <vector>

#include "base/assert.hpp"
#include "ike/timers.hpp"

using namespace xfrmd;
using ike::Timer;
using ike::TimerKey;

namespace {

constexpr std::array<std::size_t, 3> sizes{1'000, 10'000, 100'000};
/// Timers of one round: few beside the fewest tunnels, many beside one reading of the clock.
constexpr std::size_t batch = 100;
constexpr int rounds = 3'000;

enum Operation : std::size_t { arming, moving, cancelling, firing, operations };
constexpr std::array<const char*, operations> operation_names{"arm", "re-arm", "cancel", "fire"};

template <class Work>
double nanoseconds_each(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    return time.count() / batch;
}

class Tunnels {
  public:
    explicit Tunnels(std::size_t count) : random_(count) {
        for (std::size_t i = 0; i < count; ++i) {
            spis_.push_back(random_());
            timers_.arm({Timer::ike_expire, spis_.back()}, some_time_today());
        }
    }

    void run_round() {
        std::array<TimerKey, batch> keys;
        std::array<Instant, batch> first_times, second_times;
        for (std::size_t i = 0; i < batch; ++i) {
            keys.at(i) = {Timer::child_expire, random_spi()};
            first_times.at(i) = some_time_today();
            second_times.at(i) = some_time_today();
        }
        const auto arm_all = [&](const std::array<Instant, batch>& times) {
            for (std::size_t i = 0; i < batch; ++i)
                timers_.arm(keys.at(i), times.at(i));
        };
        note(arming, nanoseconds_each([&] { arm_all(first_times); }));
        note(moving, nanoseconds_each([&] { arm_all(second_times); }));
        note(cancelling, nanoseconds_each([&] {
                 for (const TimerKey& key : keys)
                     timers_.cancel(key);
             }));
        let_lives_end();
    }

    double median(Operation operation) {
        auto& all = times_.at(operation);
        const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
        std::ranges::nth_element(all, middle);
        return *middle;
    }

  private:
    void let_lives_end() {
        std::array<TimerKey, batch> fired;
        note(firing, nanoseconds_each([&] {
                 for (TimerKey& key : fired) {
                     now_ = *timers_.next();
                     key = *timers_.take_due(now_);
                 }
             }));
        for (const TimerKey& key : fired)
            timers_.arm(key, some_time_today());
        XFRMD_ASSERT(timers_.size() == spis_.size());
    }

    std::uint64_t random_spi() { return spis_.at(random_() % spis_.size()); }
    /// Lives and their ends are spread over a day.
    Instant some_time_today() {
        constexpr Duration day = std::chrono::hours(24);
        return now_ + Duration(static_cast<std::int64_t>(random_() %
                                                         static_cast<std::uint64_t>(day.count())));
    }
    void note(Operation operation, double nanoseconds) {
        times_.at(operation).push_back(nanoseconds);
    }

    std::mt19937_64 random_;
    Instant now_{};
    std::vector<std::uint64_t> spis_;
    ike::Timers timers_;
    std::array<std::vector<double>, operations> times_;
};

void print_row(std::string_view title, const std::array<double, operations>& figures,
               int decimals) {
    fmt::print("{:<26}", title);
    for (const double figure : figures)
        fmt::print("{:>10.{}f}", figure, decimals);
    fmt::print("\n");
}

}  // namespace

int main() {
    std::vector<Tunnels> all;
    all.reserve(sizes.size());
    for (const std::size_t size : sizes)
        all.emplace_back(size);
    for (int i = 0; i < rounds; ++i)
        for (Tunnels& tunnels : all)
            tunnels.run_round();

    fmt::print("timers: ns an operation, median of {} rounds of {}\n{:<26}", rounds, batch,
               "armed timers");
    for (const char* name : operation_names)
        fmt::print("{:>10}", name);
    fmt::print("\n");
    std::array<double, operations> ratios{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::array<double, operations> figures{};
        for (std::size_t j = 0; j < operations; ++j) {
            figures.at(j) = all.at(i).median(static_cast<Operation>(j));
            ratios.at(j) = i == 0 ? figures.at(j) : ratios.at(j);
            if (i + 1 == all.size()) ratios.at(j) = figures.at(j) / ratios.at(j);
        }
        print_row(fmt::format("{}", sizes.at(i)), figures, 0);
    }
    print_row("ratio of last to first", ratios, 2);
    const auto logarithm = [](std::size_t size) { return std::log2(static_cast<double>(size)); };
    fmt::print(
        "The ratio of the logarithms is {:.2f}. What lies above it is the price of memory: the\n"
        "timers of the last row do not fit into the caches that hold those of the first.\n",
        logarithm(sizes.back()) / logarithm(sizes.front()));
}
