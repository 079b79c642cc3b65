#include "ike/peer_crowd.hpp"

#include "ike/ike_sa_table.hpp"
#include "support/catch.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;

namespace {

/// A dial-up server or a gateway with one peer, without an engine around it.
struct Server {
    explicit Server(config::GatewayType type) {
        config::Phase1 phase1;
        phase1.type = type;
        tunnel->phase1 = std::make_shared<const config::Phase1>(phase1);
        context.sas = &sas;
    }

    /// Another IKE SA of a peer, or of a new one; true if it is taken.
    bool add(const std::string& identity, const char* address) {
        ++spi;
        auto sa = std::make_unique<IkeSa>(Role::responder, IkeSpi(spi), IkeSpi(0x1000'0000 + spi),
                                          Endpoint{}, Endpoint{*IpAddress::from_text(address), 500},
                                          Established{});
        sa->tunnel = tunnel;
        sa->peer_identity = config::Identity{wire::IdType::fqdn, to_bytes(as_bytes(identity)), {}};
        tunnel->ike_sas.insert(sa->own_spi());
        IkeSa& added = sas.add(std::move(sa));
        index.add(added);
        // No suite, no DELETE: what is closed waits for a window that never gets free.
        if (!added.window.outstanding()) added.window.sent_request(one_datagram({}), {});
        return crowd.admit(added);
    }

    std::size_t living() {
        std::size_t count = 0;
        for (IkeSpi own : sas.all())
            if (sas.find(own)->is_established() && !sas.find(own)->is_closing()) ++count;
        return count;
    }

    crypto::Library library;
    SeededRandom random{1};
    EngineContext context{library, random, {}};
    IkeSaTable sas;
    PeerIndex index;
    PeerCrowd crowd{context, index};
    std::shared_ptr<Tunnel> tunnel = std::make_shared<Tunnel>();
    std::uint64_t spi = 0;
};

}  // namespace

TEST_CASE("C18 peer crowd: one peer has so many IKE SAs, and the oldest one goes") {
    Server gateway(config::GatewayType::static_);
    for (std::size_t i = 0; i < most_ike_sas_of_peer; ++i)
        CHECK(gateway.add("west", "192.0.2.1"));
    CHECK(gateway.context.unsettled.empty());
    CHECK(gateway.add("west", "192.0.2.1"));
    CHECK(gateway.living() == most_ike_sas_of_peer);
    REQUIRE(gateway.context.unsettled.size() == 1);
    CHECK(gateway.sas.find(gateway.context.unsettled[0])->spi_i == IkeSpi(1));
    CHECK(gateway.sas.find(gateway.context.unsettled[0])->is_dead());
}

TEST_CASE("C18 peer crowd: one address has so many peers of a dial-up server, others get in") {
    Server hub(config::GatewayType::dynamic);
    for (std::size_t i = 0; i < most_peers_at_address; ++i)
        CHECK(hub.add(std::to_string(i), "192.0.2.1"));
    CHECK_FALSE(hub.add("one more", "192.0.2.1"));
    CHECK(hub.add("0", "192.0.2.1"));  // one that is there
    CHECK(hub.add("one more", "192.0.2.2"));
    CHECK(hub.living() == most_peers_at_address + 2);
}

TEST_CASE("C18 peer crowd: a dial-up server has so many IKE SAs") {
    Server hub(config::GatewayType::dynamic);
    for (std::size_t i = 1; i < most_ike_sas_of_dial_up; ++i)
        hub.tunnel->ike_sas.insert(IkeSpi(0x2000'0000 + i));
    CHECK(hub.add("last", "192.0.2.1"));
    CHECK_FALSE(hub.add("one more", "192.0.2.2"));
}
