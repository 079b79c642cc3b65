// Which message may come in which state: one row for each line of the figures of
// RFC 7296 sections 1.2 to 1.5. What is not here is dropped before any cryptography.
#pragma once

#include <array>

#include "ike/ike_sa_states.hpp"
#include "wire/registry.hpp"

namespace xfrmd::ike {

struct ExchangeRule {
    wire::ExchangeType exchange;
    bool response;
    StateName state;
};

inline constexpr std::array exchange_rules{
    // HDR, SAr1, KEr, Nr  <--
    ExchangeRule{wire::ExchangeType::ike_sa_init, true, StateName::init_sent},
    // HDR, SK {IDi, AUTH, SAi2, TSi, TSr}  -->
    ExchangeRule{wire::ExchangeType::ike_auth, false, StateName::init_answered},
    // HDR, SK {IDr, AUTH, SAr2, TSi, TSr}  <--
    ExchangeRule{wire::ExchangeType::ike_auth, true, StateName::auth_sent},
    // HDR, SK {SA, Ni, ...}  -->
    ExchangeRule{wire::ExchangeType::create_child_sa, false, StateName::established},
    ExchangeRule{wire::ExchangeType::create_child_sa, false, StateName::rekeyed},
    ExchangeRule{wire::ExchangeType::create_child_sa, false, StateName::deleting},
    // HDR, SK {SA, Nr, ...}  <--
    ExchangeRule{wire::ExchangeType::create_child_sa, true, StateName::established},
    // HDR, SK {[N,] [D,] ...}  -->
    ExchangeRule{wire::ExchangeType::informational, false, StateName::established},
    ExchangeRule{wire::ExchangeType::informational, false, StateName::rekeyed},
    ExchangeRule{wire::ExchangeType::informational, false, StateName::deleting},
    // HDR, SK {[N,] [D,] ...}  <--
    ExchangeRule{wire::ExchangeType::informational, true, StateName::established},
    ExchangeRule{wire::ExchangeType::informational, true, StateName::rekeyed},
    ExchangeRule{wire::ExchangeType::informational, true, StateName::deleting},
};

constexpr bool may_come(wire::ExchangeType exchange, bool response, StateName state) {
    for (const ExchangeRule& rule : exchange_rules)
        if (rule.exchange == exchange && rule.response == response && rule.state == state)
            return true;
    return false;
}

}  // namespace xfrmd::ike
