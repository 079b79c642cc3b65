// Any datagram as an IKE message, and its payloads as the inside of a protected one. What was read
// is written, read and written again: both must be the same octets.
#include "fuzz/action_reader.hpp"
#include "fuzz/payload_writer.hpp"
#include "fuzz/target.hpp"
#include "wire/header.hpp"

using namespace xfrmd;
using test::expect;

namespace {

Bytes written(const wire::Header& header, const wire::Payloads& payloads) {
    wire::Header first = header;
    first.next_payload = wire::PayloadType::none;
    Bytes octets;
    first.append_to(octets);
    wire::ChainWriter chain(octets, wire::Header::next_payload_at);
    test::write(chain, payloads);
    wire::finish_message(octets);
    return octets;
}

void check_round_trip(const wire::Header& header, const wire::Payloads& payloads) {
    const Bytes once = written(header, payloads);
    const auto again = wire::Header::parse(once);
    expect(again.has_value(), "a header that was written is not read");
    const auto read =
        wire::parse_payloads(again->next_payload, ByteView(once).subspan(wire::Header::size));
    expect(read.has_value(), "payloads that were written are not read");
    expect(written(*again, *read) == once, "what was read is written in another way");
}

void read_chain(const wire::Header& header, ByteView chain) {
    if (const auto payloads = wire::parse_payloads(header.next_payload, chain))
        check_round_trip(header, *payloads);
    const auto inner = wire::parse_inner_payloads(header.next_payload, chain);
    expect(!inner || (!inner->encrypted && !inner->encrypted_fragment), "SK inside of SK");
    if (!inner) expect(!inner.error().to_text().empty(), "an error without words");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes octets = to_bytes({data, size});
    // Nobody guesses the length: the fuzzer need not either.
    if (size >= wire::Header::size) wire::finish_message(octets);
    const auto header = wire::Header::parse(octets);
    if (header) read_chain(*header, ByteView(octets).subspan(wire::Header::size));
    return 0;
}
