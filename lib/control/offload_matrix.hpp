// Which devices take which ESP algorithms over, as trials with the kernel have shown.
#pragma once

#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "config/model.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::control {

/// What kind of SA is tried: all that a driver may judge by.
struct OffloadSubject {
    config::EspProposal proposal;
    bool esn = false;
    bool transport = false;
    bool interface_id = false;  ///< bound to an XFRM interface
    IpFamily family = IpFamily::v4;

    friend bool operator==(const OffloadSubject&, const OffloadSubject&) = default;
};

enum class OffloadOutcome : std::uint8_t {
    taken,      ///< read back from the kernel
    fell_back,  ///< the kernel said yes and does it in software
    refused,
};

/// One mode in one direction.
struct OffloadTrial {
    xfrm::OffloadMode mode{};
    xfrm::Direction direction{};
    OffloadOutcome outcome{};
    bool of_policy = false;  ///< the SA was taken, and the policy that packet mode needs was not
    int error = 0;           ///< an errno
    std::string message{};   ///< the kernel's words, as far as it has any
};

struct OffloadSuite {
    OffloadSubject subject;
    std::vector<OffloadTrial> trials;
};

struct OffloadDevice {
    std::string name;
    bool present = false;
    bool announces = false;  ///< that it has ESP offload; otherwise nothing is tried
    std::string driver{};    ///< empty: unknown
    std::vector<OffloadSuite> suites{};
    std::vector<std::string> leftovers{};  ///< what could not be deleted again, one line each
};

/// One reply; `continues`: more devices follow in another one.
std::string offload_answer(const std::vector<OffloadDevice>& devices, bool continues);

/// "taken", "fell-back", "refused"
const char* to_text(OffloadOutcome outcome);

}  // namespace xfrmd::control
