// Explain names the first broken link: each fault is produced between two gateways in virtual time,
// and the code that an administrator reads is compared.
#include "control/explain.hpp"

#include <cerrno>
#include <functional>

#include "control/diagnosis.hpp"
#include "sim/scenario.hpp"
#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using control::Verdict;
using ChainLink = ike::Link;
using ike::Reason;
using std::chrono::seconds;
using wire::ExchangeType;
using wire::NotifyType;

namespace {

/// A pair of gateways with one thing wrong.
struct Broken {
    TunnelSpec spec{};
    config::Phase1 west{}, east{};
    explicit Broken(bool auto_negotiate = false) {
        spec.auto_negotiate = auto_negotiate;
        west = spec.phase1();
        east = spec.mirrored().phase1();
    }
    std::unique_ptr<Pair> pair() const { return std::make_unique<Pair>(west, east); }
};

using Pairs = std::unique_ptr<Pair>;

control::Explanation explain(Pair& pair, Gateway& gateway, const char* name = "tunnel") {
    gateway.handle(ike::CommandReadCounters{name}, pair.world.now());
    const auto tunnel = gateway.engine().tunnel(name);
    REQUIRE(tunnel);
    REQUIRE_FALSE(tunnel->phase2s.empty());
    return control::explain(*tunnel, tunnel->phase2s.front(), pair.world.now().boottime);
}

void up(Pair& pair, Gateway& gateway) {
    gateway.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
}

/// West tries, and there is time for whatever follows.
Pairs tried(Pairs pair, Duration time = seconds(40)) {
    up(*pair, pair->west);
    pair->world.run_for(time);
    return pair;
}

Pairs tried(const Broken& broken, Duration time = seconds(40)) {
    return tried(broken.pair(), time);
}

Pairs connected(const Broken& broken = Broken()) {
    Pairs pair = broken.pair();
    REQUIRE(pair->connect());
    return pair;
}

/// What west sends fails with this errno, as long as time runs.
Pairs cannot_send(int error) {
    Pairs pair = Broken().pair();
    Pair* raw = pair.get();
    raw->world.filter = [raw, error](ike::Transmit& datagram) {
        if (datagram.local.address != raw->west.address) return true;
        raw->world.after(
            Duration(0), [raw, error, local = datagram.local, remote = datagram.remote] {
                raw->west.handle(ike::TransmitFailed{local, remote, error}, raw->world.now());
            });
        return false;
    };
    return tried(std::move(pair), seconds(10));
}

/// Datagrams of this exchange from west never arrive.
Pairs deaf_to(ExchangeType exchange, Duration time, bool auto_negotiate = false) {
    Pairs pair = Broken(auto_negotiate).pair();
    pair->world.filter = [exchange, raw = pair.get()](ike::Transmit& datagram) {
        return datagram.local.address != raw->west.address || !is(datagram, exchange, false);
    };
    return tried(std::move(pair), time);
}

/// Each of west's first messages comes back as this notification.
Pairs answered_by(NotifyType type, const Bytes& data) {
    Pairs pair = Broken().pair();
    pair->world.filter = [type, words = data](ike::Transmit& datagram) mutable {
        if (!is(datagram, ExchangeType::ike_sa_init, false)) return true;
        wire::Header header;
        header.spi_i = header_of(datagram).spi_i;
        header.exchange = ExchangeType::ike_sa_init;
        header.response = true;
        wire::NotifyPayload notify;
        notify.notify_type = type;
        if (type == NotifyType::cookie) ++words.back();  // another one each time
        notify.data = words;
        datagram.octets = write_clear(header, [&](wire::ChainWriter& chain) { chain.add(notify); });
        std::swap(datagram.local, datagram.remote);
        return true;
    };
    return tried(std::move(pair));
}

Pairs with_devices(std::vector<ike::Interface> devices) {
    Pairs pair = Broken().pair();
    pair->world.filter = [](ike::Transmit&) { return false; };
    pair->west.handle(ike::InterfacesChanged{std::move(devices)}, pair->world.now());
    return tried(std::move(pair), seconds(5));
}

Pairs other_secret(bool auto_negotiate = false) {
    Broken broken(auto_negotiate);
    broken.east.psk = broken.east.psk_remote =
        std::make_shared<const Secret>(as_bytes("another secret of east"));
    return tried(broken);
}

/// East proves itself with something else than west expects.
Pairs east_proves_wrongly() {
    Broken broken;
    broken.east.psk = std::make_shared<const Secret>(as_bytes("what west does not expect"));
    return tried(broken);
}

Pairs identity(bool of_west) {
    Broken broken;
    config::Phase1& strict = of_west ? broken.east : broken.west;
    strict.peer_type = config::PeerType::one;
    strict.peer_id = fqdn("somebody.example");
    return tried(broken);
}

Pairs other_ike_proposal() {
    Broken broken;
    TunnelSpec other = broken.spec.mirrored();
    other.ike = four_suites()[1].spec.ike;
    broken.east = other.phase1();
    return tried(broken);
}

Pairs other_esp_proposal() {
    Broken broken;
    TunnelSpec other = broken.spec.mirrored();
    other.esp = four_suites()[1].spec.esp;
    broken.east = other.phase1();
    return tried(broken);
}

Pairs other_networks() {
    Broken broken;
    TunnelSpec other = broken.spec.mirrored();
    other.local_subnets = {"10.98.0.0/24"};
    other.remote_subnets = {"10.99.0.0/24"};
    broken.east = other.phase1();
    return tried(broken);
}

Pairs kernel_without_cipher(bool of_west) {
    Pairs pair = Broken().pair();
    (of_west ? pair->west : pair->east)
        .kernel.refuse_cipher(wire::EncryptionId::aes_gcm_16, ENOSYS, "no such algorithm");
    return tried(std::move(pair));
}

Pairs name_without_address() {
    Broken broken;
    broken.west.type = config::GatewayType::ddns;
    broken.west.remote_gateway.reset();
    broken.west.remote_gateway_name = "hq.example.org";
    return tried(broken, seconds(3));
}

Pairs passive(bool traffic) {
    Broken broken;
    broken.west.passive = true;
    broken.west.auto_negotiate = false;
    Pairs pair = broken.pair();
    if (traffic) pair->west.handle(xfrm::Event(acquire(1, 7)), pair->world.now());
    pair->world.run_for(seconds(3));
    return pair;
}

Pairs dial_up_server() {
    Broken broken;
    broken.east.type = config::GatewayType::dynamic;
    broken.east.remote_gateway.reset();
    return broken.pair();
}

Pairs backup_stands_by() {
    TunnelSpec first, second;
    first.auto_negotiate = true;
    second.name = "zbackup";
    second.remote_subnets = {"10.3.0.0/24"};
    config::Phase1 backup = second.phase1();
    backup.monitor = {"tunnel"};
    Pairs pair = std::make_unique<Pair>(first.phase1(), first.mirrored().phase1());
    pair->west.configure({first.phase1(), backup}, pair->world.now());
    pair->world.run_for(seconds(10));
    return pair;
}

Pairs library_without_algorithm() {
    Broken broken;
    broken.west.proposals[0].cipher = {wire::EncryptionId::triple_des, 0};
    return broken.pair();
}

Pairs kernel_lacks_all() {
    Pairs pair = Broken().pair();
    auto config = std::make_shared<config::Config>();
    config->phase1s.push_back(std::make_shared<const config::Phase1>(TunnelSpec().phase1()));
    pair->west.handle(ike::ConfigApplied{config, TunnelSpec().esp}, pair->world.now());
    return tried(std::move(pair), seconds(3));
}

Pairs interface_refused() {
    Broken broken;
    broken.spec.route_based = true;
    Pairs pair = std::make_unique<Pair>();
    // One of these operations makes it; the others are about the policies that were before.
    for (std::size_t i = 0; i < 8; ++i)
        pair->west.kernel.refuse(i, EOPNOTSUPP, "Unknown device type");
    pair->west.configure({broken.spec.phase1()}, pair->world.now());
    return tried(std::move(pair), seconds(3));
}

Pairs held_down() {
    Pairs pair = connected();
    pair->west.handle(ike::CommandDown{"tunnel"}, pair->world.now());
    pair->world.run_for(seconds(1));
    return pair;
}

Pairs peer_took_it_down() {
    Pairs pair = connected();
    pair->east.handle(ike::CommandDown{"tunnel"}, pair->world.now());
    pair->world.run_for(seconds(1));
    return pair;
}

Pairs peer_died(bool auto_negotiate, Duration time) {
    Broken broken(auto_negotiate);
    broken.west.dpd = config::DpdMode::on_idle;
    Pairs pair = connected(broken);
    pair->world.filter = [](ike::Transmit&) { return false; };
    pair->world.run_for(time);
    return pair;
}

Pairs sa_was_deleted() {
    Pairs pair = connected();
    pair->world.run_for(seconds(2));
    pair->west.kernel.flush();
    pair->world.run_for(seconds(2));
    return pair;
}

Pairs nothing_comes_back(std::uint64_t back_first) {
    Broken broken;
    broken.west.dpd = config::DpdMode::disable;
    Pairs pair = connected(broken);
    for (const auto& [id, sa] : pair->west.kernel.sas()) {
        const bool inbound = sa.install.direction == xfrm::Direction::in;
        if (inbound && back_first > 0) pair->west.kernel.count(id, back_first, 100);
        if (!inbound) pair->west.kernel.count(id, 20, 2000);
    }
    pair->world.run_for(seconds(2));
    if (back_first == 0) return pair;
    pair->west.handle(ike::CommandReadCounters{"tunnel"}, pair->world.now());
    pair->world.run_for(seconds(100));
    pair->west.handle(ike::CommandReadCounters{"tunnel"}, pair->world.now());
    for (const auto& [id, sa] : pair->west.kernel.sas())
        if (sa.install.direction == xfrm::Direction::out) pair->west.kernel.count(id, 20, 2000);
    pair->world.run_for(seconds(2));
    return pair;
}

Pairs life_is_over() {
    Broken broken;
    broken.west.phase2s[0].keylife = seconds(120);
    Pairs pair = connected(broken);
    pair->world.run_for(seconds(130));
    return pair;
}

Pairs policy_is_somebody_elses() {
    Pairs pair = std::make_unique<Pair>();
    TunnelSpec spec;
    spec.remote_subnets = {"10.77.0.0/24"};
    xfrm::InstallPolicy foreign;
    foreign.direction = xfrm::Direction::out;
    foreign.selector = {.source = *Subnet::from_text("10.1.0.0/24"),
                        .destination = *Subnet::from_text("10.77.0.0/24")};
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(std::move(foreign));
    pair->west.kernel.run(operations);
    pair->west.configure({spec.phase1()}, pair->world.now());
    pair->world.run_for(seconds(1));
    return pair;
}

struct Fault {
    const char* name;
    std::function<Pairs()> produce;
    bool at_west;
    ChainLink link;
    const char* code;
    Verdict verdict = Verdict::broken;
    const char* caller = nullptr;  ///< told beside it: why a caller failed that proved nothing
};

const ike::Interface eth0{"eth0", 2, 1500, true, {address("192.0.2.1")}};

const std::vector<Fault>& faults() {
    using enum ChainLink;
    constexpr auto pending = Verdict::pending;
    static const std::vector<Fault> rows{
        {"an operator took it down", held_down, true, configuration, "stopped"},
        {"a backup that is not needed", backup_stands_by, true, configuration, "standby", pending},
        {"OpenSSL lacks an algorithm", library_without_algorithm, true, configuration,
         "algorithm-missing"},
        {"on demand, without traffic", [] { return Broken().pair(); }, true, configuration,
         "waiting-for-traffic", pending},
        {"passive-mode, nobody called", [] { return passive(false); }, true, configuration,
         "passive-mode", pending},
        {"passive-mode, traffic", [] { return passive(true); }, true, configuration, "passive-mode",
         pending},
        {"passive-mode, an operator asks",
         [] {
             Pairs pair = passive(false);
             up(*pair, pair->west);
             return pair;
         },
         true, configuration, "passive-mode", pending},
        {"a dial-up server without peers", dial_up_server, false, configuration, "waiting-for-peer",
         pending},
        {"the peer's name has no address", name_without_address, true, name_resolution,
         "name-not-resolved"},
        {"no such device", [] { return with_devices({}); }, true, route, "interface-missing"},
        {"another device only",
         [] { return with_devices({{"eth7", 3, 1500, true, {address("192.0.2.1")}}}); }, true,
         route, "interface-missing"},
        {"the device is down",
         [] {
             ike::Interface down = eth0;
             down.up = false;
             return with_devices({down});
         },
         true, route, "interface-down"},
        {"the device has no address", [] { return with_devices({{"eth0", 2, 1500, true, {}}}); },
         true, route, "local-address-missing"},
        {"the device has another family's address",
         [] { return with_devices({{"eth0", 2, 1500, true, {address("2001:db8::1")}}}); }, true,
         route, "local-address-missing"},
        {"ENETUNREACH", [] { return cannot_send(ENETUNREACH); }, true, route, "no-route"},
        {"EHOSTUNREACH", [] { return cannot_send(EHOSTUNREACH); }, true, route, "no-route"},
        {"ENETDOWN", [] { return cannot_send(ENETDOWN); }, true, route, "no-route"},
        {"a firewall of this machine", [] { return cannot_send(EPERM); }, true, ChainLink::socket,
         "send-refused"},
        {"EACCES", [] { return cannot_send(EACCES); }, true, ChainLink::socket, "send-refused"},
        {"the source address is gone", [] { return cannot_send(EADDRNOTAVAIL); }, true,
         ChainLink::socket, "send-refused"},
        {"too long for the device", [] { return cannot_send(EMSGSIZE); }, true, ChainLink::socket,
         "send-refused"},
        {"no answer yet", [] { return deaf_to(ExchangeType::ike_sa_init, seconds(10)); }, true,
         first_exchange, "peer-silent", pending},
        {"no answer at all", [] { return deaf_to(ExchangeType::ike_sa_init, seconds(40)); }, true,
         first_exchange, "negotiation-timeout"},
        {"no answer, tried again",
         [] { return deaf_to(ExchangeType::ike_sa_init, seconds(50), true); }, true, first_exchange,
         "negotiation-timeout"},
        {"IKE_AUTH not answered yet", [] { return deaf_to(ExchangeType::ike_auth, seconds(10)); },
         true, authentication, "peer-silent", pending},
        {"IKE_AUTH not answered at all",
         [] { return deaf_to(ExchangeType::ike_auth, seconds(40)); }, true, authentication,
         "negotiation-timeout"},
        {"a caller that does not go on",
         [] { return deaf_to(ExchangeType::ike_auth, seconds(40)); }, false, configuration,
         "waiting-for-traffic", pending, "negotiation-timeout"},
        {"no proposal in common", other_ike_proposal, true, first_exchange, "no-proposal-chosen"},
        {"no proposal in common, called", other_ike_proposal, false, configuration,
         "waiting-for-traffic", pending, "no-proposal-chosen"},
        {"a group is asked for that we do not offer",
         [] { return answered_by(NotifyType::invalid_ke_payload, Bytes{0, 20}); }, true,
         first_exchange, "invalid-key-exchange"},
        {"a cookie without end", [] { return answered_by(NotifyType::cookie, Bytes(8, 1)); }, true,
         first_exchange, "too-many-retries"},
        {"INVALID_SYNTAX", [] { return answered_by(NotifyType::invalid_syntax, {}); }, true,
         first_exchange, "peer-refused"},
        {"wrong secret", [] { return other_secret(); }, true, authentication,
         "authentication-failed-local"},
        {"wrong secret, called", [] { return other_secret(); }, false, configuration,
         "waiting-for-traffic", pending, "authentication-failed-remote"},
        {"wrong secret, again and again", [] { return other_secret(true); }, true, authentication,
         "authentication-failed-local"},
        {"the peer's proof is wrong", east_proves_wrongly, true, authentication,
         "authentication-failed-remote"},
        {"our proof is refused after the answer", east_proves_wrongly, false, authentication,
         "authentication-failed-local"},
        {"the peer is somebody else", [] { return identity(false); }, true, authentication,
         "identity-mismatch"},
        {"the caller is somebody else", [] { return identity(true); }, false, configuration,
         "waiting-for-traffic", pending, "identity-mismatch"},
        {"we are not who the peer wants", [] { return identity(true); }, true, authentication,
         "authentication-failed-local"},
        {"no ESP proposal in common", other_esp_proposal, true, child, "esp-no-proposal-chosen"},
        {"no ESP proposal in common, called", other_esp_proposal, false, child,
         "esp-no-proposal-chosen"},
        {"no selectors in common", other_networks, true, child, "traffic-selectors-unacceptable"},
        {"no selectors in common, called", other_networks, false, child,
         "traffic-selectors-unacceptable"},
        {"the kernel refuses the SA", [] { return kernel_without_cipher(true); }, true, kernel,
         "kernel-refused"},
        {"the kernel refuses the SA, called", [] { return kernel_without_cipher(false); }, false,
         kernel, "kernel-refused"},
        {"the kernel can do none of the proposals", kernel_lacks_all, true, kernel,
         "kernel-refused"},
        {"the interface cannot be made", interface_refused, true, kernel, "kernel-refused"},
        {"a policy is somebody else's", policy_is_somebody_elses, true, kernel, "kernel-refused"},
        {"somebody flushed the kernel's SAs", sa_was_deleted, true, kernel, "kernel-state-lost"},
        {"packets leave, none comes", [] { return nothing_comes_back(0); }, true, data,
         "no-return-traffic"},
        {"packets came once, and no more", [] { return nothing_comes_back(10); }, true, data,
         "no-return-traffic"},
        {"the peer took it down", peer_took_it_down, true, data, "peer-deleted"},
        {"the peer died", [] { return peer_died(false, seconds(100)); }, true, data, "peer-silent"},
        {"the peer died, and is called again", [] { return peer_died(true, seconds(100)); }, true,
         data, "peer-silent"},
        {"keylife is over, and nobody needs it", life_is_over, true, configuration,
         "waiting-for-traffic", pending},
    };
    return rows;
}

}  // namespace

