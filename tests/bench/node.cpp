#include "node.hpp"

#include <time.h>

#include <utility>

namespace xfrmd::bench {

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

IpAddress numbered_address(std::uint8_t first_octet, std::uint32_t n) {
    Bytes octets(4);
    store_big_endian<std::uint32_t>(n, octets.data());
    octets[0] = first_octet;
    return *IpAddress::from_bytes(octets);
}

const IpAddress hub_address = *IpAddress::from_text("192.0.2.1");

config::Phase1 tunnel(const std::string& name, const IpAddress& remote, std::uint32_t number,
                      bool is_hub) {
    static const auto psk =
        std::make_shared<const Secret>(as_bytes("a pre-shared key of good length"));
    config::Phase1 phase1;
    phase1.name = name;
    phase1.route_based = false;
    phase1.interface = "eth0";
    phase1.remote_gateway = remote;
    phase1.proposals = {{{wire::EncryptionId::aes_gcm_16, 128},
                         wire::IntegrityId::none,
                         wire::PrfId::hmac_sha2_256}};
    phase1.key_exchanges = {wire::KeyExchangeMethod::curve25519};
    phase1.psk = phase1.psk_remote = psk;
    phase1.dpd = config::DpdMode::disable;
    config::Phase2 phase2;
    phase2.name = name;
    phase2.key_exchanges = phase1.key_exchanges;
    phase2.proposals = {{{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none}};
    const IpAddress net = numbered_address(172, number);
    const IpRange behind_spoke{net, net};
    const IpRange behind_hub = Subnet::from_text("10.255.0.0/16")->range();
    phase2.selectors.local = {is_hub ? behind_hub : behind_spoke};
    phase2.selectors.remote = {is_hub ? behind_spoke : behind_hub};
    phase1.phase2s.push_back(std::move(phase2));
    return phase1;
}

void Tables::run(const xfrm::Operation& operation) {
    if (const auto* sa = std::get_if<xfrm::InstallSa>(&operation))
        sas.emplace(sa->destination, sa->spi);
    if (const auto* sa = std::get_if<xfrm::DeleteSa>(&operation))
        sas.erase({sa->destination, sa->spi});
    if (const auto* policy = std::get_if<xfrm::InstallPolicy>(&operation))
        policies.emplace(policy->direction, policy->selector);
    if (const auto* policy = std::get_if<xfrm::DeletePolicy>(&operation))
        policies.erase({policy->direction, policy->selector});
}

Node::Node(const crypto::Library& library, std::uint64_t seed, std::vector<IpAddress> addresses)
    : random_(seed), engine_(library, random_) {
    feed(ike::InterfacesChanged{{{"eth0", 2, 1500, true, std::move(addresses)}}});
}

void Node::configure(std::vector<std::shared_ptr<const config::Phase1>> phase1s) {
    auto config = std::make_shared<config::Config>();
    config->phase1s = std::move(phase1s);
    feed(ike::ConfigApplied{std::move(config), {}});
}

void Node::feed(ike::Input input) {
    const double before = cpu_seconds();
    engine_.handle(std::move(input), now_);
    while (auto output = engine_.poll_output())
        take(std::move(*output));
    seconds_ += cpu_seconds() - before;
}

void Node::pass(Duration time) {
    now_.boottime += time;
    const double before = seconds_;
    feed(ike::DeadlineReached{});
    seconds_ = before;
}

void Node::wake(Instant at) {
    now_.boottime = at;
    feed(ike::DeadlineReached{});
}

std::vector<ike::Transmit> Node::take_sent() {
    return std::exchange(sent_, {});
}

void Node::take(ike::Output output) {
    if (auto* transmit = std::get_if<ike::Transmit>(&output)) sent_.push_back(std::move(*transmit));
    const auto* request = std::get_if<ike::KernelRequest>(&output);
    if (request == nullptr) return;
    ike::KernelReply reply{request->ticket, {}};
    for (const xfrm::Operation& operation : request->operations) {
        tables_.run(operation);
        auto& result = reply.results.emplace_back();
        if (std::holds_alternative<xfrm::QuerySa>(operation)) result.status = xfrm::SaStatus{};
    }
    engine_.handle(std::move(reply), now_);
}

void exchange(Node& spoke, Node& hub) {
    for (bool moved = true; moved;) {
        moved = false;
        for (auto [from, to] : {std::pair{&spoke, &hub}, std::pair{&hub, &spoke}}) {
            for (ike::Transmit& datagram : from->take_sent()) {
                to->feed(ike::DatagramReceived{datagram.remote, datagram.local,
                                               std::move(datagram.octets)});
                moved = true;
            }
        }
    }
}

}  // namespace xfrmd::bench
