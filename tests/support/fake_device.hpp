// What a network device of the fake kernel takes over of ESP, and in which words it refuses the
// rest.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "wire/registry.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::test {

/// By default one that cannot offload, like those of most machines: the kernel then does crypto
/// offload in software and says so in a warning, and refuses packet offload.
struct FakeDevice {
    xfrm::OffloadMode most = xfrm::OffloadMode::none;
    /// Its driver's answer to what is beyond `most`. Whatever but EOPNOTSUPP fails the whole SA,
    /// with crypto offload too.
    int error = EOPNOTSUPP;
    std::string words = "Device failed to offload this state";
    /// False: the warning of a fall-back is lost, as with kernels before 6.12.
    bool warns = true;
    std::size_t table_size = std::numeric_limits<std::size_t>::max();  ///< SAs; a pair is two
    std::vector<wire::EncryptionId> ciphers{};                         ///< empty: all
    std::vector<std::uint32_t> packet_windows{};                       ///< empty: all
    bool refuses_inbound_if_id = false;                                ///< as Linux 7.3 does
    bool takes_policies = true;  ///< false: refuses those of packet mode
};

}  // namespace xfrmd::test
