// c-ares behind RAII: a set of name servers, the sockets to them, and the lookups under way.
//
// It waits for nothing: its sockets are in an epoll that the owner looks at. Names are searched in
// /etc/hosts first, which is read for each lookup; /etc/resolv.conf is read once, by open().
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/time.hpp"

namespace xfrmd::daemon {

/// Addresses of one name that are looked at; a tunnel tries them in turn, and nobody has more
/// gateways behind one name.
inline constexpr std::size_t most_addresses = 16;

/// What became of a lookup.
struct DnsAnswer {
    std::vector<IpAddress> addresses{};  ///< in the server's order, at most `most_addresses`
    std::string error{};                 ///< empty if and only if there are addresses
    bool servers_failed = false;         ///< no server had an answer, not even a no
};

class DnsChannel {
  public:
    /// Takes the number of a lookup that has ended. Must not call the channel.
    using Listener = std::function<void(std::uint64_t number, DnsAnswer answer)>;

    /// `servers`: "ADDRESS:PORT,..."; empty: those of /etc/resolv.conf. `epoll` outlives the
    /// channel. An error is one line of text.
    static std::expected<DnsChannel, std::string> open(const std::string& servers, int epoll,
                                                       Listener listener);
    DnsChannel(DnsChannel&&) noexcept;
    DnsChannel& operator=(DnsChannel&&) noexcept;
    /// Lookups under way end without a word.
    ~DnsChannel();

    /// Calls the listener once, perhaps before it returns.
    void look_up(std::uint64_t number, const std::string& name, IpFamily family);
    /// Lookups under way.
    std::size_t running() const;

    /// Something has happened on a socket of the epoll.
    void process(int socket, std::uint32_t epoll_events);
    /// The time that next_timeout() named has come.
    void process_timeouts();
    /// How long until a server has been silent for too long; nothing if none is asked.
    std::optional<Duration> next_timeout() const;

  private:
    struct Parts;
    struct Lookup;
    explicit DnsChannel(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace xfrmd::daemon
