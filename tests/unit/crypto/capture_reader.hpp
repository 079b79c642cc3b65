// Reads UDP payloads out of packet captures (pcap and pcapng), as far as the third-party IKEv2
// captures need it: Ethernet, IPv4, little-endian files.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace xfrmd::test {

/// The UDP payloads of a capture in the order of the file; none when there is no such file.
std::vector<Bytes> read_udp_payloads(const std::string& path);

}  // namespace xfrmd::test
