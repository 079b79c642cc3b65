#include "ike/first_message.hpp"

#include "support/catch.hpp"
#include "wire/message.hpp"
#include "wire/payload_chain.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using wire::PayloadType;

namespace {

struct Part {
    PayloadType type;
    Bytes body;
    void append_to(Bytes& out) const { out.insert(out.end(), body.begin(), body.end()); }
};

const Part sa_part{PayloadType::security_association, {}};
const Part ke_part{PayloadType::key_exchange, {}};
const Part nonce_part{PayloadType::nonce, Bytes(16, 9)};

Part cookie(std::size_t size) {
    Bytes body{0, 0, 0x40, 0x06};  // protocol 0, no SPI, 16390
    body.resize(4 + size, 5);
    return {PayloadType::notify, body};
}

/// What is seen of a message with these payloads, but for the last `cut` octets.
std::optional<FirstMessage> seen(const std::vector<Part>& parts, std::size_t cut = 0) {
    static Bytes octets;  // what is seen are views
    octets.clear();
    wire::Header header;
    header.spi_i = IkeSpi(1);
    header.append_to(octets);
    wire::ChainWriter chain(octets, wire::Header::next_payload_at);
    for (const Part& part : parts)
        chain.add(part.type, part);
    octets.resize(octets.size() - cut);
    wire::finish_message(octets);
    return look_at(wire::Header::parse(octets).value(), octets);
}

Endpoint at(const char* address, std::uint16_t port = 500) {
    return {*IpAddress::from_text(address), port};
}

}  // namespace

TEST_CASE("first message: SA, KE and a nonce in any order make one") {
    REQUIRE(seen({sa_part, ke_part, nonce_part}));
    CHECK(to_bytes(seen({sa_part, ke_part, nonce_part})->nonce) == nonce_part.body);
    CHECK(seen({nonce_part, sa_part, ke_part})->cookie.empty());
    CHECK_FALSE(seen({sa_part, ke_part}));
    CHECK_FALSE(seen({sa_part, nonce_part}));
    CHECK_FALSE(seen({ke_part, nonce_part}));
    CHECK_FALSE(seen({}));
}

TEST_CASE("first message: a nonce has 16 to 256 octets") {
    for (std::size_t size : {0U, 15U, 257U})
        CHECK_FALSE(seen({sa_part, ke_part, {PayloadType::nonce, Bytes(size)}}));
    for (std::size_t size : {16U, 256U})
        CHECK(seen({sa_part, ke_part, {PayloadType::nonce, Bytes(size)}}));
}

TEST_CASE("C10 first message: a cookie stands first, or there is none") {
    CHECK(seen({cookie(17), sa_part, ke_part, nonce_part})->cookie.size() == 17);
    CHECK(seen({sa_part, cookie(17), ke_part, nonce_part})->cookie.empty());
    CHECK(seen({cookie(0), sa_part, ke_part, nonce_part})->cookie.empty());
    CHECK(seen({cookie(64), sa_part, ke_part, nonce_part})->cookie.size() == 64);
    CHECK(seen({cookie(65), sa_part, ke_part, nonce_part})->cookie.empty());
    CHECK(
        seen({{PayloadType::notify, {0, 0, 0x40}}, sa_part, ke_part, nonce_part})->cookie.empty());
}

TEST_CASE("A06 first message: every truncation is nobody's beginning, and ends") {
    for (std::size_t cut = 1; cut <= 28; ++cut)
        CHECK_FALSE(seen({sa_part, ke_part, nonce_part}, cut));
}

TEST_CASE("C12 first message: nobody answers a group, everybody, port 0, nobody, or itself") {
    const Endpoint own = at("192.0.2.1");
    for (const char* nobody :
         {"0.0.0.0", "224.0.0.1", "239.255.255.255", "255.255.255.255", "::", "ff02::1"})
        CHECK_FALSE(may_be_answered(at(nobody), own));
    CHECK_FALSE(may_be_answered(at("192.0.2.2", 0), own));
    CHECK_FALSE(may_be_answered(own, own));
    CHECK(may_be_answered(at("192.0.2.1", 501), own));
    CHECK(may_be_answered(at("223.255.255.255"), own));
    CHECK(may_be_answered(at("2001:db8::1"), own));
}

TEST_CASE("C12 first message: an answer to an unproved address has 1.2 times the request at most") {
    CHECK(longest_answer_to(100) == 120);
    CHECK(longest_answer_to(28) == 33);
    CHECK(longest_answer_to(0) == 0);
}
