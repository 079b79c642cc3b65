#include "sim/collisions.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

#include "ike/exchanges/collision.hpp"
#include "ike/ike_sa.hpp"
#include "support/catch.hpp"

namespace xfrmd::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::ExchangeType;

/// More than any order needs: each comes in one of four plays.
constexpr std::uint64_t most_seeds = 60;

const ike::KeyLog& keys_of(const Rekeying& pair, const wire::Header& header) {
    const auto found = std::ranges::find(pair.west.key_logs, header.spi_i, &ike::KeyLog::spi_i);
    if (found == pair.west.key_logs.end()) throw std::runtime_error("west has no such keys");
    return *found;
}

Wiretap tap(const Rekeying& pair, const wire::Header& header) {
    return {pair.world.library(), keys_of(pair, header)};
}

const Letter& letter_of(Rekeying& pair, const Pick& pick) {
    const auto& letters = pair.world.in_flight();
    const auto place = pick.find(letters);
    if (!place) throw std::runtime_error("no such letter among:\n" + pair.world.in_flight_text());
    return letters[*place];
}

struct RawBody {
    Bytes body;
    void append_to(Bytes& out) const { out.insert(out.end(), body.begin(), body.end()); }
};

/// The message once more, with another body in its payload of that type.
Bytes forge(Wiretap wiretap, ByteView datagram, wire::PayloadType type, const Change& change) {
    const OpenedMessage message = wiretap.open(datagram);
    wire::Header header = message.header;
    header.next_payload = wire::PayloadType::none;
    return wiretap.seal(header, [&](wire::ChainWriter& writer) {
        wire::PayloadChain chain(message.first, message.chain);
        for (auto next = chain.next(); next && *next; next = chain.next()) {
            const wire::RawPayload& payload = **next;
            writer.add(payload.type, RawBody{payload.type == type ? change(payload.body)
                                                                  : to_bytes(payload.body)});
        }
    });
}

/// One of the two exchanges of a collision, as it was on the wire.
struct Attempt {
    Bytes nonce;            ///< the initiator's, the last one if it asked again
    Bytes answered_nonce;   ///< the responder's
    std::uint64_t spi = 0;  ///< the initiator's, of the successor
};

/// What a gateway asked for in the first IKE SA, and the answer.
Attempt attempt_of(const Rekeying& pair, const Gateway& gateway) {
    Attempt attempt;
    const ike::KeyLog& keys = pair.west.key_logs.front();
    for (const Flight& flight : pair.world.traffic) {
        const wire::Header header = header_of(flight.datagram);
        if (header.exchange != ExchangeType::create_child_sa || header.spi_i != keys.spi_i)
            continue;
        const bool is_sender = flight.datagram.local.address == gateway.address;
        if (is_sender == header.response) continue;
        const OpenedMessage message = tap(pair, header).open(flight.datagram.octets);
        if (!message.payloads.nonce) continue;
        (is_sender ? attempt.nonce : attempt.answered_nonce) =
            to_bytes(message.payloads.nonce->data);
        if (!is_sender) continue;
        const wire::Proposal& proposal = message.payloads.sa->proposals.front();
        attempt.spi = proposal.protocol == wire::ProtocolId::ike ? proposal.ike_spi()->value()
                                                                 : proposal.esp_spi()->value();
    }
    return attempt;
}

/// Which of the four nonces is the lowest: a's, b's, the answer to a, the answer to b.
std::size_t lowest(const Attempt& a, const Attempt& b) {
    const std::array nonces{ByteView(a.nonce), ByteView(b.nonce), ByteView(a.answered_nonce),
                            ByteView(b.answered_nonce)};
    const auto found = std::ranges::min_element(nonces, ike::is_lower_nonce);
    return static_cast<std::size_t>(found - nonces.begin());
}

bool is_there(const Gateway& gateway, std::uint64_t spi) {
    for (const ike::IkeSaOverview& sa : gateway.engine().overview().ike_sas) {
        if ((sa.role == ike::Role::initiator ? sa.spi_i : sa.spi_r).value() == spi) return true;
        for (const ike::ChildOverview& child : sa.children)
            if (child.spi_in.value() == spi) return true;
    }
    return false;
}

config::Phase1 with_groups(const TunnelSpec& spec,
                           const std::vector<wire::KeyExchangeMethod>& groups) {
    config::Phase1 phase1 = spec.phase1();
    phase1.phase2s.front().pfs = !groups.empty();
    phase1.phase2s.front().key_exchanges = groups;
    return phase1;
}

void settle(Rekeying& pair) {
    pair.world.release_all();
    pair.world.run_for(seconds(10));
    pair.stop_pings();
    pair.world.run_for(seconds(110));
}

void expect_stop(Rekeying& pair) {
    for (Gateway* gateway : {&pair.west, &pair.east})
        gateway->handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(seconds(5));
    for (const Gateway* gateway : {&pair.west, &pair.east}) {
        CHECK(to_text(check_stopped(*gateway)) == "");
        CHECK(to_text(check_empty(*gateway)) == "");
    }
}

/// Letters are held from now on. Packets run both ways if there is to be a Child SA in the end:
/// else they would ask for another one.
void cross(Rekeying& pair, const Crossing& crossing, bool west_is_a, End end) {
    if (end == End::one_child || end == End::one_child_after_loss) pair.ping();
    pair.world.hold();
    crossing(pair, west_is_a ? pair.west : pair.east, west_is_a ? pair.east : pair.west);
}

