#include "ike/retired_sas.hpp"

#include "ike/engine_context.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace std::chrono_literals;

namespace {

struct Bench {
    crypto::Library library;
    test::SeededRandom random{1};
    EngineContext context{library, random, {}};

    EspSpi retire(Duration time = retired_sa_grace) {
        const EspSpi spi = context.take_esp_spi(IkeSpi(7));
        context.retired_sas.retire({{.sa = {{}, {}, spi}, .inbound = true}}, time, context);
        return spi;
    }
    std::vector<EspSpi> deletions() {
        std::vector<EspSpi> spis;
        for (const Output& output : std::exchange(context.outputs, {}))
            for (const auto& operation : std::get<KernelRequest>(output).operations)
                if (const auto* removal = std::get_if<xfrm::DeleteSa>(&operation))
                    spis.push_back(removal->spi);
        return spis;
    }
};

}  // namespace

TEST_CASE("retired SAs: deleted after the grace, the SPI reserved until then") {
    Bench bench;
    bench.context.now.boottime = Instant(100s);
    const EspSpi spi = bench.retire();
    CHECK(bench.deletions().empty());
    CHECK(bench.context.esp_spis.at(spi) == IkeSpi(0));
    CHECK(bench.context.timers.next() == Instant(105s));
    const auto due = bench.context.timers.take_due(Instant(105s));
    REQUIRE(due);
    CHECK(*due == TimerKey{Timer::retired_sa, spi.value()});
    bench.context.retired_sas.on_timer(spi, bench.context);
    CHECK(bench.deletions() == std::vector{spi});
    CHECK(bench.context.esp_spis.empty());
    CHECK_FALSE(bench.context.retired_sas.contains(spi));
}

TEST_CASE("retired SAs: once the peer has answered, what is left is the grace") {
    Bench bench;
    const EspSpi spi = bench.retire(unanswered_retirement);
    bench.context.now.boottime = Instant(20s);
    bench.context.retired_sas.hasten(spi, bench.context);
    CHECK(bench.context.timers.next() == Instant(25s));
    bench.context.retired_sas.hasten(EspSpi(0x1234), bench.context);
    CHECK(bench.context.timers.size() == 1);
}

TEST_CASE("retired SAs: a flush deletes all at once and leaves no timer") {
    Bench bench;
    bench.retire();
    bench.retire();
    bench.context.retired_sas.flush(bench.context);
    CHECK(bench.deletions().size() == 2);
    CHECK(bench.context.esp_spis.empty());
    CHECK_FALSE(bench.context.timers.next());
    bench.context.retired_sas.flush(bench.context);
    CHECK(bench.context.outputs.empty());
}

TEST_CASE("retired SAs: a timer for an SA that is not retired does nothing") {
    Bench bench;
    bench.context.retired_sas.on_timer(EspSpi(0x1234), bench.context);
    CHECK(bench.context.outputs.empty());
}
