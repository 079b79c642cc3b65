// UDP datagrams from packet captures (pcap and pcapng), for tests against third-party traffic.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/ip_address.hpp"

namespace xfrmd::test {

struct CapturedDatagram {
    Endpoint source;
    Endpoint destination;
    Bytes payload;
};

/// All UDP datagrams of a capture in order; other packets and IP fragments are left out. Knows the
/// link types Ethernet, raw IP and Linux "cooked". A file that is no capture yields nothing.
std::vector<CapturedDatagram> read_capture(const std::filesystem::path& file);

/// The directory of third-party test vectors: the environment's XFRMD_VECTORS, or shared/vectors
/// beside the source tree. Nothing where there is none: such tests then skip their work.
std::optional<std::filesystem::path> vectors_directory();

/// The captures (*.pcap, *.pcapng) anywhere below a directory, sorted by path.
std::vector<std::filesystem::path> captures_below(const std::filesystem::path& directory);

}  // namespace xfrmd::test