Rekeying make_pair(std::uint64_t seed, const Groups& groups, bool west_is_a) {
    TunnelSpec spec;
    spec.groups = {wire::KeyExchangeMethod::curve25519, wire::KeyExchangeMethod::ecp_256};
    return {seed, with_groups(spec, west_is_a ? groups.a : groups.b),
            with_groups(spec.mirrored(), west_is_a ? groups.b : groups.a)};
}

}  // namespace

void step(Rekeying& pair, const Pick& letter) {
    INFO("in flight:\n" << pair.world.in_flight_text());
    REQUIRE(pair.world.deliver(letter));
    pair.world.run_for(milliseconds(20));
}

void step_through(Rekeying& pair) {
    while (!pair.world.in_flight().empty())
        step(pair, Pick());
}

void lose(Rekeying& pair, const Pick& letter) {
    INFO("in flight:\n" << pair.world.in_flight_text());
    REQUIRE(pair.world.drop(letter));
}

void step_forged(Rekeying& pair, const Pick& letter, wire::PayloadType type, const Change& change) {
    const Letter& meant = letter_of(pair, letter);
    Gateway& to = meant.to == &pair.west ? pair.west : pair.east;
    Bytes octets = forge(tap(pair, meant.header()), meant.datagram.octets, type, change);
    lose(pair, letter);
    give(pair, to, std::move(octets));
    pair.world.run_for(milliseconds(20));
}

void step_with_another_group(Rekeying& pair, const Pick& letter) {
    const auto without_sent = [&](ByteView body) {
        wire::SaPayload offer = wire::SaPayload::parse(body).value();
        constexpr auto sent = std::to_underlying(wire::KeyExchangeMethod::curve25519);
        for (wire::Proposal& proposal : offer.proposals)
            std::erase_if(proposal.transforms, [](const wire::Transform& transform) {
                return transform.type == wire::TransformType::key_exchange && transform.id == sent;
            });
        Bytes changed;
        offer.append_to(changed);
        return changed;
    };
    step_forged(pair, letter, wire::PayloadType::security_association, without_sent);
}

std::vector<wire::NotifyType> notifies_in(Rekeying& pair, const Pick& letter) {
    const Letter& meant = letter_of(pair, letter);
    return notify_types(tap(pair, meant.header()).open(meant.datagram.octets));
}

std::size_t count_children(const Gateway& gateway) {
    std::size_t count = 0;
    for (const ike::IkeSaOverview& sa : gateway.engine().overview().ike_sas)
        count += sa.children.size();
    return count;
}

bool wins(const Rekeying& pair, const Gateway& gateway, const Gateway& other) {
    return lowest(attempt_of(pair, gateway), attempt_of(pair, other)) % 2 == 1;
}

void expect(Rekeying& pair, End end) {
    settle(pair);
    const std::size_t ike_sas = end == End::nothing ? 0 : 1;
    switch (end) {
        case End::one_child: CHECK(pair.lost() == 0); [[fallthrough]];
        case End::one_child_after_loss: CHECK(pair.has_one_child()); break;
        case End::no_child:
        case End::nothing:
            for (const Gateway* gateway : {&pair.west, &pair.east}) {
                CHECK(gateway->engine().overview().ike_sas.size() == ike_sas);
                CHECK(count_children(*gateway) == 0);
                CHECK(gateway->kernel.sas().empty());
            }
            break;
    }
    CHECK(to_text(check_quiet(pair.world)) == "");
}

void in_both_roles(End end, const Crossing& crossing, const Groups& groups) {
    for (const bool west_is_a : {true, false}) {
        INFO("a is " << (west_is_a ? "west, the IKE SA's initiator" : "east, its responder"));
        Rekeying pair(make_pair(1, groups, west_is_a));
        cross(pair, crossing, west_is_a, end);
        expect(pair, end);
        expect_stop(pair);
    }
}

void in_all_nonce_orders(End end, const Crossing& crossing, const Groups& groups) {
    for (const bool west_is_a : {true, false}) {
        std::set<std::size_t> seen;
        for (std::uint64_t seed = 1; seed <= most_seeds && seen.size() < 4; ++seed) {
            INFO("seed " << seed << ", a is " << (west_is_a ? "west" : "east"));
            Rekeying pair(make_pair(seed, groups, west_is_a));
            Gateway& a = west_is_a ? pair.west : pair.east;
            Gateway& b = west_is_a ? pair.east : pair.west;
            cross(pair, crossing, west_is_a, end);
            const Attempt of_a = attempt_of(pair, a);
            const Attempt of_b = attempt_of(pair, b);
            const std::size_t order = lowest(of_a, of_b);
            seen.insert(order);
            const bool a_wins = order % 2 == 1;
            INFO("the lowest nonce is number " << order);
            expect(pair, end);
            // After a loss the packets themselves may have asked for another one.
            if (end != End::one_child_after_loss) {
                CHECK(is_there(a, of_a.spi) == (end == End::one_child && a_wins));
                CHECK(is_there(b, of_b.spi) == (end == End::one_child && !a_wins));
            }
            expect_stop(pair);
        }
        CHECK(seen.size() == 4);
    }
}

}  // namespace xfrmd::test
