// A configured phase 1 at work, as plain values: for status, explain and metrics.
//
// What is told of SAs and traffic is what the kernel answered when it was last asked, never what
// was configured. No key is in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "ike/child_offload.hpp"
#include "ike/desired_state.hpp"
#include "ike/phase2_state.hpp"
#include "ike/trouble.hpp"
#include "ike/tunnel.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

struct EngineContext;
enum class Role : std::uint8_t;
enum class StateName : std::uint8_t;

/// A Child SA, in the kernel or on its way there.
struct ChildSaView {
    bool installed = false;  ///< false: the kernel has not answered yet
    bool initiated = false;  ///< we asked for it
    bool replaced = false;   ///< it has a successor and is on its way out
    bool lost = false;       ///< the kernel had it, and did not have it when it was last asked
    EspSpi spi_in, spi_out;
    std::string suite;  ///< as negotiated, with the group of PFS
    xfrm::Mode mode{};
    std::string local, remote;  ///< selectors as negotiated
    Instant established_at;
    std::optional<Instant> rekey_at;    ///< when it is looked at for a successor
    std::optional<Instant> expires_at;  ///< its end by time
    std::optional<Instant> last_in, last_out;
    std::optional<Instant> peer_heard;  ///< by IKE or any ESP of its IKE SA
    xfrm::SaStatus inbound, outbound;   ///< SPI 0: not read yet
    /// The devices that do them, by name; empty: software.
    std::string device_in, device_out;
    ChildOffload offload;  ///< what was asked for, and why there is not more
};

struct IkeSaView {
    Role role{};
    StateName state{};
    Link reached{};
    bool closing = false;
    IkeSpi spi_i, spi_r;
    Endpoint local, remote;
    std::string suite;          ///< empty: not negotiated yet
    std::string peer_identity;  ///< empty: not known yet
    Instant began;
    std::optional<Instant> established_at, rekey_at, expires_at;
    std::optional<Instant> last_heard;  ///< of its messages or ESP
    std::uint32_t next_request = 0;     ///< our next message ID
    std::size_t transmissions = 0;      ///< of the outstanding request; 0: none is outstanding
    std::optional<Instant> gives_up_at;
};

struct Phase2View {
    std::string name;
    DesiredState desired{};
    bool keepalive = false;  ///< in effect
    Phase2Status status{};
    Instant since, down_since;     ///< of its status; when it was up last
    std::optional<Reason> reason;  ///< why it is down, as the last attempt ended
    std::string why;
    std::optional<Instant> next_attempt;
    bool wanted_by_traffic = false;  ///< a packet waits for it
    std::string local, remote;       ///< selectors as configured
    std::string proposals;           ///< as configured
    std::optional<Trouble> trouble;
    ChildTraffic total;  ///< of all its Child SAs since the configuration was applied
    std::vector<ChildSaView> children;
};

/// The underlay device, as the kernel tells.
struct DeviceView {
    std::string name;
    bool exists = false;
    bool up = false;
};

struct TunnelOverview {
    std::shared_ptr<const config::Phase1> config;
    bool in_service = false;  ///< false: this machine lacks an algorithm of it
    std::string proposals;    ///< of phase 1, as configured
    DeviceView device;
    bool interface_exists = false;  ///< the XFRM interface of a route-based tunnel
    std::optional<IpAddress> local;
    std::optional<IpAddress> remote;
    bool resolving = false;
    bool held_down = false;
    bool standby = false;
    Instant last_attempt;
    std::optional<Trouble> trouble;
    std::optional<Trouble> unproved_caller;
    std::optional<SendFailure> send_failure;
    std::vector<IkeSaView> ike_sas;
    std::vector<Phase2View> phase2s;
};

/// O(what hangs on the phase 1); changes nothing.
TunnelOverview tunnel_overview_of(const config::Phase1& phase1, const EngineContext& context);

}  // namespace xfrmd::ike
