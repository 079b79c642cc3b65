#include "xfrm/decode_event.hpp"

#include "kernel_messages.hpp"
#include "samples.hpp"
#include "support/catch.hpp"
#include "xfrm/layout.hpp"
#include "xfrm/netlink_writer.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

namespace {

constexpr std::uint32_t own_port_id = 77;
constexpr Reqid own_reqid{0x58000001};

template <uapi::Layout T>
Bytes message(std::uint16_t type, const T& fixed, std::uint32_t port_id = 0) {
    WipedBytes out;
    NetlinkWriter writer(out, type, 0, {0, port_id});
    writer.fixed(fixed);
    writer.finish();
    return to_bytes(out);
}

uapi::UserSaInfo sa_info(Reqid reqid) {
    uapi::UserSaInfo info;
    info.id.daddr = to_kernel(ip("192.0.2.2"));
    info.id.spi = uapi::Network<std::uint32_t>(0xc1234567);
    info.id.proto = uapi::protocol_esp;
    info.family = uapi::family_inet;
    info.reqid = reqid.value();
    return info;
}

Bytes sa_deleted(Reqid reqid, std::uint32_t port_id) {
    WipedBytes out;
    NetlinkWriter writer(out, uapi::message::delsa, 0, {0, port_id});
    writer.fixed(sa_id(ip("192.0.2.2"), EspSpi(0xc1234567)));
    writer.attribute(uapi::attribute::sa, sa_info(reqid));
    writer.finish();
    return to_bytes(out);
}

Bytes policy_deleted(PolicyIndex index, std::uint32_t port_id) {
    uapi::UserPolicyInfo info;
    info.index = index.value();
    WipedBytes out;
    NetlinkWriter writer(out, uapi::message::delpolicy, 0, {0, port_id});
    writer.fixed(uapi::UserPolicyId{});
    writer.attribute(uapi::attribute::policy, info);
    writer.finish();
    return to_bytes(out);
}

uapi::UserMapping mapping(Reqid reqid) {
    uapi::UserMapping out;
    out.id = sa_id(ip("192.0.2.1"), EspSpi(0xc1234567));
    out.reqid = reqid.value();
    out.old_saddr = to_kernel(ip("198.51.100.1"));
    out.new_saddr = to_kernel(ip("198.51.100.2"));
    out.old_sport = uapi::Network<std::uint16_t>(4500);
    out.new_sport = uapi::Network<std::uint16_t>(61234);
    return out;
}

bool is_uncertain(const std::vector<Event>& events) {
    return events.size() == 1 && std::holds_alternative<StateUncertain>(events[0]);
}

}  // namespace

TEST_CASE("decode_event: an ACQUIRE of a real kernel") {
    const auto events = decode_events(hex_octets(captured_acquire), own_port_id);
    REQUIRE(events.size() == 1);
    const auto& acquire = std::get<Acquire>(events[0]);
    CHECK(acquire.sequence == 1);
    CHECK(acquire.policy == PolicyIndex(0x58000019));
    CHECK(acquire.if_id == IfId{});
    CHECK(acquire.reqid == own_reqid);
    CHECK(acquire.flow.to_text() == "10.1.0.1/32 port 1000 -> 10.2.0.9/32 port 53 protocol 17");
    CHECK(acquire.source == ip("192.0.2.1"));
    CHECK(acquire.destination == ip("192.0.2.2"));
    CHECK(acquire.mode == Mode::tunnel);
}

TEST_CASE("decode_event: an ACQUIRE in transport mode") {
    uapi::UserAcquire acquire;
    acquire.id.proto = uapi::protocol_esp;
    acquire.sel.family = uapi::family_inet;
    uapi::UserTemplate tmpl;
    tmpl.id.proto = uapi::protocol_esp;
    tmpl.family = uapi::family_inet;
    tmpl.reqid = own_reqid.value();
    tmpl.mode = 0;
    WipedBytes buffer;
    NetlinkWriter writer(buffer, uapi::message::acquire, 0, {1, 0});
    writer.fixed(acquire);
    writer.attribute(uapi::attribute::tmpl, tmpl);
    writer.finish();
    const auto events = decode_events(buffer, own_port_id);
    REQUIRE(events.size() == 1);
    CHECK(std::get<Acquire>(events[0]).mode == Mode::transport);
}

TEST_CASE("decode_event: an acquiring state that ends is no SA of ours") {
    CHECK(decode_events(hex_octets(captured_larval_expire), own_port_id).empty());
}

TEST_CASE("decode_event: an EXPIRE of a real kernel") {
    const auto events = decode_events(hex_octets(captured_expire), own_port_id);
    REQUIRE(events.size() == 1);
    const auto& expire = std::get<Expire>(events[0]);
    CHECK(expire.hard);
    CHECK(expire.spi == EspSpi(0x300));
    CHECK(expire.reqid == Reqid(0x58000000));
    CHECK(expire.destination == ip("127.0.0.1"));
}

