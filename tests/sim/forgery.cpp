#include "sim/forgery.hpp"

#include <algorithm>
#include <stdexcept>

namespace xfrmd::test {
namespace {

struct Raw {
    const Part& part;
    void append_to(Bytes& out) const {
        if (part.critical) out[out.size() - 3] = 0x80;  // of the generic header just written
        out.insert(out.end(), part.body.begin(), part.body.end());
    }
};

void add_all(wire::ChainWriter& chain, const Parts& parts) {
    for (const Part& part : parts)
        chain.add(part.type, Raw{part});
}

wire::Header unlinked(wire::Header header) {
    header.next_payload = wire::PayloadType::none;
    return header;
}

}  // namespace

Parts parts_of(const OpenedMessage& message) {
    Parts parts;
    wire::PayloadChain chain(message.first, message.chain);
    for (auto next = chain.next(); next && *next; next = chain.next())
        parts.push_back({(*next)->type, to_bytes((*next)->body), (*next)->critical});
    return parts;
}

Part& part(Parts& parts, wire::PayloadType type) {
    const auto found = std::ranges::find(parts, type, &Part::type);
    if (found == parts.end()) throw std::runtime_error("no such payload");
    return *found;
}

void leave_out(Parts& parts, wire::PayloadType type) {
    std::erase_if(parts, [type](const Part& part) { return part.type == type; });
}

Part notify_part(wire::NotifyType type, Bytes data) {
    Bytes body(4);
    store_big_endian(std::to_underlying(type), body.data() + 2);
    body.insert(body.end(), data.begin(), data.end());
    return {wire::PayloadType::notify, std::move(body)};
}

Bytes clear_message(const wire::Header& header, const Parts& parts) {
    return write_clear(unlinked(header), [&](wire::ChainWriter& chain) { add_all(chain, parts); });
}

Bytes sealed_message(Wiretap& tap, const wire::Header& header, const Parts& parts) {
    return tap.seal(unlinked(header), [&](wire::ChainWriter& chain) { add_all(chain, parts); });
}

Bytes changed_clear(ByteView datagram, const std::function<void(Parts&)>& change) {
    const OpenedMessage message = read_clear(datagram);
    Parts parts = parts_of(message);
    change(parts);
    return clear_message(message.header, parts);
}

Bytes changed_sealed(Wiretap& tap, ByteView datagram, const std::function<void(Parts&)>& change) {
    const OpenedMessage message = tap.open(datagram);
    Parts parts = parts_of(message);
    change(parts);
    return sealed_message(tap, message.header, parts);
}

Bytes first_call(Pair& pair) {
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    return take_sent(pair.west).at(0);
}

Bytes lone_call(const TunnelSpec& spec) {
    static constexpr std::uint64_t other_seed = 99;
    Pair other(spec.phase1(), spec.mirrored().phase1(), other_seed);
    return first_call(other);
}

Bytes with_spi(Bytes call, std::uint64_t spi_i) {
    store_big_endian(spi_i, call.data());
    return call;
}

Bytes auth_request(Pair& pair) {
    pair.west.handle(ike::CommandUp{"tunnel", ""}, pair.world.now());
    pair.world.step();
    pair.world.step();
    return pair.world.traffic.back().datagram.octets;
}

void give_from(World& world, Gateway& to, const Endpoint& sender, Bytes octets) {
    to.handle(ike::DatagramReceived{{to.address, 500}, sender, std::move(octets)}, world.now());
}

void set_daemon_options(Pair& pair, const std::function<void(config::DaemonOptions&)>& change) {
    auto config = std::make_shared<config::Config>(*pair.east.config());
    change(config->daemon);
    pair.east.handle(ike::ConfigApplied{std::move(config), {}}, pair.world.now());
}

}  // namespace xfrmd::test
