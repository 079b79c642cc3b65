#include "ike/engine_context.hpp"

#include <algorithm>

namespace xfrmd::ike {

void EngineContext::transmit(const Endpoint& local, const Endpoint& remote, Datagrams message) {
    for (Bytes& datagram : message)
        outputs.emplace_back(Transmit{local, remote, std::move(datagram)});
}

Duration EngineContext::jitter(Duration most) {
    using std::chrono::milliseconds;
    const auto whole = std::chrono::duration_cast<milliseconds>(most).count();
    return milliseconds(random.number<std::uint32_t>() % (static_cast<std::uint32_t>(whole) + 1));
}

void EngineContext::remember(const Event& event) {
    tally.note(event);
    auto trouble = trouble_of(event, now.boottime);
    const auto tunnel = trouble ? tunnels.find(event.phase1) : nullptr;
    if (!tunnel) return;
    if (event.unproved) {
        tunnel->unproved_caller = std::move(trouble);
        return;
    }
    if (event.phase2.empty()) {
        tunnel->trouble = std::move(trouble);
        return;
    }
    const auto& phase2s = tunnel->phase1->phase2s;
    for (std::size_t i = 0; i < std::min(phase2s.size(), tunnel->phase2_states.size()); ++i)
        if (phase2s[i].name == event.phase2) tunnel->phase2_states[i].trouble = std::move(trouble);
}

EspSpi EngineContext::take_esp_spi(IkeSpi ike_sa) {
    // SPIs 0 to 255 are reserved (RFC 4303 section 2.1).
    static constexpr std::uint32_t first_free_spi = 256;
    for (;;) {
        const EspSpi spi(random.number<std::uint32_t>());
        if (spi.value() >= first_free_spi && esp_spis.try_emplace(spi, ike_sa).second) return spi;
    }
}

}  // namespace xfrmd::ike
