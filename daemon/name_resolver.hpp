// The addresses behind the names of peers (`type` ddns), asked without waiting for them.
//
// A question is asked, and some turns of the event loop later its answer is read; every question
// has exactly one answer, unless its tunnel asks for something else before. Everything that can
// happen in between (sockets to name servers, the passing of time) stands behind one descriptor.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "daemon/exit_code.hpp"
#include "ike/input_output.hpp"

namespace xfrmd::daemon {

/// Lookups under way at once, so that a restart with thousands of tunnels does not flood the name
/// server; a server that answers in 20 ms still answers 3000 names a second. The others wait.
inline constexpr std::size_t most_lookups = 64;
/// Questions without an answer, waiting ones included: as many as one gateway has tunnels.
inline constexpr std::size_t most_questions = 16384;

struct NameResolverSettings {
    std::string servers{};  ///< "ADDRESS:PORT,..."; empty: those of /etc/resolv.conf
    /// From a question to its answer, whatever it is: a tunnel that tries every 5 s has lost
    /// nothing by then.
    Duration patience = std::chrono::seconds(5);
};

class NameResolver {
  public:
    static std::expected<NameResolver, Failure> open(NameResolverSettings settings = {});
    NameResolver(NameResolver&&) noexcept;
    NameResolver& operator=(NameResolver&&) noexcept;
    ~NameResolver();

    /// Readable when read() has something to do.
    int descriptor() const;
    /// Takes the place of an earlier question of the same tunnel.
    void ask(ike::ResolveName question);
    /// What has been found out, without waiting.
    std::vector<ike::NameResolved> read();
    /// Reads the machine's list of name servers again, and asks them what is still open. Happens
    /// by itself when servers fail.
    void renew();

  private:
    struct Parts;
    explicit NameResolver(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace xfrmd::daemon
