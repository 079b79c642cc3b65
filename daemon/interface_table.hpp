// The network devices and their addresses, kept up to date from rtnetlink messages.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/strong.hpp"
#include "ike/input_output.hpp"

namespace xfrmd::daemon {

/// An XFRM interface that exists, anybody's.
struct XfrmInterface {
    std::string name;
    IfId if_id;
    std::uint32_t underlay_index = 0;  ///< 0: none
};

class InterfaceTable {
  public:
    /// Applies every link and address message of a received buffer, from a dump or an event.
    void apply(ByteView buffer);
    void clear() { links_.clear(); }
    /// Whether some link has got its carrier since this was asked last: a link that was set up may
    /// be without one for seconds, and what is sent until then is lost.
    bool take_carrier_return() { return std::exchange(carrier_returned_, false); }
    /// Asks anew about the devices of which a message came; XFRM interfaces have no card.
    void read_features(const std::function<bool(const std::string&)>& has_esp_offload);

    /// By index. Addresses of one family in the order in which the system prefers them: IPv4
    /// primaries before secondaries, link-local IPv6 behind all others. Those that IPv6 does not
    /// let anybody use (yet, or any more) are left out.
    std::vector<ike::Interface> interfaces() const;
    std::vector<XfrmInterface> xfrm_interfaces() const;

  private:
    struct Address {
        IpAddress address;
        std::uint32_t flags = 0;  ///< IFA_F_

        bool is_usable() const;
        /// 0 is taken first, `last_rank` last.
        int rank() const;
    };
    static constexpr int last_rank = 2;
    struct Link {
        std::string name;
        std::uint32_t mtu = 0;
        bool up = false;
        bool carrier = false;
        bool is_xfrm = false;
        bool esp_offload = false;
        bool is_unread = true;  ///< its features may have changed
        IfId if_id;
        std::uint32_t underlay_index = 0;
        std::vector<Address> addresses;
    };

    void apply_link(ByteView payload, bool removed);
    std::uint32_t times_down(std::uint32_t index) const;
    void apply_address(ByteView payload, bool removed);

    bool carrier_returned_ = false;
    std::map<std::uint32_t, Link> links_;
    std::map<std::uint32_t, std::uint32_t> times_down_;  ///< by index; outlives clear()
};

}  // namespace xfrmd::daemon
