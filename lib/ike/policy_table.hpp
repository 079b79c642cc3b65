// Which policies should be in the kernel, whose they are, and which SA each leads to.
//
// A policy has holders: the Child SAs that stand on it, and the phase 2 that it was configured
// for. Two Child SAs of one phase 2 live side by side for a while (a rekey, both ends started at
// once) and share their policies; while anybody holds one there is no moment without it. Two
// different phase 2s, or two peers of one dial-up server, never share one: the second would take
// the first one's traffic. Peers do not get any that crosses another's either.
//
// Every change answers with the operations that bring the kernel to where it should be. What the
// kernel said to them comes back through on_answers: a policy that it refused may be somebody
// else's, and is not touched again.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ike/number_pool.hpp"
#include "ike/policy_overlap.hpp"
#include "xfrm/operation.hpp"

namespace xfrmd::ike {

/// One of a dial-up server's peers. Those behind one NAT have one address, and those that share an
/// identity have several.
struct PeerName {
    IpAddress address;  ///< where it was when it proved its identity
    Bytes identity;     ///< the data of its ID payload

    friend bool operator==(const PeerName&, const PeerName&) = default;
};

/// Whose traffic a policy leads where.
struct PolicyOwner {
    Reqid reqid;    ///< the even one
    PeerName peer;  ///< empty for a phase 2 that has one

    friend bool operator==(const PolicyOwner&, const PolicyOwner&) = default;
};

/// Where a holder wants packets to be led.
struct PolicyUse {
    PolicyOwner owner;
    Reqid reqid;      ///< of its SAs: one of its owner's two (xfrm/lookup_chain.hpp)
    IpAddress local;  ///< of the tunnel
    IpAddress remote;
    xfrm::Mode mode = xfrm::Mode::tunnel;
    std::optional<xfrm::OffloadRequest> offload;
    /// What the outbound policy pins. Unpinned, the kernel takes the newest SA by wall clock, which
    /// is wrong after the clock was set back. 0: a trap, whose packets raise ACQUIRE.
    EspSpi spi_out;
    /// There is no peer to lead to yet: outbound packets are dropped, nothing is let in.
    bool blocked = false;
    /// What it takes passes unprotected: IKE, of which a device's own policies know nothing.
    bool bypass = false;
};

/// The holder that a configured phase 2 is; Child SAs hold by their inbound SPI.
inline constexpr EspSpi standing_holder{};

/// Operations in two halves: outbound SAs are installed before the first and deleted after it.
struct PolicyChange {
    std::vector<xfrm::PolicyOperation> outbound;
    std::vector<xfrm::PolicyOperation> inbound;  ///< and forward
};

/// A policy that a request installs, and the place of its result.
struct PolicyStep {
    std::size_t place = 0;
    xfrm::Selector selector;  ///< as the policy has it
    IfId if_id;
    xfrm::Direction direction{};
    bool replace = false;

    std::string to_text() const;
};

/// What a request asks about policies, to be given to `PolicyTable::on_answers` with the results.
std::vector<PolicyStep> policy_steps(std::span<const xfrm::Operation> operations);

class PolicyTable {
  public:
    /// Policies that are looked at for one claim of a peer, before it is refused: some
    /// milliseconds. A claim for everything beside ten thousand tunnels is far below it.
    static constexpr std::size_t most_looked_at = 65536;
    /// Who else has one of these policies, so that a claim would be refused; nothing: nobody.
    std::optional<PolicyOwner> other_owner(std::span<const xfrm::Selector> selectors, IfId if_id,
                                           const PolicyOwner& owner) const;

    /// Takes a share in the policies for `selectors`, which are the outbound ones, and installs the
    /// inbound and forward ones. A holder that has its share changes its use. Refused as a whole if
    /// one of them belongs to somebody else, who is returned.
    std::expected<std::vector<xfrm::PolicyOperation>, PolicyOwner> claim(
        std::span<const xfrm::Selector> selectors, IfId if_id, EspSpi holder, const PolicyUse& use);

    /// Leads outbound packets to a holder of a share. Among Child SAs the newest that was activated
    /// counts; the standing holder counts while there is none.
    std::vector<xfrm::PolicyOperation> activate(std::span<const xfrm::Selector> selectors,
                                                IfId if_id, EspSpi holder);

    /// Like release(), for a holder whose inbound SA goes on for a while: it leads nothing any
    /// more, but as long as it is not released the inbound policy is one that its packets pass.
    PolicyChange retire(std::span<const xfrm::Selector> selectors, IfId if_id, EspSpi holder);

