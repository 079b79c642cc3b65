#include "ike/last_words.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using std::chrono::seconds;

namespace {

const Instant start{std::chrono::hours(1)};
const IkeSpi spi(7);
const Endpoint peer{*IpAddress::from_text("192.0.2.1"), 500};

DatagramReceived request_from(const Endpoint& sender) {
    return {{*IpAddress::from_text("192.0.2.2"), 500}, sender, Bytes(100, 1)};
}

/// An IKE SA whose last answer had that many octets has just ended.
LastWords words_of(std::size_t answer) {
    MessageWindow window;
    window.accepted_request(MessageId(3), MessageWindow::fingerprint(Bytes(100, 1)));
    window.sent_response(one_datagram(Bytes(answer, 2)));
    LastWords words;
    words.keep(spi, window, peer.address, start);
    return words;
}

}  // namespace

TEST_CASE("last words: the request once more is answered as before, for a while") {
    LastWords words = words_of(500);
    const Datagrams* answer = words.answer(spi, request_from(peer), start + seconds(29));
    REQUIRE(answer != nullptr);
    CHECK(answer->at(0) == Bytes(500, 2));
    CHECK(words.answer(IkeSpi(8), request_from(peer), start) == nullptr);
    DatagramReceived other = request_from(peer);
    other.octets.back() = 9;
    CHECK(words.answer(spi, other, start) == nullptr);
    CHECK(words.answer(spi, request_from({peer.address, 4500}), start) != nullptr);
    CHECK(words.answer(spi, request_from(peer), start + LastWords::kept) == nullptr);
}

TEST_CASE("C12 last words: a long answer does not go elsewhere, and none goes without end") {
    const Endpoint elsewhere{*IpAddress::from_text("203.0.113.9"), 500};
    LastWords long_one = words_of(121);
    LastWords short_one = words_of(120);
    CHECK(long_one.answer(spi, request_from(elsewhere), start) == nullptr);
    CHECK(short_one.answer(spi, request_from(elsewhere), start) != nullptr);
    for (std::size_t i = 0; i < LastWords::most_repeats; ++i)
        CHECK(long_one.answer(spi, request_from(peer), start) != nullptr);
    CHECK(long_one.answer(spi, request_from(peer), start) == nullptr);
}
