#include "config/pre_shared_key.hpp"

#include "fixture.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::config;
using namespace xfrmd::config::test;
using xfrmd::test::operator""_hex;

namespace {

Bytes key_of(std::string_view text) {
    const auto key = parse_pre_shared_key(as_bytes(text));
    REQUIRE(key);
    return to_bytes(key->view());
}

bool refuses(std::string_view text) {
    return !parse_pre_shared_key(as_bytes(text));
}

}  // namespace

TEST_CASE("pre-shared key: ASCII stands for itself, 0x for hexadecimal") {
    CHECK(key_of("correct horse") == to_bytes(as_bytes("correct horse")));
    CHECK(key_of("0x00ff10AbcDEf0102") == "00ff10abcdef0102"_hex);
}

TEST_CASE("pre-shared key: what is no key is refused") {
    CHECK(refuses("0x00ff10AbcDEf01021"));
    CHECK(refuses("0x00ff10AbcDEf01zz"));
    CHECK(refuses("sch\xc3\xb6nes Wetter"));
    CHECK(refuses("two\nlines of text"));
    CHECK(refuses("ENC abcdefghijklmnopqrstuvwxyz=="));
    CHECK(refuses(std::string(max_psk_octets + 1, 'a')));
    CHECK(refuses(std::string(1000000, 'a')));
    CHECK_FALSE(refuses(std::string(max_psk_octets, 'a')));
}

TEST_CASE("B08 pre-shared key: fewer than 8 octets are refused, counted after decoding") {
    CHECK(refuses(""));
    CHECK(refuses("1234567"));
    CHECK_FALSE(refuses("12345678"));
    CHECK(refuses("0x01020304050607"));
    CHECK_FALSE(refuses("0x0102030405060708"));
}

TEST_CASE("pre-shared key: read from a file or a credential, without its last end of line") {
    FakeSecrets secrets;
    secrets.files["/etc/psk"] = "0123456789abcdef\r\n";
    secrets.credentials["hub"] = "0x000102030405060708\n";
    const auto from_file =
        read_pre_shared_key({SecretSource::Kind::file, nullptr, "/etc/psk"}, secrets);
    REQUIRE(from_file);
    CHECK(as_text(from_file->view()) == "0123456789abcdef");
    const auto from_credential =
        read_pre_shared_key({SecretSource::Kind::credential, nullptr, "hub"}, secrets);
    REQUIRE(from_credential);
    CHECK(from_credential->size() == 9);
    const auto missing =
        read_pre_shared_key({SecretSource::Kind::file, nullptr, "/etc/x"}, secrets);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message ==
          "the file \"/etc/x\" cannot be read: No such file or directory");
}
