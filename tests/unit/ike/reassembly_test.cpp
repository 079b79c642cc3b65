// RFC 7383 section 2.6.
#include "ike/reassembly.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "support/catch.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using Verdict = Reassembly::Verdict;

namespace {

const Instant began{std::chrono::seconds(100)};

ReassemblyTerms terms(std::uint16_t total, std::size_t most = Reassembly::max_octets,
                      FragmentBudget* budget = nullptr) {
    return {MessageId(3), total, began, most, budget};
}

wire::EncryptedFragmentPayload named(std::uint16_t number, std::uint16_t total) {
    return {wire::PayloadType::none, number, total, {}};
}

bool keep(Reassembly& kept, std::uint16_t number, const Bytes& plain) {
    return kept.keep({number, number == 1 ? wire::PayloadType::notify : wire::PayloadType::none,
                      plain, number * 10U, number * 100U});
}

}  // namespace

TEST_CASE("reassembly: A10, C01: 64 fragments in any order are joined in theirs") {
    std::vector<std::uint16_t> order(Reassembly::max_fragments);
    std::iota(order.begin(), order.end(), std::uint16_t{1});
    test::SeededRandom random(4);
    for (int round = 0; round < 20; ++round) {
        if (round == 1) std::ranges::reverse(order);
        for (std::size_t i = order.size(); round > 1 && i > 1; --i)
            std::swap(order[i - 1], order[random.below(i)]);
        Reassembly kept(terms(64));
        for (std::uint16_t number : order) {
            CHECK_FALSE(kept.is_complete());
            REQUIRE(keep(kept, number, Bytes(3, static_cast<std::uint8_t>(number))));
        }
        REQUIRE(kept.is_complete());
        const auto whole = kept.join();
        CHECK(whole.first == wire::PayloadType::notify);
        CHECK(whole.first_fingerprint == 10);
        CHECK(whole.first_size == 100);
        REQUIRE(whole.payloads.size() == 192);
        CHECK(std::ranges::is_sorted(whole.payloads));
    }
}

TEST_CASE("reassembly: C01: what is there, or of a coarser cut, is surplus") {
    Reassembly kept(terms(3));
    CHECK(kept.judge(MessageId(3), named(2, 3)) == Verdict::wanted);
    REQUIRE(keep(kept, 2, {1}));
    CHECK(kept.judge(MessageId(3), named(2, 3)) == Verdict::surplus);
    CHECK(kept.judge(MessageId(3), named(1, 3)) == Verdict::wanted);
    CHECK(kept.judge(MessageId(3), named(1, 2)) == Verdict::surplus);
}

TEST_CASE("reassembly: C01: an empty fragment is there, too") {
    Reassembly kept(terms(2));
    REQUIRE(keep(kept, 1, {}));
    CHECK(kept.judge(MessageId(3), named(1, 2)) == Verdict::surplus);
    REQUIRE(keep(kept, 2, {}));
    CHECK(kept.is_complete());
    CHECK(kept.join().payloads.empty());
}

TEST_CASE("reassembly: C01: a finer cut and another message take the place of what is kept") {
    Reassembly kept(terms(3));
    CHECK(kept.judge(MessageId(3), named(1, 4)) == Verdict::anew);
    CHECK(kept.judge(MessageId(4), named(1, 3)) == Verdict::anew);
    CHECK(kept.judge(MessageId(4), named(1, 1)) == Verdict::anew);
}

TEST_CASE("reassembly: C01: no more octets than the limit") {
    Reassembly kept(terms(4, 10));
    CHECK(keep(kept, 1, Bytes(6)));
    CHECK_FALSE(keep(kept, 2, Bytes(5)));
    CHECK(keep(kept, 3, Bytes(4)));
    CHECK_FALSE(keep(kept, 4, Bytes(1)));
    CHECK(kept.octets() == 10);
}

TEST_CASE("reassembly: C01: it is over after 30 s") {
    const Reassembly kept(terms(2));
    CHECK_FALSE(kept.is_over(began + std::chrono::milliseconds(29999)));
    CHECK(kept.is_over(began + std::chrono::seconds(30)));
    CHECK(kept.over_at() == began + std::chrono::seconds(30));
}

TEST_CASE("reassembly: C01: half-open ones share a budget and give back what they took") {
    FragmentBudget budget;
    {
        Reassembly one(terms(2, Reassembly::max_half_open_octets, &budget));
        REQUIRE(keep(one, 1, Bytes(1000)));
        CHECK(budget.held() == 1000);
        REQUIRE(budget.take(FragmentBudget::most_octets - 1500));
        CHECK_FALSE(keep(one, 2, Bytes(501)));
        CHECK(budget.held() == FragmentBudget::most_octets - 500);
        CHECK(keep(one, 2, Bytes(500)));
    }
    CHECK(budget.held() == FragmentBudget::most_octets - 1500);
}
