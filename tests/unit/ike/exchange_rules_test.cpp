// Every state, exchange and direction, walked at compile time (RFC 7296 sections 1.2 to 1.5).
#include "ike/exchange_rules.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using wire::ExchangeType;

namespace {

using enum StateName;

/// The figures once more, told from the side of the states.
constexpr bool expected(ExchangeType exchange, bool response, StateName state) {
    switch (state) {
        case init_sent: return exchange == ExchangeType::ike_sa_init && response;
        case auth_sent: return exchange == ExchangeType::ike_auth && response;
        case init_answered: return exchange == ExchangeType::ike_auth && !response;
        case established:
            return exchange == ExchangeType::informational ||
                   exchange == ExchangeType::create_child_sa;
        case rekeyed:
        case deleting:
            return exchange == ExchangeType::informational ||
                   (exchange == ExchangeType::create_child_sa && !response);
        case auth_answering:
        case dead: return false;
    }
    return false;
}

constexpr bool table_is_as_expected() {
    for (unsigned state = 0; state <= std::to_underlying(dead); ++state)
        for (unsigned exchange = 0; exchange <= 255; ++exchange)
            for (bool response : {false, true})
                if (may_come(static_cast<ExchangeType>(exchange), response,
                             static_cast<StateName>(state)) !=
                    expected(static_cast<ExchangeType>(exchange), response,
                             static_cast<StateName>(state)))
                    return false;
    return true;
}

constexpr bool rows_all_differ() {
    for (std::size_t i = 0; i < exchange_rules.size(); ++i)
        for (std::size_t j = i + 1; j < exchange_rules.size(); ++j)
            if (exchange_rules[i].exchange == exchange_rules[j].exchange &&
                exchange_rules[i].response == exchange_rules[j].response &&
                exchange_rules[i].state == exchange_rules[j].state)
                return false;
    return true;
}

}  // namespace

TEST_CASE("exchange rules: in each state exactly the messages of the figures may come") {
    STATIC_REQUIRE(table_is_as_expected());
}

TEST_CASE("exchange rules: no row stands twice") {
    STATIC_REQUIRE(rows_all_differ());
}

TEST_CASE("exchange rules: a second IKE_SA_INIT or IKE_AUTH never reaches an established IKE SA") {
    for (bool response : {false, true}) {
        CHECK_FALSE(may_come(ExchangeType::ike_sa_init, response, established));
        CHECK_FALSE(may_come(ExchangeType::ike_auth, response, established));
    }
}
