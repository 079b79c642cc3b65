#include "daemon/key_log.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "temporary_directory.hpp"

using namespace xfrmd;
using namespace xfrmd::daemon;
using namespace xfrmd::test;

namespace {

/// The SA of Wireshark's capture ikev2-decrypt-aes256gcm16.pcap.
ike::KeyLog gcm_keys() {
    ike::KeyLog keys;
    keys.spi_i = IkeSpi(0x0158b8fb90b7623d);
    keys.spi_r = IkeSpi(0x13514610cea16160);
    keys.suite.cipher = {wire::EncryptionId::aes_gcm_16, 256};
    keys.sk_ei =
        Secret("647075bf167447a1c8683e8dbe4794b4cfe73799cc6bec34905441159ce13705c8dfb3a9"_hex);
    keys.sk_er =
        Secret("15c9eae6f94631d63068bf44bb69999abc07b3d15e915fd8f0ed99ad481efd75deb02a5e"_hex);
    return keys;
}

/// The SA of Wireshark's capture ikev2-decrypt-aes256cbc.pcapng.
ike::KeyLog cbc_keys() {
    ike::KeyLog keys;
    keys.spi_i = IkeSpi(0x191ccd371a7a1f7b);
    keys.spi_r = IkeSpi(0xbc123d15e4af593f);
    keys.suite.cipher = {wire::EncryptionId::aes_cbc, 256};
    keys.suite.integrity = wire::IntegrityId::hmac_sha2_256_128;
    keys.sk_ei = Secret("9096ddd2933620e8f48122c53a3f562cb0222c1cf97ce41fcc874ea2582a89ac"_hex);
    keys.sk_er = Secret("6718c6b2bbef2f234eac4c13832f885d87b574afd2af0111161e99b5dc61b4d4"_hex);
    keys.sk_ai = Secret("12d532c3e83c757906af548dfe1ccf223ca5507af77898454e2d55c8ace57a17"_hex);
    keys.sk_ar = Secret("30c4ead18c93024b58a86c1e3db60f550221801026853170b4cb0248d3a95329"_hex);
    return keys;
}

// Lines of Wireshark's own test suite, test/keys/ikev2_decryption_table.tmpl.
constexpr const char* gcm_line =
    "0158b8fb90b7623d,13514610cea16160,"
    "647075bf167447a1c8683e8dbe4794b4cfe73799cc6bec34905441159ce13705c8dfb3a9,"
    "15c9eae6f94631d63068bf44bb69999abc07b3d15e915fd8f0ed99ad481efd75deb02a5e,"
    "\"AES-GCM-256 with 16 octet ICV [RFC5282]\",,,\"NONE [RFC4306]\"\n";
constexpr const char* cbc_line =
    "191ccd371a7a1f7b,bc123d15e4af593f,"
    "9096ddd2933620e8f48122c53a3f562cb0222c1cf97ce41fcc874ea2582a89ac,"
    "6718c6b2bbef2f234eac4c13832f885d87b574afd2af0111161e99b5dc61b4d4,"
    "\"AES-CBC-256 [RFC3602]\","
    "12d532c3e83c757906af548dfe1ccf223ca5507af77898454e2d55c8ace57a17,"
    "30c4ead18c93024b58a86c1e3db60f550221801026853170b4cb0248d3a95329,"
    "\"HMAC_SHA2_256_128 [RFC4868]\"\n";

}  // namespace

TEST_CASE("key log: lines are those of Wireshark's table, AEAD without integrity keys") {
    CHECK(key_log_line(gcm_keys()) == gcm_line);
    CHECK(key_log_line(cbc_keys()) == cbc_line);
}

TEST_CASE("key log: a cipher that Wireshark lacks becomes a comment that holds no key") {
    ike::KeyLog keys = gcm_keys();
    keys.suite.cipher = {wire::EncryptionId::chacha20_poly1305, 256};
    const std::string line = key_log_line(keys);
    CHECK(line.starts_with("# 0158b8fb90b7623d,13514610cea16160"));
    CHECK(line.find("647075bf") == std::string::npos);
    CHECK(line.ends_with("\n"));
}

TEST_CASE("key log: a file that others can open, or may have open, is refused") {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "keys";
    std::ofstream(path) << "# old\n";
    chmod(path.c_str(), 0644);
    CHECK_FALSE(KeyLogFile::open(path));
    chmod(path.c_str(), 0600);
    CHECK(KeyLogFile::open(path));
    std::filesystem::create_hard_link(path, directory.path() / "second");
    CHECK_FALSE(KeyLogFile::open(path));
}

TEST_CASE("key log: the file is its owner's alone and grows") {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "keys";
    std::ofstream(path) << "# old\n";
    chmod(path.c_str(), 0600);
    auto file = KeyLogFile::open(path);
    REQUIRE(file);
    CHECK(file->write(gcm_keys()));
    CHECK(file->write(cbc_keys()));
    struct stat status{};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    CHECK(text.str() == std::string("# old\n") + gcm_line + cbc_line);
}

TEST_CASE("key log: a symbolic link is not followed") {
    const TemporaryDirectory directory;
    std::filesystem::create_symlink(directory.path() / "elsewhere", directory.path() / "keys");
    CHECK_FALSE(KeyLogFile::open(directory.path() / "keys"));
    CHECK_FALSE(std::filesystem::exists(directory.path() / "elsewhere"));
}
