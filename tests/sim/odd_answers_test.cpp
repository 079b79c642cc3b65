// A peer answers our requests as none of ours would: nothing of it gets into the kernel, the reason
// is told, and a good answer to the next request is all it takes.
#include "sim/collisions.hpp"
#include "sim/forgery.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using ike::Reason;
using std::chrono::minutes;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::KeyExchangeMethod;
using wire::NotifyType;
using wire::PayloadType;

namespace {

using PartsChange = std::function<void(Parts&)>;

struct OddAnswer {
    const char* what;
    PartsChange change;
    Reason reason;  ///< that west tells
};

/// Both ends with PFS of two groups in their one phase 2.
config::Phase1 with_pfs(const TunnelSpec& spec) {
    config::Phase1 phase1 = spec.phase1();
    phase1.phase2s.front().pfs = true;
    phase1.phase2s.front().key_exchanges = {KeyExchangeMethod::curve25519,
                                            KeyExchangeMethod::ecp_256};
    return phase1;
}

/// A tunnel of which all CREATE_CHILD_SA responses to west's first IKE SA are changed.
struct Misanswered : Rekeying {
    explicit Misanswered(PartsChange change, const TunnelSpec& spec = {})
        : Rekeying(1, with_pfs(spec), with_pfs(spec.mirrored())),
          tap(world.library(), west.key_logs.at(0)) {
        const IkeSpi first = west_ike_sa();
        world.filter = [this, first, change = std::move(change)](ike::Transmit& datagram) {
            const wire::Header header = header_of(datagram);
            if (header.spi_i == first && is(datagram, ExchangeType::create_child_sa, true))
                datagram.octets = changed_sealed(tap, datagram.octets, change);
            return true;
        };
    }

    std::size_t requests() const {
        return departures(world, ExchangeType::create_child_sa, false).size();
    }

