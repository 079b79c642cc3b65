#include "support/capture_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace xfrmd::test {
namespace {

enum class LinkType : std::uint16_t { ethernet = 1, raw_ip = 101, linux_cooked = 113 };

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_ipv6 = 0x86dd;
constexpr std::uint8_t protocol_udp = 17;

/// Integers in the byte order of the machine that captured.
class FileReader {
  public:
    explicit FileReader(ByteView bytes) : rest_(bytes) {}

    void set_big_endian(bool big_endian) { big_endian_ = big_endian; }
    std::size_t remaining() const { return rest_.size(); }

    std::uint32_t number(std::size_t octets) {
        std::uint32_t value = 0;
        const ByteView field = take(octets);
        for (std::size_t i = 0; i < field.size(); ++i)
            value = value << 8 | field[big_endian_ ? i : field.size() - 1 - i];
        return value;
    }

    /// At most what is left.
    ByteView take(std::size_t count) {
        const ByteView taken = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }

  private:
    ByteView rest_;
    bool big_endian_ = false;
};

void take_udp(ByteView segment, IpRange ends, std::vector<CapturedDatagram>& to) {
    ByteReader reader(segment);
    const auto udp = reader.fixed<8>();
    if (!udp || udp->u16<4>() < 8) return;
    const auto payload = reader.bytes(udp->u16<4>() - 8U);
    if (!payload) return;
    to.push_back({{ends.first, udp->u16<0>()}, {ends.last, udp->u16<2>()}, to_bytes(*payload)});
}

void take_ipv4(ByteView packet, std::vector<CapturedDatagram>& to) {
    const auto ip = ByteReader(packet).fixed<20>();
    if (!ip || ip->u8<9>() != protocol_udp) return;
    const bool is_fragment = (ip->u16<6>() & 0x3fff) != 0;
    const std::size_t header_size = (ip->u8<0>() & 15U) * 4U;
    if (is_fragment || header_size < 20 || header_size > packet.size()) return;
    take_udp(packet.subspan(header_size),
             {*IpAddress::from_bytes(packet.subspan(12, 4)),
              *IpAddress::from_bytes(packet.subspan(16, 4))},
             to);
}

void take_ipv6(ByteView packet, std::vector<CapturedDatagram>& to) {
    const auto ip = ByteReader(packet).fixed<40>();
    if (!ip || ip->u8<6>() != protocol_udp) return;
    take_udp(packet.subspan(40),
             {*IpAddress::from_bytes(packet.subspan(8, 16)),
              *IpAddress::from_bytes(packet.subspan(24, 16))},
             to);
}

void take_ip(ByteView packet, std::vector<CapturedDatagram>& to) {
    if (packet.empty()) return;
    if (packet[0] >> 4 == 4) take_ipv4(packet, to);
    if (packet[0] >> 4 == 6) take_ipv6(packet, to);
}

/// Takes off the link's header of `size` octets, which ends with an Ethertype.
void take_typed_frame(ByteView frame, std::size_t size, std::vector<CapturedDatagram>& to) {
    if (frame.size() < size) return;
    const auto ethertype = load_big_endian<std::uint16_t>(&frame[size - 2]);
    if (ethertype == ethertype_ipv4 || ethertype == ethertype_ipv6)
        take_ip(frame.subspan(size), to);
}

void take_frame(LinkType link, ByteView frame, std::vector<CapturedDatagram>& to) {
    switch (link) {
        case LinkType::ethernet: return take_typed_frame(frame, 14, to);
        case LinkType::linux_cooked: return take_typed_frame(frame, 16, to);
        case LinkType::raw_ip: return take_ip(frame, to);
    }
}

/// The file's header (magic number, version, zone, accuracy, snapshot length, link type), then a
/// header and octets for each packet.
std::vector<CapturedDatagram> read_pcap(ByteView file, bool big_endian) {
    std::vector<CapturedDatagram> datagrams;
    FileReader reader(file);
    reader.set_big_endian(big_endian);
    reader.take(20);
    const LinkType link{static_cast<std::uint16_t>(reader.number(4))};
    while (reader.remaining() >= 16) {
        reader.take(8);
        const std::uint32_t size = reader.number(4);
        reader.take(4);
        take_frame(link, reader.take(size), datagrams);
    }
    return datagrams;
}

/// Blocks of type, total length, body and total length again.
std::vector<CapturedDatagram> read_pcapng(ByteView file) {
    enum Block : std::uint32_t { interface = 1, simple_packet = 3, enhanced_packet = 6 };
    constexpr std::uint32_t section = 0x0a0d0d0a;

    std::vector<CapturedDatagram> datagrams;
    std::vector<LinkType> links;
    FileReader reader(file);
    while (reader.remaining() >= 12) {
        FileReader ahead = reader;
        const std::uint32_t type = ahead.number(4);
        if (type == section) {
            ahead.take(4);
            reader.set_big_endian(ahead.take(1)[0] == 0x1a);
            links.clear();
        }
        reader.take(4);
        const std::uint32_t length = reader.number(4);
        if (length < 12 || length - 8 > reader.remaining()) break;
        FileReader body = reader;
        reader.take(length - 8);
        if (type == interface)
            links.push_back(LinkType{static_cast<std::uint16_t>(body.number(2))});
        if (type == enhanced_packet) {
            const std::uint32_t link = body.number(4);
            body.take(8);
            const std::uint32_t size = body.number(4);
            body.take(4);
            if (link < links.size()) take_frame(links[link], body.take(size), datagrams);
        }
        if (type == simple_packet && !links.empty())
            take_frame(links[0], body.take(body.number(4)), datagrams);
    }
    return datagrams;
}

}  // namespace

std::vector<CapturedDatagram> read_capture(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const Bytes octets{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (octets.size() < 24) return {};
    switch (load_big_endian<std::uint32_t>(octets.data())) {
        case 0xa1b2c3d4:
        case 0xa1b23c4d: return read_pcap(octets, true);
        case 0xd4c3b2a1:
        case 0x4d3cb2a1: return read_pcap(octets, false);
        case 0x0a0d0d0a: return read_pcapng(octets);
        default: return {};
    }
}

std::optional<std::filesystem::path> vectors_directory() {
    const char* named = std::getenv("XFRMD_VECTORS");
    const std::filesystem::path directory =
        named ? std::filesystem::path(named)
              : std::filesystem::path(XFRMD_SOURCE_ROOT) / ".." / "shared" / "vectors";
    if (!std::filesystem::is_directory(directory)) return std::nullopt;
    return directory;
}

std::vector<std::filesystem::path> captures_below(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> captures;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        const std::filesystem::path extension = entry.path().extension();
        if (extension == ".pcap" || extension == ".pcapng") captures.push_back(entry.path());
    }
    std::ranges::sort(captures);
    return captures;
}

}  // namespace xfrmd::test
