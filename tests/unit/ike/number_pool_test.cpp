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
