// What the running kernel can do, asked by attribute and never by version.
//
// A kernel that knows an attribute checks its length before it looks for the SA; one that does not
// ignores it. So the query of an SA that does not exist, with an empty attribute, tells the two
// apart and changes nothing.
#pragma once

#include <array>

#include "xfrm/netlink_writer.hpp"

namespace xfrmd::xfrm {

/// Optional abilities of the kernel. All false is a safe belief: it encodes for the oldest kernel.
struct Features {
    bool sa_dir = false;         ///< SAs know their direction
    bool nat_keepalive = false;  ///< the kernel can send NAT keepalives
    bool mtimer = false;         ///< MAPPING events can be limited to one each few seconds

    friend bool operator==(const Features&, const Features&) = default;
};

/// The attributes to probe, one `encode_probe` each.
inline constexpr std::array<std::uint16_t, 3> probed_attributes{
    uapi::attribute::sa_dir, uapi::attribute::nat_keepalive_interval,
    uapi::attribute::mtimer_thresh};

/// A query for NETLINK_XFRM.
WipedBytes encode_probe(std::uint16_t attribute, MessageTag tag);

/// Whether a probe's errno says that the kernel knows the attribute.
bool read_probe(int error);

/// Sets the field that a probed attribute stands for.
void set_feature(Features& features, std::uint16_t attribute, bool known);

}  // namespace xfrmd::xfrm
