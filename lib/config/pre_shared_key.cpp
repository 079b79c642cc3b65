#include "config/pre_shared_key.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"

namespace xfrmd::config {

namespace {

constexpr std::string_view hex_prefix = "0x";
/// FortiOS's backups hold keys encrypted under a key of the device.
constexpr std::string_view fortios_encrypted_prefix = "ENC ";

/// The digit's value, or 16.
std::uint8_t hex_digit(std::uint8_t c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    const auto lower = static_cast<std::uint8_t>(c | 0x20);
    if (lower >= 'a' && lower <= 'f') return static_cast<std::uint8_t>(lower - 'a' + 10);
    return 16;
}

/// Written digit by digit into the secret, so that no copy is left in ordinary memory.
std::expected<Secret, Complaint> from_hexadecimal(ByteView digits) {
    if (digits.size() % 2 != 0 ||
        std::ranges::any_of(digits, [](std::uint8_t c) { return hex_digit(c) == 16; }))
        return std::unexpected(
            Complaint{"behind \"0x\" stand other things than pairs of "
                      "hexadecimal digits",
                      "mend the digits, or start the key otherwise"});
    Secret key(digits.size() / 2);
    for (std::size_t i = 0; i < key.size(); ++i)
        key.writable()[i] = static_cast<std::uint8_t>((hex_digit(digits[2 * i]) << 4) |
                                                      hex_digit(digits[2 * i + 1]));
    return key;
}

ByteView without_end_of_line(ByteView text) {
    if (!text.empty() && text.back() == '\n') text = text.first(text.size() - 1);
    if (!text.empty() && text.back() == '\r') text = text.first(text.size() - 1);
    return text;
}

}  // namespace

std::expected<Secret, Complaint> parse_pre_shared_key(ByteView text) {
    if (text.size() > 2 * max_psk_octets + hex_prefix.size())
        return std::unexpected(
            Complaint{fmt::format("a pre-shared key has at most {} octets", max_psk_octets)});
    if (as_text(text).starts_with(fortios_encrypted_prefix))
        return std::unexpected(Complaint{"this key is encrypted by a FortiGate",
                                         "give the key itself, as typed into both ends"});
    Secret key;
    if (as_text(text).starts_with(hex_prefix)) {
        auto octets = from_hexadecimal(text.subspan(hex_prefix.size()));
        if (!octets) return std::unexpected(std::move(octets).error());
        key = *std::move(octets);
    } else {
        if (std::ranges::any_of(text, [](std::uint8_t c) { return c < ' ' || c > '~'; }))
            return std::unexpected(Complaint{"a pre-shared key is printable ASCII",
                                             "write other octets as 0x and hexadecimal digits"});
        key = Secret(text);
    }
    if (key.size() > max_psk_octets)
        return std::unexpected(
            Complaint{fmt::format("a pre-shared key has at most {} octets", max_psk_octets)});
    if (key.size() < min_psk_octets)
        return std::unexpected(Complaint{
            fmt::format("a pre-shared key of fewer than {} octets is guessed", min_psk_octets),
            fmt::format("use {} random ones or more", good_psk_octets)});
    return key;
}

std::expected<Secret, Complaint> read_pre_shared_key(const SecretSource& source,
                                                     SecretReader& reader) {
    XFRMD_ASSERT(source.kind != SecretSource::Kind::none);
    if (source.kind == SecretSource::Kind::literal)
        return parse_pre_shared_key(source.literal->view());
    const bool is_file = source.kind == SecretSource::Kind::file;
    auto text = is_file ? reader.read_file(source.name) : reader.read_credential(source.name);
    if (!text)
        return std::unexpected(Complaint{
            fmt::format("the {} {} cannot be read: {}", is_file ? "file" : "credential",
                        in_quotes(source.name), text.error()),
            is_file ? "check path and owner"
                    : "load it with LoadCredential= or ImportCredential= in the service's unit"});
    return parse_pre_shared_key(without_end_of_line(text->view()));
}

}  // namespace xfrmd::config