TEST_CASE("explain: the first broken link of every fault, by its stable code") {
    REQUIRE(faults().size() >= 40);
    for (const Fault& fault : faults()) {
        INFO(fault.name);
        const Pairs pair = fault.produce();
        Gateway& gateway = fault.at_west ? pair->west : pair->east;
        const bool backup = gateway.engine().tunnel("zbackup").has_value();
        const auto found = explain(*pair, gateway, backup ? "zbackup" : "tunnel");
        INFO(found.message);
        CHECK((found.link ? to_text(*found.link) : "none") == std::string(to_text(fault.link)));
        CHECK((found.reason ? code(*found.reason) : "none") == std::string(fault.code));
        if (fault.caller != nullptr)
            CHECK(found.message.find(std::string("[") + fault.caller + "]") != std::string::npos);
        if (!found.link) continue;
        CHECK(found.chain[static_cast<std::size_t>(*found.link)].verdict == fault.verdict);
        CHECK_FALSE(found.message.empty());
    }
}

TEST_CASE("explain: a tunnel that is well has nine good links, and tells what was chosen") {
    const Pairs pair = connected();
    const auto found = explain(*pair, pair->west);
    CHECK_FALSE(found.link);
    CHECK_FALSE(found.reason);
    REQUIRE(found.chain.size() == 9);
    for (const control::Finding& finding : found.chain)
        CHECK(finding.verdict == Verdict::ok);
    const auto text = [&](ChainLink link) {
        return found.chain[static_cast<std::size_t>(link)].text;
    };
    CHECK(text(ChainLink::first_exchange) ==
          "aes128gcm-prfsha256/31 of aes128gcm-prfsha256 (dhgrp 31)");
    CHECK(text(ChainLink::authentication) == "the peer is 192.0.2.2");
    CHECK(text(ChainLink::child) == "aes128gcm of aes128gcm; 10.1.0.0/24 <-> 10.2.0.0/24");
    CHECK(text(ChainLink::kernel).find("in software") != std::string::npos);
}

TEST_CASE("explain: both sides' values, the next attempt, and what was not even tried") {
    const Pairs pair = other_ike_proposal();
    const auto called = explain(*pair, pair->east);
    CHECK(called.message.find("ENCR_AES_GCM_16") != std::string::npos);
    CHECK(called.message.find("aes256-sha256 (dhgrp 31)") != std::string::npos);
    CHECK(explain(*pair, pair->west).ours == "aes128gcm-prfsha256 (dhgrp 31)");
    const Pairs again = other_secret(true);
    CHECK(explain(*again, again->west).next_attempt.has_value());
    const Pairs refused = interface_refused();
    const auto untried = explain(*refused, refused->west);
    CHECK(untried.chain[static_cast<std::size_t>(ChainLink::authentication)].verdict ==
          Verdict::not_reached);
}
