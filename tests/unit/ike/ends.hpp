// The two ends of one established IKE SA without an engine around them: what one seals the other
// opens.
#pragma once

#include <memory>

#include "crypto/protection.hpp"
#include "ike/sk_message.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

namespace xfrmd::test {

inline const crypto::IkeSuite gcm_suite{{wire::EncryptionId::aes_gcm_16, 128},
                                        wire::IntegrityId::none,
                                        wire::PrfId::hmac_sha2_256,
                                        wire::KeyExchangeMethod::curve25519};
inline const crypto::IkeSuite cbc_suite{{wire::EncryptionId::aes_cbc, 256},
                                        wire::IntegrityId::hmac_sha2_256_128,
                                        wire::PrfId::hmac_sha2_256,
                                        wire::KeyExchangeMethod::modp_2048};

/// The two ends of one established IKE SA.
struct Ends {
    explicit Ends(const crypto::IkeSuite& suite) {
        for (ike::IkeSa* sa : {&initiator, &responder}) {
            sa->suite = suite;
            sa->state = ike::Established{keys(suite)};
            sa->tunnel = std::make_shared<ike::Tunnel>();
            sa->tunnel->phase1 = std::make_shared<const config::Phase1>();
        }
        meet("192.0.2.1");
    }

    /// Both ends have a peer at this address.
    void meet(const char* address) {
        initiator.remote.address = responder.remote.address = IpAddress::from_text(address).value();
    }

    /// Both can join fragments; messages go out in datagrams of this size.
    void agree_on_fragments(std::uint16_t mtu) {
        config::Phase1 phase1;
        phase1.fragmentation_mtu = mtu;
        for (ike::IkeSa* sa : {&initiator, &responder}) {
            sa->tunnel->phase1 = std::make_shared<const config::Phase1>(phase1);
            sa->fragmentation.agreed = true;
        }
    }

    ike::Session keys(const crypto::IkeSuite& suite) const {
        const Bytes secret(32, 7);
        const Bytes nonce(32, 8);
        return {
            crypto::derive_ike_keys(library, suite, secret, {nonce, nonce, IkeSpi(11), IkeSpi(22)}),
            0};
    }

    /// A request of the initiator with one notify of `size` octets of data.
    Bytes request(std::size_t size) { return datagrams(size).at(0); }

    /// The same, if need be in fragments.
    ike::Datagrams datagrams(std::size_t size) {
        const Bytes data(size, 0x5a);
        ike::SkMessageWriter message =
            ike::SkMessageWriter::request(initiator, wire::ExchangeType::informational, context);
        wire::NotifyPayload notify;
        notify.notify_type = wire::NotifyType::cookie2;
        notify.data = data;
        message.inner().add(notify);
        return message.seal();
    }

    std::expected<ike::AuthenticMessage, ike::Unopened> open(Bytes& octets) {
        return open_message(responder, *wire::Header::parse(octets), octets, context);
    }

    /// Seals octets of a test's choice as the initiator would.
    Bytes seal(wire::PayloadType first, ByteView plain) {
        const crypto::Protection protection(library, initiator.suite.cipher,
                                            initiator.suite.integrity);
        Bytes octets;
        wire::Header header;
        header.spi_i = IkeSpi(11);
        header.spi_r = IkeSpi(22);
        header.exchange = wire::ExchangeType::informational;
        header.initiator = true;
        header.append_to(octets);
        wire::ChainWriter outer(octets, wire::Header::next_payload_at);
        const std::size_t sk = outer.begin(wire::PayloadType::encrypted);
        octets[sk] = std::to_underlying(first);
        const std::size_t body_at = octets.size();
        octets.insert(octets.end(), protection.iv_size(), 0x33);
        octets.insert(octets.end(), plain.begin(), plain.end());
        octets.insert(octets.end(), protection.icv_size(), 0);
        outer.end(sk);
        wire::finish_message(octets);
        const crypto::IkeKeys& k = initiator.session()->keys;
        REQUIRE(protection.seal({k.sk_ei.view(), k.sk_ai.view()}, octets, body_at));
        return octets;
    }

    crypto::Library library;
    test::SeededRandom random{1};
    ike::EngineContext context{library, random, {}};
    ike::IkeSa initiator{ike::Role::initiator, IkeSpi(11), IkeSpi(22), {}, {}, ike::Dead{}};
    ike::IkeSa responder{ike::Role::responder, IkeSpi(11), IkeSpi(22), {}, {}, ike::Dead{}};
};

}  // namespace xfrmd::test
