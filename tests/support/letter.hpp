// Datagrams that a test keeps back, and how it says which of them it means:
//
//   world.hold();
//   ...
//   world.deliver(from(west).request().of(ExchangeType::create_child_sa));
//   world.drop(from(east).nth(2));
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "support/gateway.hpp"
#include "wire/header.hpp"

namespace xfrmd::test {

/// A datagram that waits for the test's word.
struct Letter {
    const Gateway* from = nullptr;
    const Gateway* to = nullptr;  ///< nullptr: nobody has the address
    ike::Transmit datagram;

    wire::Header header() const;
    /// "west -> east: CREATE_CHILD_SA request 2 (0123456789abcdef/fedcba9876543210)"
    std::string summary() const;
};

/// Which letter is meant: the first one, in the order of departure, that fits all that was said.
class Pick {
  public:
    Pick from(const Gateway& sender) const;
    Pick request() const;
    Pick response() const;
    Pick of(wire::ExchangeType exchange) const;
    Pick id(std::uint32_t message_id) const;
    /// Not the first that fits but this one, counted from 1.
    Pick nth(std::size_t place) const;

    bool fits(const Letter& letter) const;
    /// The place of the letter among all; nothing if there is none.
    std::optional<std::size_t> find(std::span<const Letter> letters) const;

  private:
    const Gateway* from_ = nullptr;
    std::optional<bool> response_;
    std::optional<wire::ExchangeType> exchange_;
    std::optional<MessageId> message_id_;
    std::size_t place_ = 1;
};

inline Pick from(const Gateway& sender) {
    return Pick().from(sender);
}

}  // namespace xfrmd::test