    Wiretap tap;
};

PartsChange without(PayloadType type) {
    return [type](Parts& parts) { leave_out(parts, type); };
}

PartsChange with_octet(PayloadType type, std::size_t place, std::uint8_t value) {
    return [=](Parts& parts) { part(parts, type).body.at(place) = value; };
}

/// Nothing but a notify.
PartsChange only_notify(NotifyType type, Bytes data = {}) {
    return [=](Parts& parts) { parts = {notify_part(type, data)}; };
}

PartsChange only_group(KeyExchangeMethod group) {
    return only_notify(NotifyType::invalid_ke_payload,
                       {0, static_cast<std::uint8_t>(std::to_underlying(group))});
}

/// No point of the curve is 0: the secret would be known to all.
void clear_public_value(Parts& parts) {
    Bytes& body = part(parts, PayloadType::key_exchange).body;
    std::fill(body.begin() + 4, body.end(), std::uint8_t{0});
}

/// The proposal twice: a choice is one.
void repeat_proposal(Parts& parts) {
    Bytes& body = part(parts, PayloadType::security_association).body;
    const Bytes proposal = body;
    body[0] = 2;  // one more follows
    body.insert(body.end(), proposal.begin(), proposal.end());
}

/// The SPI of the only proposal, as wide as the number: 4 octets of ESP, 8 of IKE.
template <class Number>
PartsChange with_spi(Number spi) {
    static constexpr std::size_t first_spi_octet = 8;  // of the SA payload
    return [spi](Parts& parts) {
        Bytes& body = part(parts, PayloadType::security_association).body;
        store_big_endian(spi, body.data() + first_spi_octet);
    };
}

const std::vector<OddAnswer> answers_about_both{
    {"no SA", without(PayloadType::security_association), Reason::invalid_syntax},
    {"no Nonce", without(PayloadType::nonce), Reason::invalid_syntax},
    {"a public value that is none", clear_public_value, Reason::invalid_key_exchange},
    {"INVALID_KE_PAYLOAD without a group", only_notify(NotifyType::invalid_ke_payload),
     Reason::invalid_key_exchange},
    {"INVALID_KE_PAYLOAD for a group that was not offered",
     only_group(KeyExchangeMethod::modp_2048), Reason::invalid_key_exchange},
    {"INVALID_KE_PAYLOAD for the group that was sent", only_group(KeyExchangeMethod::curve25519),
     Reason::invalid_key_exchange},
};

const std::vector<OddAnswer> answers_about_child{
    {"no TSi", without(PayloadType::traffic_selectors_initiator), Reason::invalid_syntax},
    {"no TSr", without(PayloadType::traffic_selectors_responder), Reason::invalid_syntax},
    {"no KE", without(PayloadType::key_exchange), Reason::invalid_key_exchange},
    {"a KE of another group", with_octet(PayloadType::key_exchange, 1, 19),
     Reason::invalid_key_exchange},
    {"two proposals", repeat_proposal, Reason::esp_no_proposal_chosen},
    {"a reserved SPI", with_spi(std::uint32_t{255}), Reason::esp_no_proposal_chosen},
    {"selectors beyond ours at our end",
     with_octet(PayloadType::traffic_selectors_initiator, 18, 2),
     Reason::traffic_selectors_unacceptable},
    {"selectors beyond ours at its end",
     with_octet(PayloadType::traffic_selectors_responder, 18, 9),
     Reason::traffic_selectors_unacceptable},
    {"N(TS_UNACCEPTABLE)", only_notify(NotifyType::ts_unacceptable),
     Reason::traffic_selectors_unacceptable},
    {"N(NO_PROPOSAL_CHOSEN)", only_notify(NotifyType::no_proposal_chosen),
     Reason::esp_no_proposal_chosen},
    {"N(SINGLE_PAIR_REQUIRED), again and again", only_notify(NotifyType::single_pair_required),
     Reason::peer_refused},
    {"N(TEMPORARY_FAILURE)", only_notify(NotifyType::temporary_failure), Reason::peer_refused},
};

const std::vector<OddAnswer> answers_about_ike_sa{
    {"no KE", without(PayloadType::key_exchange), Reason::invalid_syntax},
    {"a KE of another group", with_octet(PayloadType::key_exchange, 1, 19),
     Reason::no_proposal_chosen},
    {"two proposals", repeat_proposal, Reason::no_proposal_chosen},
    {"the SPI 0", with_spi(std::uint64_t{0}), Reason::no_proposal_chosen},
    {"N(NO_PROPOSAL_CHOSEN)", only_notify(NotifyType::no_proposal_chosen), Reason::peer_refused},
    {"N(TEMPORARY_FAILURE)", only_notify(NotifyType::temporary_failure), Reason::peer_refused},
};

const std::vector<OddAnswer> answers_to_init{
    {"a KE of another group", with_octet(PayloadType::key_exchange, 1, 19),
     Reason::no_proposal_chosen},
    {"a public value that is none", clear_public_value, Reason::invalid_key_exchange},
    {"two proposals", repeat_proposal, Reason::no_proposal_chosen},
    {"N(INVALID_KE_PAYLOAD) without a group", only_notify(NotifyType::invalid_ke_payload),
     Reason::negotiation_timeout},
    {"N(NO_PROPOSAL_CHOSEN)", only_notify(NotifyType::no_proposal_chosen),
     Reason::no_proposal_chosen},
    {"N(INVALID_SYNTAX)", only_notify(NotifyType::invalid_syntax), Reason::peer_refused},
    {"no SA", without(PayloadType::security_association), Reason::negotiation_timeout},
    {"no KE", without(PayloadType::key_exchange), Reason::negotiation_timeout},
    {"no Nonce", without(PayloadType::nonce), Reason::negotiation_timeout},
    {"a Nonce that is too short",
     [](Parts& parts) { part(parts, PayloadType::nonce).body.resize(3); },
     Reason::negotiation_timeout},
};

const std::vector<OddAnswer> answers_to_auth{
    {"a proof of another method", with_octet(PayloadType::authentication, 0, 1),
     Reason::authentication_failed_remote},
    {"a wrong proof", with_octet(PayloadType::authentication, 4, 0),
     Reason::authentication_failed_remote},
    {"nothing", [](Parts& parts) { parts.clear(); }, Reason::invalid_syntax},
    {"N(AUTHENTICATION_FAILED)", only_notify(NotifyType::authentication_failed),
     Reason::authentication_failed_local},
    {"N(TEMPORARY_FAILURE)", only_notify(NotifyType::temporary_failure), Reason::peer_refused},
    {"two proposals", repeat_proposal, Reason::esp_no_proposal_chosen},
    {"selectors beyond ours at our end",
     with_octet(PayloadType::traffic_selectors_initiator, 18, 2),
     Reason::traffic_selectors_unacceptable},
    {"selectors beyond ours at its end",
     with_octet(PayloadType::traffic_selectors_responder, 18, 9),
     Reason::traffic_selectors_unacceptable},
};

/// West begins, and all of east's answers of one exchange are changed until the filter is gone.
void check_odd_beginning(const OddAnswer& answer, ExchangeType exchange) {
    INFO(answer.what);
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Pair pair(spec);
    pair.world.filter = [&](ike::Transmit& datagram) {
        if (!is(datagram, exchange, true)) return true;
        Wiretap tap(pair.world.library(), pair.west.key_logs.back());
        datagram.octets = changed_sealed(tap, datagram.octets, answer.change);
        return true;
    };
    if (exchange == ExchangeType::ike_sa_init)
        pair.world.filter = [&](ike::Transmit& datagram) {
            if (is(datagram, exchange, true))
                datagram.octets = changed_clear(datagram.octets, answer.change);
            return true;
        };
    pair.world.run_until([&] { return !pair.west.reasons().empty(); });
    REQUIRE_FALSE(pair.west.reasons().empty());
    CHECK(pair.west.reasons().front() == answer.reason);
    CHECK(pair.west.kernel.holds_only_standing());

    pair.world.filter = nullptr;
    pair.world.run_for(minutes(20));
    CHECK(passes_both_ways(pair));
    CHECK(to_text(check_quiet(pair.world)) == "");
}

/// What west asks for, and how that is begun.
using Begin = std::function<void(Misanswered&)>;

void check_odd_answer(const OddAnswer& answer, const Begin& begin) {
    INFO(answer.what);
    TunnelSpec spec;
    spec.auto_negotiate = true;
    Misanswered pair(answer.change, spec);
    begin(pair);
    const auto reasons_before = pair.west.reasons().size();
    pair.world.run_for(seconds(2));
    const auto reasons = pair.west.reasons();
    REQUIRE(reasons.size() > reasons_before);
    CHECK(reasons[reasons_before] == answer.reason);
    CHECK(pair.west.kernel.sas().size() <= 2);
    CHECK(pair.requests() < 10);

    pair.world.filter = nullptr;
    pair.world.run_for(minutes(20));
    CHECK(passes_both_ways(pair));
    CHECK(to_text(check_quiet(pair.world)) == "");
}

void rekey_child_of_west(Misanswered& pair) {
    pair.rekey_child(pair.west);
}

void rekey_ike_sa_of_west(Misanswered& pair) {
    pair.rekey_ike_sa(pair.west);
}

/// Its Child SA is deleted, and asked for again.
void create_child_of_west(Misanswered& pair) {
    pair.delete_child(pair.west);
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
}

}  // namespace

