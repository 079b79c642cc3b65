// A peer that is authenticated asks for SAs as none of ours would: it hears what is wrong, gets
// nothing, and what stands goes on unless the ends are out of step (RFC 7296 section 2.21.3).
#include "sim/forgery.hpp"
#include "sim/rekeying.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using wire::KeyExchangeMethod;
using wire::NotifyType;
using wire::PayloadType;

namespace {

struct OddRequest {
    const char* what;
    std::function<void(Parts&)> change;
    NotifyType answer;
};

/// The octet of a payload's body.
std::function<void(Parts&)> octet_changed(PayloadType type, std::size_t place, std::uint8_t value) {
    return [=](Parts& parts) { part(parts, type).body.at(place) = value; };
}

std::function<void(Parts&)> left_out(PayloadType type) {
    return [=](Parts& parts) { leave_out(parts, type); };
}

void make_public_value_zero(Parts& parts) {
    Bytes& body = part(parts, PayloadType::key_exchange).body;
    std::fill(body.begin() + 4, body.end(), std::uint8_t{0});
}

constexpr std::size_t spi_at = 8;  // in the SA payload

std::function<void(Parts&)> spi_changed(std::size_t size, std::uint8_t last) {
    return [=](Parts& parts) {
        Bytes& body = part(parts, PayloadType::security_association).body;
        std::fill_n(body.begin() + spi_at, size, std::uint8_t{0});
        body.at(spi_at + size - 1) = last;
    };
}

const std::vector<OddRequest> requests_for_child{
    {"no Nonce", left_out(PayloadType::nonce), NotifyType::invalid_syntax},
    {"no TSi", left_out(PayloadType::traffic_selectors_initiator), NotifyType::invalid_syntax},
    {"no TSr", left_out(PayloadType::traffic_selectors_responder), NotifyType::invalid_syntax},
    {"no KE", left_out(PayloadType::key_exchange), NotifyType::invalid_ke_payload},
    {"a KE of a group that was not offered", octet_changed(PayloadType::key_exchange, 1, 20),
     NotifyType::invalid_ke_payload},
    {"a public value that is none", make_public_value_zero, NotifyType::invalid_syntax},
    {"a reserved SPI", spi_changed(4, 255), NotifyType::no_proposal_chosen},
};

const std::vector<OddRequest> requests_for_ike_sa{
    {"no KE", left_out(PayloadType::key_exchange), NotifyType::invalid_syntax},
    {"no Nonce", left_out(PayloadType::nonce), NotifyType::invalid_syntax},
    {"the SPI 0", spi_changed(8, 0), NotifyType::invalid_syntax},
    {"a cipher that nobody knows",
     octet_changed(PayloadType::security_association, spi_at + 8 + 7, 99),
     NotifyType::no_proposal_chosen},
    {"a KE of a group that was not offered", octet_changed(PayloadType::key_exchange, 1, 20),
     NotifyType::invalid_ke_payload},
    {"a public value that is none", make_public_value_zero, NotifyType::invalid_syntax},
};

config::Phase1 with_group(config::Phase1 phase1) {
    phase1.phase2s.front().pfs = true;
    phase1.phase2s.front().key_exchanges = {KeyExchangeMethod::curve25519};
    return phase1;
}

/// West asks for a successor, and another request than its own arrives.
void check_odd_request(const OddRequest& odd, bool for_child) {
    INFO(odd.what);
    const TunnelSpec spec;
    Rekeying pair(1, with_group(spec.phase1()), with_group(spec.mirrored().phase1()));
    if (for_child)
        pair.rekey_child(pair.west);
    else
        pair.rekey_ike_sa(pair.west);
    const Bytes request = take_sent(pair.west).at(0);
    Wiretap tap(pair.world.library(), pair.west.key_logs.at(0));
    give(pair, pair.east, changed_sealed(tap, request, odd.change));
    const auto sent = take_sent(pair.east);
    REQUIRE(sent.size() == 1);
    CHECK(notify_types(tap.open(sent[0])) == std::vector{odd.answer});
    CHECK(pair.east.engine().overview().ike_sas.size() <= 1);
    CHECK(pair.east.kernel.count_sas(xfrm::Direction::in) <= 1);
    const bool is_out_of_step = for_child && odd.answer == NotifyType::invalid_syntax &&
                                std::string_view(odd.what).starts_with("no ");
    CHECK(pair.east.engine().established_count() == (is_out_of_step ? 0U : 1U));
}

}  // namespace

TEST_CASE("A17 odd requests: for a successor of a Child SA") {
    for (const OddRequest& odd : requests_for_child)
        check_odd_request(odd, true);
}

TEST_CASE("A17 odd requests: for a successor of the IKE SA") {
    for (const OddRequest& odd : requests_for_ike_sa)
        check_odd_request(odd, false);
}
