#include "ike/engine_context.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

/// Yields numbers of 32 bits one after another.
class Numbers final : public Random {
  public:
    explicit Numbers(std::vector<std::uint32_t> numbers) : numbers_(std::move(numbers)) {}
    void fill(MutableByteView out) override {
        REQUIRE(out.size() == 4);
        REQUIRE(next_ < numbers_.size());
        store_big_endian(numbers_[next_++], out.data());
    }

  private:
    std::vector<std::uint32_t> numbers_;
    std::size_t next_ = 0;
};

}  // namespace

// "The set of SPI values in the range 1 through 255 are reserved" (RFC 4303 section 2.1).
TEST_CASE("engine context: an ESP SPI is never reserved and never one in use") {
    const crypto::Library library;
    Numbers random({0, 255, 256, 256, 0xc0ffee00});
    EngineContext context(library, random, {});
    CHECK(context.take_esp_spi(IkeSpi(1)) == EspSpi(256));
    CHECK(context.take_esp_spi(IkeSpi(2)) == EspSpi(0xc0ffee00));
    CHECK(context.esp_spis.at(EspSpi(256)) == IkeSpi(1));
    CHECK(context.esp_spis.at(EspSpi(0xc0ffee00)) == IkeSpi(2));
}

TEST_CASE("engine context: each kernel request has a ticket of its own and is remembered") {
    const crypto::Library library;
    Numbers random({});
    EngineContext context(library, random, {});
    context.request(Removal{}, {});
    context.request(ChildInstallation{EspSpi(256)}, {});
    REQUIRE(context.outputs.size() == 2);
    const auto& first = std::get<KernelRequest>(context.outputs[0]);
    const auto& second = std::get<KernelRequest>(context.outputs[1]);
    CHECK(first.ticket != second.ticket);
    CHECK(std::holds_alternative<Removal>(context.kernel_requests.at(first.ticket).purpose));
    CHECK(std::holds_alternative<ChildInstallation>(
        context.kernel_requests.at(second.ticket).purpose));
}
