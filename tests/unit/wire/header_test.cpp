#include "wire/header.hpp"

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "unit/wire/mutations.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

const Bytes example = "0102030405060708 1112131415161718 21 20 22 08 00000000 0000001c"_hex;

Bytes with_length(Bytes datagram, std::uint32_t length) {
    ByteWriter(datagram).patch_u32(Header::length_at, length);
    return datagram;
}

Bytes with_flags(std::uint8_t flags) {
    Bytes datagram = example;
    datagram[19] = flags;
    return datagram;
}

}  // namespace

TEST_CASE("header: fields stand where RFC 7296 section 3.1 draws them") {
    const auto header = Header::parse(example);
    REQUIRE(header);
    CHECK(header->spi_i == IkeSpi(0x0102030405060708));
    CHECK(header->spi_r == IkeSpi(0x1112131415161718));
    CHECK(header->next_payload == PayloadType::security_association);
    CHECK(header->major_version == 2);
    CHECK(header->minor_version == 0);
    CHECK(header->exchange == ExchangeType::ike_sa_init);
    CHECK(header->initiator);
    CHECK_FALSE(header->response);
    CHECK_FALSE(header->higher_version);
    CHECK(header->message_id == MessageId(0));
    CHECK(header->length == 28);
    CHECK(serialized(*header) == example);
}

TEST_CASE("header: flags are told apart, reserved bits are ignored") {
    CHECK(Header::parse(with_flags(0x20))->response);
    CHECK(Header::parse(with_flags(0x10))->higher_version);
    CHECK(Header::parse(with_flags(0x08))->initiator);
    const auto reserved_only = Header::parse(with_flags(0xc7));
    REQUIRE(reserved_only);
    CHECK(serialized(*reserved_only) == with_flags(0));
    CHECK(serialized(*Header::parse(with_flags(0xff))) == with_flags(0x38));
}

TEST_CASE("header: another version still yields the header, for its answer") {
    for (unsigned version = 0; version < 256; ++version) {
        Bytes datagram = example;
        datagram[17] = static_cast<std::uint8_t>(version);
        const auto header = Header::parse(datagram);
        REQUIRE(header);
        CHECK(header->major_version == version / 16);
        CHECK(header->minor_version == version % 16);
        CHECK(serialized(*header) == datagram);
    }
}

TEST_CASE("header: A18: a length that is not the datagram's is refused") {
    for (std::uint32_t length : {0U, 27U, 29U, 0x80000000U, 0xffffffffU})
        CHECK(refusal(Header::parse(with_length(example, length))) ==
              "length is not the datagram's");
    Bytes longer = example;
    longer.push_back(0);
    CHECK_FALSE(Header::parse(longer));
    CHECK(Header::parse(with_length(longer, 29)));
}

TEST_CASE("header: every truncation is refused, every change of an octet is survived") {
    sweep_body(example, Header::size, [](ByteView octets) { return Header::parse(octets); });
}
