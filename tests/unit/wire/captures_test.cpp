// Messages of other implementations. The captures are third-party data and not part of the source;
// they are read when present (see vectors_directory).
#include <string>

#include "support/capture_file.hpp"
#include "support/catch.hpp"
#include "unit/wire/mutations.hpp"
#include "wire/header.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace xfrmd::wire;

namespace {

struct Capture {
    std::string name;
    std::vector<CapturedDatagram> datagrams;
};

std::vector<Capture> captures() {
    std::vector<Capture> found;
    if (const auto directory = vectors_directory())
        for (const auto& file : captures_below(*directory))
            found.push_back({file.filename().string(), read_capture(file)});
    if (found.empty()) WARN("no third-party captures here; nothing was compared");
    return found;
}

template <class P>
Bytes rewritten(const std::expected<P, ParseError>& payload) {
    return payload ? serialized(*payload) : Bytes{};
}

/// What our builder makes of a payload that our parser read.
Bytes rewritten(const RawPayload& raw) {
    switch (raw.type) {
        case PayloadType::security_association: return rewritten(SaPayload::parse(raw.body));
        case PayloadType::key_exchange: return rewritten(KeyExchangePayload::parse(raw.body));
        case PayloadType::nonce: return rewritten(NoncePayload::parse(raw.body));
        case PayloadType::notify: return rewritten(NotifyPayload::parse(raw.body));
        case PayloadType::vendor_id: return rewritten(VendorIdPayload::parse(raw.body));
        case PayloadType::certificate_request:
            return rewritten(CertRequestPayload::parse(raw.body));
        case PayloadType::encrypted: return rewritten(EncryptedPayload::parse(raw.next, raw.body));
        default: return {};
    }
}

}  // namespace

TEST_CASE("captures: headers and outer chains parse, payloads are rewritten to equal octets") {
    std::size_t rewritten_payloads = 0;
    for (const Capture& capture : captures()) {
        INFO(capture.name);
        CHECK_FALSE(capture.datagrams.empty());
        for (const CapturedDatagram& datagram : capture.datagrams) {
            const auto header = Header::parse(datagram.payload);
            REQUIRE(header);
            CHECK(rewritten(header) ==
                  Bytes(datagram.payload.begin(), datagram.payload.begin() + Header::size));
            const ByteView octets = ByteView(datagram.payload).subspan(Header::size);
            REQUIRE(parse_payloads(header->next_payload, octets));

            PayloadChain chain(header->next_payload, octets);
            for (auto raw = chain.next(); raw && *raw; raw = chain.next(), ++rewritten_payloads) {
                INFO(to_text((*raw)->type));
                CHECK(rewritten(**raw) == to_bytes((*raw)->body));
            }
        }
    }
    if (vectors_directory()) CHECK(rewritten_payloads > 0);
}

TEST_CASE("captures: each IKE_SA_INIT brings SA, KE and nonce, each later message SK") {
    for (const Capture& capture : captures()) {
        INFO(capture.name);
        for (const CapturedDatagram& datagram : capture.datagrams) {
            const auto header = Header::parse(datagram.payload);
            REQUIRE(header);
            const auto payloads = parse_payloads(header->next_payload,
                                                 ByteView(datagram.payload).subspan(Header::size));
            REQUIRE(payloads);
            const bool is_first = header->exchange == ExchangeType::ike_sa_init;
            CHECK(payloads->sa.has_value() == is_first);
            CHECK(payloads->ke.has_value() == is_first);
            CHECK(payloads->nonce.has_value() == is_first);
            CHECK(payloads->encrypted.has_value() == !is_first);
            if (is_first) CHECK(header->message_id == MessageId(0));
        }
    }
}

TEST_CASE("captures: every truncation of a third-party message is refused") {
    for (const Capture& capture : captures()) {
        for (const CapturedDatagram& datagram : capture.datagrams) {
            std::size_t wrongly_taken = 0;
            for_each_truncation(datagram.payload, [&](const Bytes& octets) {
                wrongly_taken += Header::parse(octets).has_value();
                if (octets.size() < Header::size) return;
                const PayloadType first{octets[Header::next_payload_at]};
                wrongly_taken +=
                    parse_payloads(first, ByteView(octets).subspan(Header::size)).has_value();
            });
            CHECK(wrongly_taken == 0);
        }
    }
}
