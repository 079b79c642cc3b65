#include "daemon/key_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>

#include "daemon/error_text.hpp"

namespace xfrmd::daemon {
namespace {

/// Wireshark's name of a cipher; empty for one that it cannot decrypt.
std::string cipher_name(crypto::Cipher cipher) {
    using enum wire::EncryptionId;
    switch (cipher.id) {
        case aes_cbc: return fmt::format("AES-CBC-{} [RFC3602]", cipher.key_bits);
        case aes_ctr: return fmt::format("AES-CTR-{} [RFC5930]", cipher.key_bits);
        case aes_gcm_8:
            return fmt::format("AES-GCM-{} with 8 octet ICV [RFC5282]", cipher.key_bits);
        case aes_gcm_12:
            return fmt::format("AES-GCM-{} with 12 octet ICV [RFC5282]", cipher.key_bits);
        case aes_gcm_16:
            return fmt::format("AES-GCM-{} with 16 octet ICV [RFC5282]", cipher.key_bits);
        case aes_ccm_8:
            return fmt::format("AES-CCM-{} with 8 octet ICV [RFC5282]", cipher.key_bits);
        case aes_ccm_12:
            return fmt::format("AES-CCM-{} with 12 octet ICV [RFC5282]", cipher.key_bits);
        case aes_ccm_16:
            return fmt::format("AES-CCM-{} with 16 octet ICV [RFC5282]", cipher.key_bits);
        case null: return "NULL [RFC2410]";
        case triple_des: return "3DES [RFC2451]";
        case des_iv64:
        case des:
        case null_auth_aes_gmac:
        case camellia_cbc:
        case chacha20_poly1305: return {};
    }
    return {};
}

std::string integrity_name(wire::IntegrityId id) {
    using enum wire::IntegrityId;
    switch (id) {
        case none: return "NONE [RFC4306]";
        case hmac_md5_96: return "HMAC_MD5_96 [RFC2403]";
        case hmac_sha1_96: return "HMAC_SHA1_96 [RFC2404]";
        case hmac_sha2_256_128: return "HMAC_SHA2_256_128 [RFC4868]";
        case hmac_sha2_384_192: return "HMAC_SHA2_384_192 [RFC4868]";
        case hmac_sha2_512_256: return "HMAC_SHA2_512_256 [RFC4868]";
        case aes_xcbc_96:
        case aes_cmac_96: return "ANY 96-bits of Authentication [No Checking]";
    }
    return {};
}

void append_hex(std::string& line, const Secret& secret) {
    for (const std::uint8_t octet : secret.view())
        fmt::format_to(std::back_inserter(line), "{:02x}", octet);
}

}  // namespace

std::string key_log_line(const ike::KeyLog& keys) {
    const std::string cipher = cipher_name(keys.suite.cipher);
    const std::string integrity = integrity_name(keys.suite.integrity);
    const std::string spis = fmt::format("{:016x},{:016x}", keys.spi_i.value(), keys.spi_r.value());
    if (cipher.empty() || integrity.empty())
        return fmt::format("# {}: Wireshark cannot decrypt {}\n", spis, keys.suite.to_text());
    std::string line;
    // Grown once: no copy of the keys stays behind in memory given back.
    line.reserve(1024);
    line = spis;
    line += ',';
    append_hex(line, keys.sk_ei);
    line += ',';
    append_hex(line, keys.sk_er);
    fmt::format_to(std::back_inserter(line), ",\"{}\",", cipher);
    append_hex(line, keys.sk_ai);
    line += ',';
    append_hex(line, keys.sk_ar);
    fmt::format_to(std::back_inserter(line), ",\"{}\"\n", integrity);
    return line;
}

std::expected<KeyLogFile, Failure> KeyLogFile::open(const std::filesystem::path& path) {
    FileDescriptor file(::open(path.c_str(),
                               O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                               S_IRUSR | S_IWUSR));
    struct stat status{};
    if (!file.is_open() || fstat(file.number(), &status) != 0)
        return std::unexpected(Failure{
            ExitCode::failure, fmt::format("key log {}: {}", path.native(), error_text(errno))});
    // Whoever made the file may have it open for reading.
    const bool is_private = S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
                            status.st_nlink == 1 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    if (!is_private)
        return std::unexpected(
            Failure{ExitCode::failure,
                    fmt::format("key log {}: not a file that only its owner can open; remove it",
                                path.native())});
    return KeyLogFile(std::move(file));
}

bool KeyLogFile::write(const ike::KeyLog& keys) {
    std::string line = key_log_line(keys);
    const ssize_t written = ::write(file_.number(), line.data(), line.size());
    const bool complete = written >= 0 && static_cast<std::size_t>(written) == line.size();
    wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
    return complete;
}

}  // namespace xfrmd::daemon
