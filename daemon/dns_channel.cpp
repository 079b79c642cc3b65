#include "daemon/dns_channel.hpp"

#include <ares.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include <utility>

#include "base/assert.hpp"
#include "daemon/socket_address.hpp"

namespace xfrmd::daemon {
namespace {

/// The first wait for a server's answer. With `tries`, one server that is silent has failed after
/// 1.5 + 3 s: before whoever asked loses patience.
constexpr int server_timeout_milliseconds = 1500;
constexpr int tries = 2;

/// What an administrator can do something with; c-ares's own words for the rest.
std::string describe(int status, IpFamily family) {
    switch (status) {
        case ARES_ENOTFOUND: return "the name does not exist";
        case ARES_ENODATA:
            return fmt::format("the name has no IPv{} address", std::to_underlying(family));
        case ARES_EBADNAME: return "this cannot be a name";
        case ARES_EBADRESP: return "the name server's answer is malformed";
        case ARES_ETIMEOUT: return "no name server answers";
        case ARES_ECONNREFUSED: return "no name server can be reached";
        default: return fmt::format("name server: {}", ares_strerror(status));
    }
}

/// True if another set of servers might know better.
bool is_failure_of_servers(int status) {
    return status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED;
}

std::optional<IpAddress> address_of(const ares_addrinfo_node& node, IpFamily family) {
    if (node.ai_family != socket_family(family)) return std::nullopt;
    if (family == IpFamily::v4)
        return to_address(reinterpret_cast<const sockaddr_in*>(node.ai_addr)->sin_addr);
    return to_address(reinterpret_cast<const sockaddr_in6*>(node.ai_addr)->sin6_addr);
}

std::vector<IpAddress> addresses_of(const ares_addrinfo& result, IpFamily family) {
    std::vector<IpAddress> addresses;
    for (const auto* node = result.nodes; node != nullptr; node = node->ai_next) {
        if (addresses.size() == most_addresses) break;
        if (const auto address = address_of(*node, family)) addresses.push_back(*address);
    }
    return addresses;
}

DnsAnswer answer_of(int status, const ares_addrinfo* result, IpFamily family) {
    if (status == ARES_SUCCESS) {
        auto addresses = addresses_of(*result, family);
        if (!addresses.empty()) return {.addresses = std::move(addresses)};
        status = ARES_ENODATA;
    }
    return {.error = describe(status, family), .servers_failed = is_failure_of_servers(status)};
}

/// Called by c-ares whenever it opens, closes or changes its mind about a socket.
void watch_socket(void* data, ares_socket_t socket, int readable, int writable) {
    const int epoll = *static_cast<const int*>(data);
    epoll_event event{};
    event.data.fd = socket;
    event.events = (readable != 0 ? EPOLLIN : 0U) | (writable != 0 ? EPOLLOUT : 0U);
    // A socket that cannot be watched is one that stays silent: the lookup times out.
    if (event.events == 0)
        epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr);
    else if (epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0)
        epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

}  // namespace

struct DnsChannel::Parts {
    int epoll;
    Listener listener;
    ares_channel channel = nullptr;
    std::size_t running = 0;
    bool closing = false;

    Parts(int its_epoll, Listener its_listener)
        : epoll(its_epoll), listener(std::move(its_listener)) {
        ares_library_init(ARES_LIB_INIT_ALL);
    }
    ~Parts() {
        closing = true;
        if (channel != nullptr) ares_destroy(channel);  // ends all lookups
        ares_library_cleanup();
        XFRMD_ASSERT(running == 0);
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    int open(const std::string& servers);
};

/// What c-ares hands back with an answer.
struct DnsChannel::Lookup {
    Parts& channel;
    std::uint64_t number;
    IpFamily family;

    static void on_end(void* data, int status, int, ares_addrinfo* result) {
        const std::unique_ptr<Lookup> self(static_cast<Lookup*>(data));
        const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(
            result, &ares_freeaddrinfo);
        --self->channel.running;
        if (self->channel.closing) return;
        self->channel.listener(self->number, answer_of(status, result, self->family));
    }
};

DnsChannel::DnsChannel(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
DnsChannel::DnsChannel(DnsChannel&&) noexcept = default;
DnsChannel& DnsChannel::operator=(DnsChannel&&) noexcept = default;
DnsChannel::~DnsChannel() = default;

std::expected<DnsChannel, std::string> DnsChannel::open(const std::string& servers, int epoll,
                                                        Listener listener) {
    auto parts = std::make_unique<Parts>(epoll, std::move(listener));
    if (const int status = parts->open(servers); status != ARES_SUCCESS)
        return std::unexpected(
            fmt::format("cannot set up the lookup of names: {}", ares_strerror(status)));
    return DnsChannel(std::move(parts));
}

int DnsChannel::Parts::open(const std::string& servers) {
    std::string hosts_then_dns = "fb";
    ares_options options{};
    options.timeout = server_timeout_milliseconds;
    options.tries = tries;
    options.lookups = hosts_then_dns.data();
    options.sock_state_cb = watch_socket;
    options.sock_state_cb_data = &epoll;
    const int status = ares_init_options(
        &channel, &options,
        ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS || servers.empty()) return status;
    return ares_set_servers_ports_csv(channel, servers.c_str());
}

void DnsChannel::look_up(std::uint64_t number, const std::string& name, IpFamily family) {
    ares_addrinfo_hints hints{};
    hints.ai_family = socket_family(family);
    hints.ai_socktype = SOCK_DGRAM;  // otherwise each address comes once for each type
    // CARES_HOSTS may name another file than /etc/hosts. Sorting would ask the routes of this
    // moment; the server's order is the peer's wish.
    hints.ai_flags = ARES_AI_NOSORT | ARES_AI_ENVHOSTS;
    ++parts_->running;
    auto lookup = std::make_unique<Lookup>(*parts_, number, family);
    ares_getaddrinfo(parts_->channel, name.c_str(), nullptr, &hints, Lookup::on_end,
                     lookup.release());
}

std::size_t DnsChannel::running() const {
    return parts_->running;
}

void DnsChannel::process(int socket, std::uint32_t epoll_events) {
    const bool readable = (epoll_events & ~std::uint32_t{EPOLLOUT}) != 0;
    const bool writable = (epoll_events & EPOLLOUT) != 0;
    ares_process_fd(parts_->channel, readable ? socket : ARES_SOCKET_BAD,
                    writable ? socket : ARES_SOCKET_BAD);
}

void DnsChannel::process_timeouts() {
    ares_process_fd(parts_->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

std::optional<Duration> DnsChannel::next_timeout() const {
    timeval left{};
    if (ares_timeout(parts_->channel, nullptr, &left) == nullptr) return std::nullopt;
    return std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
}

}  // namespace xfrmd::daemon
