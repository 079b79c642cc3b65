#include "ike/open_fragment.hpp"

#include <algorithm>
#include <memory>

#include "ike/fragmentation.hpp"
#include "ike/reassembly.hpp"
#include "ike/sealing.hpp"

namespace xfrmd::ike {
namespace {

using Verdict = Reassembly::Verdict;

std::unique_ptr<Reassembly>& place_of(IkeSa& sa, const wire::Header& header) {
    return header.response ? sa.response_fragments : sa.request_fragments;
}

/// Cheap, for whoever can send datagrams can make us do it.
bool is_worth_opening(const IkeSa& sa, const Reassembly* kept, const ReceivedFragment& fragment) {
    return sa.fragmentation.agreed && fragment.payload.total <= Reassembly::max_fragments &&
           (kept == nullptr ||
            kept->judge(fragment.header.message_id, fragment.payload) != Verdict::surplus);
}

std::optional<ByteView> open_part(IkeSa& sa, const ReceivedFragment& fragment,
                                  EngineContext& context) {
    const std::size_t body_at = fragment.octets.size() - fragment.payload.body.size();
    const auto padded = unseal(sa, other(sa.role), fragment.octets, body_at, context);
    if (!padded) return std::nullopt;
    const auto plain = without_padding(*padded, wire::PayloadType::encrypted_fragment);
    if (!plain) return std::nullopt;
    return *plain;
}

std::unique_ptr<Reassembly> begin(const IkeSa& sa, const ReceivedFragment& fragment,
                                  EngineContext& context) {
    const bool half_open = sa.is_half_open();
    return std::make_unique<Reassembly>(
        ReassemblyTerms{fragment.header.message_id, fragment.payload.total, context.now.boottime,
                        half_open ? Reassembly::max_half_open_octets : Reassembly::max_octets,
                        half_open ? &context.half_open_fragments : nullptr});
}

void arm_timer(const IkeSa& sa, EngineContext& context) {
    std::optional<Instant> next;
    for (const Reassembly* kept : {sa.request_fragments.get(), sa.response_fragments.get()})
        if (kept != nullptr) next = std::min(next.value_or(kept->over_at()), kept->over_at());
    const TimerKey key{Timer::reassembly, sa.own_spi().value()};
    if (next)
        context.timers.arm(key, *next);
    else
        context.timers.cancel(key);
}

/// All are there: one message, as if it had come in one datagram.
AuthenticMessage complete(IkeSa& sa, const ReceivedFragment& last, const Reassembly& kept) {
    Reassembly::Whole whole = kept.join();
    last.octets = std::move(whole.payloads);
    if (last.payload.total > 1) fragmentation::on_fragments_of_peer(sa, whole.first_size);
    return {whole.first_fingerprint, wire::parse_inner_payloads(whole.first, last.octets)};
}

}  // namespace

std::expected<AuthenticMessage, Unopened> open_fragment(IkeSa& sa, const ReceivedFragment& fragment,
                                                        EngineContext& context) {
    std::unique_ptr<Reassembly>& kept = place_of(sa, fragment.header);
    if (!is_worth_opening(sa, kept.get(), fragment)) return std::unexpected(Unopened::refused);
    const std::uint64_t fingerprint = MessageWindow::fingerprint(fragment.octets);
    const std::size_t size = fragment.octets.size();
    const auto plain = open_part(sa, fragment, context);
    if (!plain) return std::unexpected(Unopened::refused);

    const auto& [first_inner, number, total, body] = fragment.payload;
    if (!kept || kept->judge(fragment.header.message_id, fragment.payload) == Verdict::anew)
        kept = begin(sa, fragment, context);
    const bool has_room = kept->keep({number, first_inner, *plain, fingerprint, size});
    std::expected<AuthenticMessage, Unopened> result =
        std::unexpected(has_room ? Unopened::incomplete : Unopened::refused);
    if (has_room && kept->is_complete()) result = complete(sa, fragment, *kept);
    if (!has_room || kept->is_complete()) kept.reset();
    arm_timer(sa, context);
    return result;
}

bool is_authentic_first_fragment(IkeSa& sa, const wire::Header& header, Bytes& octets,
                                 EngineContext& context) {
    if (!sa.fragmentation.agreed || sa.session() == nullptr) return false;
    const auto outer =
        wire::parse_payloads(header.next_payload, ByteView(octets).subspan(wire::Header::size));
    if (!outer || !outer->encrypted_fragment || outer->encrypted_fragment->number != 1)
        return false;
    return open_part(sa, {header, *outer->encrypted_fragment, octets}, context).has_value();
}

void on_reassembly_timer(IkeSa& sa, EngineContext& context) {
    for (std::unique_ptr<Reassembly>* kept : {&sa.request_fragments, &sa.response_fragments})
        if (*kept && (*kept)->is_over(context.now.boottime)) kept->reset();
    arm_timer(sa, context);
}

}  // namespace xfrmd::ike
