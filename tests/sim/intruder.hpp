// A peer that is authenticated and means harm: messages of its own making under its keys.
#pragma once

#include <optional>

#include "sim/forgery.hpp"
#include "support/catch.hpp"

namespace xfrmd::test {

/// A tunnel that is up, and the keys to speak for west.
struct Intruder {
    explicit Intruder(const TunnelSpec& spec = {})
        : Intruder(spec.phase1(), spec.mirrored().phase1()) {}
    Intruder(const config::Phase1& west, const config::Phase1& east) : pair(west, east) {
        REQUIRE(pair.connect());
        tap.emplace(pair.world.library(), pair.west.key_logs[0]);
    }

    /// West's next request; what east answers to it, if anything.
    std::optional<OpenedMessage> ask(wire::ExchangeType exchange, const Parts& parts) {
        give(pair, pair.east, sealed_message(*tap, tap->request(exchange, id++, true), parts));
        const auto sent = take_sent(pair.east);
        REQUIRE(sent.size() <= 1);
        if (sent.empty()) {
            --id;
            return std::nullopt;
        }
        return tap->open(sent[0]);
    }

    /// The first notify that east answers with.
    wire::NotifyType notify_to(wire::ExchangeType exchange, const Parts& parts) {
        const auto answer = ask(exchange, parts);
        if (!answer || answer->payloads.notifies.empty()) return wire::NotifyType{};
        return answer->payloads.notifies[0].notify_type;
    }

    /// A good CREATE_CHILD_SA request for the same traffic once more, with an SPI of its own.
    Parts child_request(std::uint32_t spi) {
        const OpenedMessage auth = tap->open(pair.world.traffic[2].datagram.octets);
        Parts parts;
        for (Part& one : parts_of(auth))
            if (one.type == wire::PayloadType::security_association ||
                one.type == wire::PayloadType::traffic_selectors_initiator ||
                one.type == wire::PayloadType::traffic_selectors_responder)
                parts.push_back(std::move(one));
        Bytes& sa = part(parts, wire::PayloadType::security_association).body;
        store_big_endian(spi, sa.data() + 8);  // of the first proposal
        parts.push_back({wire::PayloadType::nonce, Bytes(32, static_cast<std::uint8_t>(spi))});
        return parts;
    }

    EspSpi west_spi() { return pair.east.engine().overview().ike_sas.at(0).children.at(0).spi_out; }
    std::size_t children() { return pair.east.engine().overview().ike_sas.at(0).children.size(); }
    bool is_unharmed() {
        return pair.east.engine().established_count() == 1 && passes_both_ways(pair);
    }

    Pair pair;
    std::optional<Wiretap> tap;
    std::uint32_t id = 2;
};

inline Bytes spi_octets(EspSpi spi) {
    Bytes octets(4);
    store_big_endian(spi.value(), octets.data());
    return octets;
}

inline Part rekey_notify(std::uint8_t protocol, const Bytes& spi) {
    Bytes body{protocol, static_cast<std::uint8_t>(spi.size()), 0x40, 0x09};  // REKEY_SA, 16393
    body.insert(body.end(), spi.begin(), spi.end());
    return {wire::PayloadType::notify, body};
}

inline Part deletion(std::uint8_t protocol, const std::vector<EspSpi>& spis) {
    Bytes body{protocol, static_cast<std::uint8_t>(protocol == 1 ? 0 : 4), 0,
               static_cast<std::uint8_t>(spis.size())};
    for (EspSpi spi : spis) {
        const Bytes octets = spi_octets(spi);
        body.insert(body.end(), octets.begin(), octets.end());
    }
    return {wire::PayloadType::delete_, body};
}

}  // namespace xfrmd::test