    /// The device has none of its policies any more, or none for this holder: they are software's
    /// again, at once. What they lead to may be gone; nothing leaves in clear text.
    std::vector<xfrm::PolicyOperation> leave_device(std::uint32_t device,
                                                    std::optional<EspSpi> holder = std::nullopt);

    /// Gives the shares back. Outbound packets are led to the Child SA that was active before, or
    /// to the newest there is, or to the standing holder's trap; policies without a holder go.
    PolicyChange release(std::span<const xfrm::Selector> selectors, IfId if_id, EspSpi holder);

    /// From now on policies that lose their last holder stay where they are, for others to take
    /// over; drop_released() deletes those that nobody took.
    void keep_released() { keeps_released_ = true; }
    std::vector<xfrm::PolicyOperation> drop_released();

    /// The kernel's results of a request; answers with what is still to be done about changes that
    /// came while it was under way.
    std::vector<xfrm::PolicyOperation> on_answers(std::span<const PolicyStep> steps,
                                                  std::span<const xfrm::OperationResult> results);

    /// A policy of ours that was there before us: whoever claims it changes it, and does not add
    /// it.
    void adopt(const xfrm::PolicyStatus& policy);
    /// Deletes what was adopted and not claimed.
    std::vector<xfrm::PolicyOperation> drop_adopted();

    /// Compares with all policies that the kernel has: what is missing or different is installed
    /// again, what bears our numbers and nobody holds is deleted.
    std::vector<xfrm::PolicyOperation> repair(std::span<const xfrm::PolicyStatus> kernel);

    std::size_t size() const { return entries_.size(); }

  private:
    using Key = PolicyKey;
    struct Holder {
        EspSpi spi_in;
        PolicyUse use;
        bool active = false;
        bool retired = false;
    };
    /// What the kernel has of one direction, as far as we know.
    enum class Kept : std::uint8_t {
        absent,     ///< nothing of ours
        asked,      ///< it was asked to add the policy and may refuse: it may be somebody else's
        overtaken,  ///< the same, and by now something else is wanted
        current,    ///< what is wanted
        outdated,   ///< ours, but not what is wanted
    };
    struct Entry {
        std::uint32_t slot = 0;       ///< 0: all are taken, the kernel chooses the index
        std::vector<Holder> holders;  ///< claimed or activated last comes last
        std::array<Kept, 3> kept{};   ///< by direction
    };
    using Entries = std::map<Key, Entry>;
    using Operations = std::vector<xfrm::PolicyOperation>;
    using Wanted = std::array<std::optional<PolicyUse>, 3>;  ///< by direction

    static std::vector<Holder>::iterator find(Entry& entry, EspSpi holder);
    PolicyChange leave(std::span<const xfrm::Selector> selectors, IfId if_id, EspSpi holder,
                       bool is_retired);
    static Holder* newest_child(Entry& entry);
    static const Holder* leader(const Entry& entry, xfrm::Direction direction);
    static std::optional<PolicyUse> wanted(const Entry& entry, xfrm::Direction direction);
    static Wanted wanted(const Entry& entry);
    static void mark_changes(Entry& entry, const Wanted& before);
    static void reconcile(const Key& key, Entry& entry, xfrm::Direction direction,
                          Operations& operations);
    void forget_unused(Entries::iterator place);
    static bool takes_from(const xfrm::Selector& selector, const PolicyOwner& owner,
                           const Entries::value_type& other);
    /// Who is robbed by a peer's claim, if anybody (policy_overlap.cpp).
    const PolicyOwner* crossed(std::span<const xfrm::Selector> selectors, IfId if_id,
                               const PolicyOwner& owner) const;
    /// The policies of the kernel that are ours by their numbers, by what they are for.
    using Place = std::pair<Key, xfrm::Direction>;
    using Kernel = std::map<Place, const xfrm::PolicyStatus*>;
    static Place place_of(const xfrm::PolicyStatus& policy);
    static void compare(const Key& key, Entry& entry, xfrm::Direction direction,
                        const Kernel& kernel, Operations& operations);

    Entries entries_;
    PrefixLengths lengths_;  ///< of the destinations of `entries_`
    std::map<Key, std::array<Kept, 3>> adopted_;
    NumberPool slots_{xfrm::policy_slots - 1};
    bool keeps_released_ = false;
};

}  // namespace xfrmd::ike
