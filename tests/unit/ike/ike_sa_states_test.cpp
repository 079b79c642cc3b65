#include "ike/ike_sa_states.hpp"

#include <set>
#include <string>
#include <type_traits>

#include "support/catch.hpp"

using namespace xfrmd::ike;

namespace {

using enum StateName;

constexpr std::array all{init_sent,   auth_sent, init_answered, auth_answering,
                         established, rekeyed,   deleting,      dead};

template <StateName Name, class T>
constexpr bool is_state =
    std::is_same_v<std::variant_alternative_t<std::to_underlying(Name), State>, T>;

constexpr std::array<std::pair<StateName, StateName>, 9> ways{{
    {init_sent, auth_sent},
    {auth_sent, established},
    {auth_sent, deleting},
    {init_answered, auth_answering},
    {init_answered, established},
    {auth_answering, established},
    {established, rekeyed},
    {established, deleting},
    {rekeyed, deleting},
}};

constexpr bool is_way(StateName from, StateName to) {
    if (to == dead) return from != dead;
    for (const auto& way : ways)
        if (way.first == from && way.second == to) return true;
    return false;
}

constexpr bool states_are_as_expected() {
    for (StateName from : all)
        for (StateName to : all)
            if (may_follow(from, to) != is_way(from, to)) return false;
    return true;
}

}  // namespace

TEST_CASE("IKE SA states: the names stand in the order of the variant") {
    STATIC_REQUIRE(is_state<init_sent, InitSent>);
    STATIC_REQUIRE(is_state<auth_sent, AuthSent>);
    STATIC_REQUIRE(is_state<init_answered, InitAnswered>);
    STATIC_REQUIRE(is_state<auth_answering, AuthAnswering>);
    STATIC_REQUIRE(is_state<established, Established>);
    STATIC_REQUIRE(is_state<rekeyed, Rekeyed>);
    STATIC_REQUIRE(is_state<deleting, Deleting>);
    STATIC_REQUIRE(is_state<dead, Dead>);
    STATIC_REQUIRE(std::variant_size_v<State> == all.size());
}

TEST_CASE("IKE SA states: the transitions are these and no others") {
    STATIC_REQUIRE(states_are_as_expected());
}

TEST_CASE("IKE SA states: only states that checked the peer's AUTH lead to ESTABLISHED") {
    for (StateName from : all)
        CHECK(may_follow(from, established) ==
              (from == auth_sent || from == init_answered || from == auth_answering));
}

TEST_CASE("IKE SA states: the dead stay dead") {
    for (StateName to : all)
        CHECK_FALSE(may_follow(dead, to));
}

TEST_CASE("IKE SA states: each has a name of its own") {
    std::set<std::string> names;
    for (StateName name : all)
        CHECK(names.insert(to_text(name)).second);
    CHECK(std::string(to_text(dead)) == "DEAD");
}
