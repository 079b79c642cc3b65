// Feeds a parser every truncation and every change of one octet of an example.
//
// Each input stands in a buffer of exactly its size, so that AddressSanitizer sees a read behind
// it. Whatever still parses has to be a value that the builder can write and the parser read back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "support/catch.hpp"
#include "wire/message.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::test {

template <class P>
Bytes serialized(const P& payload) {
    Bytes out;
    payload.append_to(out);
    return out;
}

/// The payload behind its generic header, alone in a chain.
template <class P>
Bytes chain_of(wire::PayloadType type, const P& payload) {
    Bytes out(1);
    wire::ChainWriter(out, 0).add(type, payload);
    out.erase(out.begin());
    return out;
}

/// Calls `visit` with every proper prefix of `valid`.
template <class Visit>
void for_each_truncation(const Bytes& valid, Visit visit) {
    for (std::size_t size = 0; size < valid.size(); ++size)
        visit(Bytes(valid.begin(), valid.begin() + static_cast<std::ptrdiff_t>(size)));
}

/// Calls `visit` with `valid` changed in one octet, 255 ways for each octet.
template <class Visit>
void for_each_changed_octet(const Bytes& valid, Visit visit) {
    Bytes changed = valid;
    for (std::uint8_t& octet : changed) {
        const std::uint8_t original = octet;
        while (++octet != original)
            visit(changed);
    }
}

/// True if the payload, written and read again, is written the same way.
template <class P, class Parse>
bool survives_round_trip(const P& payload, Parse parse) {
    // Nothing is left to write where every selector was of an unknown type.
    if constexpr (requires { payload.selectors; })
        if (payload.selectors.empty()) return payload.skipped_unknown;
    const Bytes written = serialized(payload);
    const auto again = parse(written);
    return again && serialized(*again) == written;
}

/// Sweeps the parser of one payload's body. Prefixes shorter than `shortest` have to be refused.
template <class Parse>
void sweep_body(const Bytes& valid, std::size_t shortest, Parse parse) {
    std::size_t wrongly_taken = 0;
    std::size_t unstable = 0;
    const auto examine = [&](const Bytes& octets) {
        const auto parsed = parse(octets);
        if (parsed && octets.size() < shortest) ++wrongly_taken;
        if (parsed && !survives_round_trip(*parsed, parse)) ++unstable;
    };
    REQUIRE(parse(valid));
    examine(valid);
    for_each_truncation(valid, examine);
    for_each_changed_octet(valid, examine);
    CHECK(wrongly_taken == 0);
    CHECK(unstable == 0);
}

/// Sweeps the parser of a chain. A prefix always has to be refused: lengths and links say what
/// is missing.
inline void sweep_chain(wire::PayloadType first, const Bytes& valid) {
    std::size_t wrongly_taken = 0;
    REQUIRE(wire::parse_payloads(first, valid));
    for_each_truncation(valid, [&](const Bytes& octets) {
        if (wire::parse_payloads(first, octets)) ++wrongly_taken;
    });
    for_each_changed_octet(valid, [&](const Bytes& octets) {
        const auto parsed = wire::parse_payloads(first, octets);
        if (!parsed && parsed.error().to_text().empty()) ++wrongly_taken;
    });
    CHECK(wrongly_taken == 0);
}

/// Both sweeps for a payload of type P, given as the octets of its body; `shortest` as above.
template <class P>
void sweep_payload(wire::PayloadType type, const Bytes& body, std::size_t shortest) {
    sweep_body(body, shortest, [](ByteView octets) { return P::parse(octets); });
    sweep_chain(type, chain_of(type, wire::VendorIdPayload{body}));
}

/// The refusal of a parser: its text, or "" where it was taken.
template <class Expected>
std::string refusal(const Expected& result) {
    return result ? std::string() : std::string(result.error().what);
}

}  // namespace xfrmd::test