TEST_CASE("decode_event: EXPIRE, soft and hard") {
    uapi::UserExpire expire;
    expire.state = sa_info(own_reqid);
    auto events = decode_events(message(uapi::message::expire, expire), own_port_id);
    REQUIRE(events.size() == 1);
    CHECK_FALSE(std::get<Expire>(events[0]).hard);
    CHECK(std::get<Expire>(events[0]).spi == EspSpi(0xc1234567));
    CHECK(std::get<Expire>(events[0]).destination == ip("192.0.2.2"));
    CHECK(std::get<Expire>(events[0]).reqid == own_reqid);
    expire.hard = 1;
    events = decode_events(message(uapi::message::expire, expire), own_port_id);
    CHECK(std::get<Expire>(events.at(0)).hard);
}

TEST_CASE("decode_event: MAPPING") {
    const auto events = decode_events(message(uapi::message::mapping, mapping(own_reqid)), 0);
    REQUIRE(events.size() == 1);
    const auto& mapped = std::get<Mapping>(events[0]);
    CHECK(mapped.destination == ip("192.0.2.1"));
    CHECK(mapped.spi == EspSpi(0xc1234567));
    CHECK(mapped.old_source == Endpoint{ip("198.51.100.1"), 4500});
    CHECK(mapped.new_source == Endpoint{ip("198.51.100.2"), 61234});
}

TEST_CASE("decode_event: what belongs to others is none of our business") {
    const Reqid foreign(1);
    uapi::UserExpire expire;
    expire.state = sa_info(foreign);
    CHECK(decode_events(message(uapi::message::expire, expire), own_port_id).empty());
    CHECK(decode_events(message(uapi::message::mapping, mapping(foreign)), 0).empty());
    CHECK(decode_events(sa_deleted(foreign, 5), own_port_id).empty());
    CHECK(decode_events(policy_deleted(PolicyIndex(9), 5), own_port_id).empty());
    uapi::UserAcquire acquire;
    acquire.id.proto = uapi::protocol_esp;
    acquire.sel.family = uapi::family_inet;
    CHECK(decode_events(message(uapi::message::acquire, acquire), own_port_id).empty());
    expire.state = sa_info(own_reqid);
    expire.state.id.proto = 51;
    CHECK(decode_events(message(uapi::message::expire, expire), own_port_id).empty());
}

TEST_CASE("decode_event: somebody else's deletion of what is ours makes the state uncertain") {
    CHECK(is_uncertain(decode_events(sa_deleted(own_reqid, 5), own_port_id)));
    CHECK(is_uncertain(decode_events(policy_deleted(PolicyIndex(0x58000019), 5), own_port_id)));
    CHECK(decode_events(sa_deleted(own_reqid, own_port_id), own_port_id).empty());
    CHECK(decode_events(policy_deleted(PolicyIndex(0x58000019), own_port_id), own_port_id).empty());
}

TEST_CASE("decode_event: a flush makes the state uncertain") {
    CHECK(is_uncertain(
        decode_events(message(uapi::message::flushsa, uapi::UserSaFlush{50}, 5), own_port_id)));
    CHECK(is_uncertain(
        decode_events(message(uapi::message::flushpolicy, std::uint32_t{0}, 0), own_port_id)));
    CHECK(is_uncertain(decode_events(message(uapi::netlink_overrun, std::uint32_t{0}), 0)));
}

TEST_CASE("decode_event: messages of no interest are passed over, order is kept") {
    Bytes buffer = message(uapi::message::newsa, sa_info(own_reqid), 5);
    for (const Bytes& next :
         {message(uapi::message::mapping, mapping(own_reqid)),
          message(std::uint16_t{0x55}, std::uint32_t{1}), hex_octets(captured_acquire)})
        buffer.insert(buffer.end(), next.begin(), next.end());
    const auto events = decode_events(buffer, own_port_id);
    REQUIRE(events.size() == 2);
    CHECK(std::holds_alternative<Mapping>(events[0]));
    CHECK(std::holds_alternative<Acquire>(events[1]));
}

TEST_CASE("decode_event: every truncation of every message is safe and told") {
    uapi::UserExpire expire;
    expire.state = sa_info(own_reqid);
    for (const Bytes& whole :
         {hex_octets(captured_acquire), hex_octets(captured_larval_expire),
          message(uapi::message::expire, expire),
          message(uapi::message::mapping, mapping(own_reqid)), sa_deleted(own_reqid, 5),
          policy_deleted(PolicyIndex(0x58000019), 5)}) {
        for (std::size_t size = 1; size < whole.size(); ++size) {
            Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            CHECK(is_uncertain(decode_events(cut, own_port_id)));
            // The same with a header that claims the shorter length.
            if (size < 16) continue;
            const auto length = static_cast<std::uint32_t>(size);
            std::memcpy(cut.data(), &length, sizeof length);
            CHECK(decode_events(cut, own_port_id).size() <= 1);
        }
    }
}
