#include "ike/reassembly.hpp"

#include "base/assert.hpp"

namespace xfrmd::ike {

bool FragmentBudget::take(std::size_t octets) {
    if (octets > most_octets - held_) return false;
    held_ += octets;
    return true;
}

Reassembly::Reassembly(const ReassemblyTerms& terms) : terms_(terms), parts_(terms.total) {
    XFRMD_ASSERT(terms.total >= 1 && terms.total <= max_fragments);
}

Reassembly::~Reassembly() {
    if (terms_.budget != nullptr) terms_.budget->give_back(octets_);
}

Reassembly::Verdict Reassembly::judge(MessageId id,
                                      const wire::EncryptedFragmentPayload& fragment) const {
    if (id != terms_.id || fragment.total > terms_.total) return Verdict::anew;
    if (fragment.total < terms_.total || parts_[fragment.number - 1U].filled)
        return Verdict::surplus;
    return Verdict::wanted;
}

bool Reassembly::keep(const Authentic& fragment) {
    const std::size_t size = fragment.plain.size();
    if (size > terms_.most_octets - octets_) return false;
    if (terms_.budget != nullptr && !terms_.budget->take(size)) return false;
    parts_[fragment.number - 1U] = {true, to_bytes(fragment.plain)};
    octets_ += size;
    ++kept_;
    if (fragment.number == 1) {
        first_ = fragment.first_inner;
        first_fingerprint_ = fragment.datagram_fingerprint;
        first_size_ = fragment.datagram_size;
    }
    return true;
}

Reassembly::Whole Reassembly::join() const {
    XFRMD_ASSERT(is_complete());
    Whole whole{first_, {}, first_fingerprint_, first_size_};
    whole.payloads.reserve(octets_);
    for (const Place& place : parts_)
        ByteWriter(whole.payloads).bytes(place.plain);
    return whole;
}

}  // namespace xfrmd::ike
