// What an engine holds, as plain values: for status, and for tests that compare it with the kernel.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/strong.hpp"
#include "ike/path.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

class IkeSaTable;
struct EngineContext;
enum class Role : std::uint8_t;
enum class StateName : std::uint8_t;

struct ChildOverview {
    std::string phase2;
    bool established = false;  ///< false: the kernel has not answered yet
    EspSpi spi_in;
    EspSpi spi_out;
    std::vector<xfrm::Selector> selectors;  ///< of its policies, outbound
    Path path;                              ///< of its SAs
    bool in_udp = false;
};

struct IkeSaOverview {
    Role role{};
    StateName state{};
    std::string phase1;  ///< of a responder only a guess until the peer is authenticated
    IkeSpi spi_i;
    IkeSpi spi_r;
    Endpoint local;
    Endpoint remote;
    NatFinding nat;
    bool awaits_response = false;     ///< a request of ours is unanswered
    std::size_t queued_requests = 0;  ///< wait for that response
    std::vector<ChildOverview> children;
};

struct Overview {
    std::vector<IkeSaOverview> ike_sas;  ///< by our SPI, ascending
    std::size_t tunnels = 0;
    std::size_t timers = 0;           ///< armed
    std::size_t kernel_requests = 0;  ///< unanswered
    std::size_t esp_spis = 0;         ///< inbound SPIs in use or reserved
    std::size_t outbound_spis = 0;
    /// Inbound SAs without a Child SA, kept for packets on their way.
    std::vector<xfrm::DeleteSa> retired_sas;
};

/// O(n log n) of the IKE SAs; changes nothing.
Overview overview_of(IkeSaTable& sas, const EngineContext& context);

}  // namespace xfrmd::ike
