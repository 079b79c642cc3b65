#include "ike/number_pool.hpp"

#include "support/catch.hpp"

using xfrmd::ike::NumberPool;

TEST_CASE("number pool: lends 1 to its highest, then nothing") {
    NumberPool pool(3);
    CHECK(pool.take() == 1U);
    CHECK(pool.take() == 2U);
    CHECK(pool.take() == 3U);
    CHECK_FALSE(pool.take());
}

TEST_CASE("number pool: a number that came back is lent again, but after all fresh ones") {
    NumberPool pool(3);
    pool.take();
    pool.give_back(1);
    CHECK(pool.take() == 2U);
    CHECK(pool.take() == 3U);
    CHECK(pool.take() == 1U);
    CHECK_FALSE(pool.take());
}

TEST_CASE("number pool: of those that came back, the one that rested longest is next") {
    NumberPool pool(3);
    while (pool.take()) {
    }
    pool.give_back(2);
    pool.give_back(3);
    pool.give_back(1);
    CHECK(pool.take() == 2U);
    CHECK(pool.take() == 3U);
    CHECK(pool.take() == 1U);
}

TEST_CASE(
    "number pool: numbers that somebody may have are not lent, unless half of all were lost") {
    NumberPool pool(100);
    pool.skip(40);
    CHECK(pool.take() == 41);
    pool.skip(10);  // those were lent before
    CHECK(pool.take() == 42);
    pool.skip(51);
    CHECK(pool.take() == 43);
}