TEST_CASE("A17 odd answers: to IKE_SA_INIT") {
    for (const OddAnswer& answer : answers_to_init)
        check_odd_beginning(answer, ExchangeType::ike_sa_init);
}

TEST_CASE("A17 odd answers: to IKE_AUTH") {
    for (const OddAnswer& answer : answers_to_auth)
        check_odd_beginning(answer, ExchangeType::ike_auth);
}

TEST_CASE("C05 odd answers: to the rekey of a Child SA") {
    for (const auto* answers : {&answers_about_both, &answers_about_child})
        for (const OddAnswer& answer : *answers)
            check_odd_answer(answer, rekey_child_of_west);
}

TEST_CASE("C05 odd answers: to the request for a new Child SA") {
    for (const auto* answers : {&answers_about_both, &answers_about_child})
        for (const OddAnswer& answer : *answers)
            check_odd_answer(answer, create_child_of_west);
}

TEST_CASE("C05 odd answers: to the rekey of the IKE SA") {
    for (const auto* answers : {&answers_about_both, &answers_about_ike_sa})
        for (const OddAnswer& answer : *answers)
            check_odd_answer(answer, rekey_ike_sa_of_west);
}

// RFC 7296 section 1.3.1 speaks of one other group; two that are asked for in turn have no end.
TEST_CASE("C05 odd answers: INVALID_KE_PAYLOAD for one group and the other is followed twice") {
    for (const bool is_child : {true, false}) {
        INFO((is_child ? "Child SA" : "IKE SA"));
        bool other = false;
        TunnelSpec spec;
        spec.groups = {KeyExchangeMethod::curve25519, KeyExchangeMethod::ecp_256};
        Misanswered pair(
            [&other](Parts& parts) {
                other = !other;
                only_group(other ? KeyExchangeMethod::ecp_256
                                 : KeyExchangeMethod::curve25519)(parts);
            },
            spec);
        if (is_child)
            pair.rekey_child(pair.west);
        else
            pair.rekey_ike_sa(pair.west);
        pair.world.run_for(seconds(2));
        CHECK(pair.requests() == 3);
        CHECK(pair.west.reasons().back() == Reason::invalid_key_exchange);
    }
}

TEST_CASE("C05 odd answers: NO_ADDITIONAL_SAS leads to another IKE SA") {
    for (const bool is_child : {true, false}) {
        INFO((is_child ? "Child SA" : "IKE SA"));
        Misanswered pair(only_notify(NotifyType::no_additional_sas));
        const auto old = pair.west_ike_sa();
        if (is_child)
            pair.rekey_child(pair.west);
        else
            pair.rekey_ike_sa(pair.west);
        pair.world.run_for(minutes(3));
        CHECK(pair.west_ike_sa() != old);
        CHECK(pair.has_one_child());
    }
}
