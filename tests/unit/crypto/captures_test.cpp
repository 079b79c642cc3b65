// Exchanges that other implementations had, captured together with their keys (Wireshark's test
// captures of IKEv2 decryption). They are not part of this repository: XFRMD_VECTORS names the
// folder that has them, and without them these tests say so and pass.

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/protection.hpp"
#include "support/capture_file.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"

using namespace xfrmd;
using namespace xfrmd::crypto;
using namespace xfrmd::test;
using wire::EncryptionId;
using wire::IntegrityId;
using wire::PayloadType;

namespace {

constexpr std::size_t ike_header_octets = 28;
constexpr std::size_t payload_header_octets = 4;

/// Nothing where the captures are not at hand.
std::optional<std::filesystem::path> captures_folder() {
    const auto vectors = vectors_directory();
    if (!vectors || !exists(*vectors / "wireshark-ikev2")) return std::nullopt;
    return *vectors / "wireshark-ikev2";
}

/// A row of ikev2_decryption_table: SPIi, SPIr, SK_ei, SK_er, cipher, SK_ai, SK_ar, integrity.
using KeyRow = std::vector<std::string>;

KeyRow split(const std::string& line) {
    KeyRow fields(1);
    for (char c : line) {
        if (c == ',') fields.emplace_back();
        if (c != ',' && c != '"') fields.back() += c;
    }
    return fields;
}

std::map<std::string, KeyRow> read_keys(const std::filesystem::path& file) {
    std::map<std::string, KeyRow> keys;
    std::ifstream table(file);
    for (std::string line; std::getline(table, line);) {
        KeyRow row = split(line);
        if (row.size() == 8) keys[row[0]] = row;
    }
    return keys;
}

/// Padding and pad length as RFC 7296 section 3.14 has them, and payloads up to there that end
/// where they say.
void check_plaintext(ByteView plaintext, std::uint8_t first_payload) {
    REQUIRE(plaintext.size() > plaintext.back());
    ByteView payloads = plaintext.first(plaintext.size() - 1 - plaintext.back());
    std::uint8_t next = first_payload;
    while (next != 0) {
        REQUIRE(payloads.size() >= payload_header_octets);
        CHECK(next >= static_cast<std::uint8_t>(PayloadType::security_association));
        CHECK(next <= static_cast<std::uint8_t>(PayloadType::extensible_authentication));
        const std::size_t length = load_big_endian<std::uint16_t>(&payloads[2]);
        REQUIRE(length >= payload_header_octets);
        REQUIRE(length <= payloads.size());
        next = payloads[0];
        payloads = payloads.subspan(length);
    }
    CHECK(payloads.empty());
}

/// Opens each SK payload of a capture; returns the exchange types and first payloads of them.
std::vector<std::pair<int, int>> open_all(const std::filesystem::path& file, Cipher cipher,
                                          IntegrityId integrity) {
    const Library library;
    const Protection protection(library, cipher, integrity);
    const auto keys = read_keys(file.parent_path() / "ikev2_decryption_table");
    std::vector<std::pair<int, int>> opened;
    for (CapturedDatagram& datagram : read_capture(file)) {
        Bytes& message = datagram.payload;
        if (message.size() < ike_header_octets + payload_header_octets ||
            message[16] != static_cast<std::uint8_t>(PayloadType::encrypted))
            continue;
        const KeyRow& row = keys.at(to_hex(ByteView(message).first(8)));
        const bool initiator = (message[19] & 0x08) != 0;
        const Bytes encryption = hex_octets(row[initiator ? 2 : 3]);
        const Bytes integrity_key = hex_octets(row[initiator ? 5 : 6]);
        const std::uint8_t first_payload = message[ike_header_octets];

        Bytes forged = message;
        forged[20] ^= 1;
        CHECK_FALSE(protection
                        .open({encryption, integrity_key}, forged,
                              ike_header_octets + payload_header_octets)
                        .has_value());
        const auto plaintext = protection.open({encryption, integrity_key}, message,
                                               ike_header_octets + payload_header_octets);
        REQUIRE(plaintext.has_value());
        check_plaintext(*plaintext, first_payload);
        opened.emplace_back(message[18], first_payload);
    }
    return opened;
}

constexpr std::pair<int, int> auth_request{35, 35};   // IDi
constexpr std::pair<int, int> auth_response{35, 36};  // IDr

}  // namespace

TEST_CASE("captures: AES-256-GCM of another implementation is opened") {
    const auto folder = captures_folder();
    if (!folder) {
        WARN("skipped: no captures here");
        return;
    }
    const auto opened = open_all(*folder / "ikev2-decrypt-aes256gcm16.pcap",
                                 {EncryptionId::aes_gcm_16, 256}, IntegrityId::none);
    REQUIRE(opened.size() >= 2);
    CHECK(opened[0] == auth_request);
    CHECK(opened[1] == auth_response);
}

TEST_CASE("captures: AES-256-CBC with HMAC-SHA-256 of another implementation is opened") {
    const auto folder = captures_folder();
    if (!folder) {
        WARN("skipped: no captures here");
        return;
    }
    const auto opened = open_all(*folder / "ikev2-decrypt-aes256cbc.pcapng",
                                 {EncryptionId::aes_cbc, 256}, IntegrityId::hmac_sha2_256_128);
    REQUIRE(opened.size() >= 2);
    CHECK(opened[0] == auth_request);
    CHECK(opened[1] == auth_response);
}
