// Who is let in: what a stranger's first message has to pass before it costs a key exchange or an
// octet of memory.
//
//   1. Nothing that is not the shape of a first message, from an address that can be answered.
//   2. Not more unfinished negotiations than limits allow, in total and for each address; those
//      that fail count as long as those that are never finished.
//   3. When there are many of them, or many calls a second: only callers that have shown a cookie,
//      and so receive at the address that they call from (RFC 7296 section 2.6, RFC 8019).
//   4. Not more calls than an address may make in a time, whatever it has proved.
//
// Calls that were answered before do not come here: they get the stored answer. Whoever is not let
// in is counted; the counts are told now and then, in one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "config/model.hpp"
#include "ike/call_rates.hpp"
#include "ike/cookie.hpp"
#include "ike/engine_context.hpp"
#include "ike/first_message.hpp"
#include "ike/ike_sa_table.hpp"

namespace xfrmd::ike {

/// What became of strangers' first messages.
struct DoorCounts {
    std::uint64_t admitted = 0;
    std::uint64_t malformed = 0;        ///< not the shape of a first message
    std::uint64_t cookies_asked = 0;    ///< answered with COOKIE
    std::uint64_t cookies_wrong = 0;    ///< of these: had one, and it was wrong
    std::uint64_t over_limit = 0;       ///< embryonic-limit
    std::uint64_t over_peer_limit = 0;  ///< embryonic-limit-per-address
    std::uint64_t over_peer_rate = 0;   ///< too many in a time from one address

    friend bool operator==(const DoorCounts&, const DoorCounts&) = default;
};

/// A call that was let in.
struct Admission {
    std::size_t longest_answer = 0;  ///< octets that may be sent to its address
};

class Doors {
  public:
    /// Unfinished negotiations that an address may have without a cookie: a peer has one, a site
    /// behind one address some. Whoever forges a peer's address fills no more than these, and the
    /// peer itself still gets in.
    static constexpr std::size_t free_per_address = 8;
    /// Calls a second without a cookie, whatever becomes of them: each may cost a key exchange, and
    /// so many of a slow group (4096 bits: 10 ms) are all that one core has time for.
    static constexpr std::uint32_t free_per_second = 100;
    /// An IPv6 /48 may have so many times what a /64 of it may: it may be a customer's, or a
    /// provider's part for some hundred of them.
    static constexpr std::size_t prefixes_per_site = 8;
    /// How long nothing more is said about those who were not let in.
    static constexpr std::chrono::seconds report_interval{10};

    explicit Doors(EngineContext& context)
        : context_(context), cookies_(context.library, context.random) {}

    /// Judges a first message. Nothing: it was not let in, and has its COOKIE if it deserves one.
    std::optional<Admission> admit(const DatagramReceived& datagram, const wire::Header& header,
                                   IkeSaTable& sas, const config::DaemonOptions& options);
    const DoorCounts& counts() const { return counts_; }
    /// Timer::doors_report: tells what was counted since the last time.
    void on_timer();

  private:
    bool is_full_for(const IpAddress& caller, const IkeSaTable& sas,
                     const config::DaemonOptions& options) const;
    bool is_crowded(const IpAddress& caller, const IkeSaTable& sas,
                    const config::DaemonOptions& options);
    std::nullopt_t refuse(std::uint64_t& count);
    std::nullopt_t ask_for_cookie(const DatagramReceived& datagram, const wire::Header& header,
                                  const Caller& caller);
    bool is_over_rate();
    void expect_report();

    EngineContext& context_;
    Cookies cookies_;
    CallRates rates_;
    DoorCounts counts_;
    DoorCounts reported_;
    Instant second_began_;  ///< the second in which `calls_` came
    std::uint32_t calls_ = 0;
};

}  // namespace xfrmd::ike
