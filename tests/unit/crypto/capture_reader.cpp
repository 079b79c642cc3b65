#include "capture_reader.hpp"

#include <fstream>
#include <iterator>
#include <optional>

namespace xfrmd::test {

namespace {

constexpr std::uint32_t pcapng_magic = 0x0a0d0d0a;
constexpr std::uint32_t enhanced_packet_block = 6;

std::uint32_t little_endian(ByteView bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
        value = (value << 8) | bytes[at + i];
    return value;
}

/// Ethernet, IPv4, UDP; anything else yields nothing.
std::optional<Bytes> udp_payload(ByteView frame) {
    constexpr std::size_t ethernet = 14, udp = 8;
    if (frame.size() < ethernet + 20 || load_big_endian<std::uint16_t>(&frame[12]) != 0x0800)
        return std::nullopt;
    const std::size_t ip = (frame[ethernet] & 0x0fU) * 4;
    if (frame[ethernet + 9] != 17 || frame.size() < ethernet + ip + udp) return std::nullopt;
    const std::size_t size = load_big_endian<std::uint16_t>(&frame[ethernet + ip + 4]);
    if (size < udp || ethernet + ip + size > frame.size()) return std::nullopt;
    return to_bytes(frame.subspan(ethernet + ip + udp, size - udp));
}

std::vector<ByteView> pcap_frames(ByteView file) {
    std::vector<ByteView> frames;
    std::size_t at = 24;
    while (at + 16 <= file.size()) {
        const std::size_t size = little_endian(file, at + 8);
        if (size > file.size() - at - 16) break;
        frames.push_back(file.subspan(at + 16, size));
        at += 16 + size;
    }
    return frames;
}

std::vector<ByteView> pcapng_frames(ByteView file) {
    std::vector<ByteView> frames;
    std::size_t at = 0;
    while (at + 12 <= file.size()) {
        const std::size_t block = little_endian(file, at + 4);
        if (block < 12 || block > file.size() - at) break;
        if (little_endian(file, at) == enhanced_packet_block && block >= 32) {
            const std::size_t size = little_endian(file, at + 20);
            if (size <= block - 32) frames.push_back(file.subspan(at + 28, size));
        }
        at += block;
    }
    return frames;
}

}  // namespace

std::vector<Bytes> read_udp_payloads(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    const Bytes file{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (file.size() < 24) return {};
    std::vector<Bytes> payloads;
    for (ByteView frame :
         little_endian(file, 0) == pcapng_magic ? pcapng_frames(file) : pcap_frames(file))
        if (auto payload = udp_payload(frame)) payloads.push_back(std::move(*payload));
    return payloads;
}

}  // namespace xfrmd::test
