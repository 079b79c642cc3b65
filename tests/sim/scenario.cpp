#include "sim/scenario.hpp"

#include <algorithm>

#include "xfrm/lookup_chain.hpp"

namespace xfrmd::test {
namespace {

using wire::EncryptionId;
using wire::IntegrityId;
using wire::KeyExchangeMethod;
using wire::PrfId;

NamedSuite suite(const char* name, crypto::Cipher cipher, IntegrityId integrity, PrfId prf,
                 KeyExchangeMethod group) {
    NamedSuite named{name, {}};
    named.spec.ike = {{cipher, integrity, prf}};
    named.spec.groups = {group};
    named.spec.esp = {{cipher, integrity}};
    return named;
}

}  // namespace

std::vector<NamedSuite> four_suites() {
    return {suite("aes128gcm-prfsha256/31", {EncryptionId::aes_gcm_16, 128}, IntegrityId::none,
                  PrfId::hmac_sha2_256, KeyExchangeMethod::curve25519),
            suite("aes256-sha256/14", {EncryptionId::aes_cbc, 256}, IntegrityId::hmac_sha2_256_128,
                  PrfId::hmac_sha2_256, KeyExchangeMethod::modp_2048),
            suite("chacha20poly1305-prfsha256/20", {EncryptionId::chacha20_poly1305, 256},
                  IntegrityId::none, PrfId::hmac_sha2_256, KeyExchangeMethod::ecp_384),
            suite("aes256gcm-prfsha384/21", {EncryptionId::aes_gcm_16, 256}, IntegrityId::none,
                  PrfId::hmac_sha2_384, KeyExchangeMethod::ecp_521)};
}

config::Phase1 with_phase2s(const TunnelSpec& spec, int count) {
    config::Phase1 phase1 = spec.phase1();
    const config::Phase2 first = phase1.phase2s.front();
    for (int i = 1; i < count; ++i) {
        const auto third = "." + std::to_string(i) + ".0/24";
        phase1.phase2s.push_back(first);
        config::Phase2& phase2 = phase1.phase2s.back();
        phase2.name += "-" + std::to_string(i);
        phase2.selectors.local = {Subnet::from_text("10.1" + third).value().range()};
        phase2.selectors.remote = {Subnet::from_text("10.2" + third).value().range()};
    }
    return phase1;
}

config::Phase1 mirrored(config::Phase1 west, const TunnelSpec& spec) {
    west.remote_gateway = address(spec.local);
    for (config::Phase2& phase2 : west.phase2s)
        std::swap(phase2.selectors.local, phase2.selectors.remote);
    return west;
}

xfrm::Acquire acquire(std::uint32_t nth, std::uint32_t sequence) {
    xfrm::Acquire made;
    made.sequence = sequence;
    made.reqid = xfrm::reqid_of_pair(nth);
    made.flow.source = Subnet::from_text("10.1.0.5/32").value();
    made.flow.destination = Subnet::from_text("10.2.0.9/32").value();
    made.flow.protocol = 17;
    made.source = address("192.0.2.1");
    made.destination = address("192.0.2.2");
    return made;
}

std::vector<Duration> new_calls(const World& world, const Gateway& from, Instant start) {
    std::vector<Duration> times;
    std::vector<IkeSpi> seen;
    for (const Flight& flight : world.traffic) {
        const IkeSpi spi = header_of(flight.datagram).spi_i;
        if (!is(flight.datagram, wire::ExchangeType::ike_sa_init, false) ||
            flight.datagram.local.address != from.address ||
            std::ranges::find(seen, spi) != seen.end())
            continue;
        seen.push_back(spi);
        times.push_back(flight.arrives - start);
    }
    return times;
}

std::vector<Bytes> take_sent(Gateway& gateway) {
    std::vector<Bytes> octets;
    while (!gateway.sent.empty()) {
        octets.push_back(std::move(gateway.sent.front().octets));
        gateway.sent.pop_front();
    }
    return octets;
}

wire::Header header_of(const ike::Transmit& datagram) {
    return wire::Header::parse(datagram.octets).value_or(wire::Header{});
}

bool is(const ike::Transmit& datagram, wire::ExchangeType exchange, bool response) {
    const wire::Header header = header_of(datagram);
    return header.exchange == exchange && header.response == response;
}

void give(Pair& pair, Gateway& to, Bytes octets) {
    const Endpoint west{*IpAddress::from_text("192.0.2.1"), 500};
    const Endpoint east{*IpAddress::from_text("192.0.2.2"), 500};
    const bool to_west = &to == &pair.west;
    to.handle(
        ike::DatagramReceived{to_west ? west : east, to_west ? east : west, std::move(octets)},
        pair.world.now());
}

std::vector<Duration> departures(const World& world, wire::ExchangeType exchange, bool response) {
    std::vector<Duration> times;
    std::optional<Instant> first;
    for (const Flight& flight : world.traffic) {
        if (!is(flight.datagram, exchange, response)) continue;
        if (!first) first = flight.arrives;
        times.push_back(flight.arrives - *first);
    }
    return times;
}

bool passes_both_ways(Pair& pair) {
    return would_pass(pair.west.kernel, IfId{}, pair.east.kernel, there) &&
           would_pass(pair.east.kernel, IfId{}, pair.west.kernel, back);
}

bool nothing_is_left(Pair& pair) {
    return std::ranges::all_of(std::array{&pair.west, &pair.east}, [](Gateway* gateway) {
        return gateway->kernel.holds_only_standing() &&
               gateway->engine().established_count() == 0 &&
               gateway->engine().half_open_count() == 0;
    });
}

std::string message_of(const Gateway& gateway, ike::Reason reason) {
    const auto found =
        std::ranges::find(gateway.events, std::optional(reason), &ike::Event::reason);
    return found == gateway.events.end() ? "" : found->message;
}

}  // namespace xfrmd::test
