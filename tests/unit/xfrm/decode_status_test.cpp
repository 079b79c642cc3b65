#include "xfrm/decode_status.hpp"

#include "kernel_messages.hpp"
#include "samples.hpp"
#include "support/catch.hpp"
#include "xfrm/encode_policy.hpp"
#include "xfrm/encode_sa.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

namespace {

ByteView payload_of(const WipedBytes& message) {
    return ByteView(message).subspan(16);
}

SaStatus round_trip(const InstallSa& sa) {
    const WipedBytes message = encode(sa, Features{}, {});
    return decode_sa(payload_of(message)).value();
}

PolicyStatus round_trip(const InstallPolicy& policy) {
    const WipedBytes message = encode(policy, {});
    return decode_policy(payload_of(message)).value();
}

}  // namespace

TEST_CASE("decode_status: an SA reads back as it was installed") {
    InstallSa sa = gcm_sa();
    sa.direction = Direction::in;
    sa.if_id = IfId(7);
    sa.replay_window = 128;
    sa.suite.esn = wire::EsnId::yes;
    sa.offload = OffloadRequest{3, OffloadMode::packet};
    const SaStatus status = round_trip(sa);
    CHECK(status.source == sa.source);
    CHECK(status.destination == sa.destination);
    CHECK(status.spi == sa.spi);
    CHECK(status.reqid == sa.reqid);
    CHECK(status.if_id == sa.if_id);
    CHECK(status.mode == Mode::tunnel);
    CHECK(status.cipher == "rfc4106(gcm(aes))");
    CHECK(status.integrity.empty());
    CHECK(status.key_bits == 160);
    CHECK(status.esn);
    CHECK(status.replay_window == 128);
    CHECK(status.offload == OffloadMode::packet);
    CHECK(status.offload_device == 3);
}

TEST_CASE("decode_status: an IPv6 transport SA with cipher and integrity") {
    InstallSa sa = cbc_sa();
    sa.direction = Direction::in;
    sa.source = ip("2001:db8::1");
    sa.destination = ip("2001:db8::2");
    sa.mode = Mode::transport;
    sa.replay_window = 32;
    sa.offload = OffloadRequest{3, OffloadMode::crypto};
    const SaStatus status = round_trip(sa);
    CHECK(status.source == sa.source);
    CHECK(status.destination == sa.destination);
    CHECK(status.mode == Mode::transport);
    CHECK(status.cipher == "cbc(aes)");
    CHECK(status.integrity == "hmac(sha256)");
    CHECK(status.key_bits == 128);
    CHECK_FALSE(status.esn);
    CHECK(status.replay_window == 32);
    CHECK(status.offload == OffloadMode::crypto);
}

TEST_CASE("decode_status: counters of an SA") {
    WipedBytes message = encode(gcm_sa(), Features{}, {});
    const std::uint64_t bytes = 1000, packets = 10;
    const std::uint32_t replays = 3, failures = 4;
    std::memcpy(&message[16 + 160], &bytes, 8);
    std::memcpy(&message[16 + 168], &packets, 8);
    std::memcpy(&message[16 + 196], &replays, 4);
    std::memcpy(&message[16 + 200], &failures, 4);
    const SaStatus status = decode_sa(payload_of(message)).value();
    CHECK(status.bytes == 1000);
    CHECK(status.packets == 10);
    CHECK(status.replays == 3);
    CHECK(status.integrity_failures == 4);
    CHECK(status.offload == OffloadMode::none);
    CHECK(status.offload_device == 0);
}

TEST_CASE("decode_status: SAs that are not ESP in tunnel or transport mode are not read") {
    const WipedBytes message = encode(gcm_sa(), Features{}, {});
    const std::array<std::pair<std::size_t, std::uint8_t>, 3> changes{
        {{76, 51}, {212, 7}, {214, 4}}};  // AH; an unknown family; BEET
    for (const auto& [offset, value] : changes) {
        Bytes payload = to_bytes(payload_of(message));
        payload[offset] = value;
        CHECK_FALSE(decode_sa(payload));
    }
}

TEST_CASE("decode_status: a policy reads back as it was installed") {
    InstallPolicy policy = out_policy();
    policy.if_id = IfId(7);
    policy.tmpl->spi = EspSpi(0xc1234567);
    policy.offload = OffloadRequest{3, OffloadMode::packet};
    const PolicyStatus status = round_trip(policy);
    CHECK(status.direction == Direction::out);
    CHECK(status.selector == policy.selector);
    CHECK(status.if_id == policy.if_id);
    CHECK(status.index == policy.index);
    CHECK(status.priority == 1000);
    CHECK(status.action == PolicyAction::allow);
    CHECK(status.tmpl == policy.tmpl);
    CHECK(status.offload == OffloadMode::packet);
    CHECK(status.offload_device == 3);
}

TEST_CASE("decode_status: a blocking policy without a template, of IPv6 and ports") {
    InstallPolicy policy = out_policy();
    policy.direction = Direction::forward;
    policy.index = PolicyIndex(0x5800001a);
    policy.action = PolicyAction::block;
    policy.tmpl.reset();
    policy.selector = {net("2001:db8::/64"), net("::/0"), 17, 0x400, 0xfc00, 53, 0xffff};
    const PolicyStatus status = round_trip(policy);
    CHECK(status.direction == Direction::forward);
    CHECK(status.action == PolicyAction::block);
    CHECK(status.selector == policy.selector);
    CHECK_FALSE(status.tmpl);
    CHECK(status.offload == OffloadMode::none);
    CHECK(status.offload_device == 0);
}

TEST_CASE("decode_status: a policy of a real kernel") {
    const PolicyStatus status =
        decode_policy(hex_octets(captured_policy + captured_template)).value();
    CHECK(status.selector == site_selector());
    CHECK(status.index == PolicyIndex(0x58000019));
    CHECK(status.priority == 1000);
    CHECK(status.tmpl == out_policy().tmpl);
}

TEST_CASE("decode_status: policies of sockets and impossible prefixes are not read") {
    const WipedBytes message = encode(out_policy(), {});
    const std::array<std::pair<std::size_t, std::uint8_t>, 4> changes{
        {{160, 3}, {40, 0}, {42, 33}, {43, 33}}};
    for (const auto& [offset, value] : changes) {
        Bytes payload = to_bytes(payload_of(message));
        payload[offset] = value;
        CHECK_FALSE(decode_policy(payload));
    }
    Bytes compression = to_bytes(payload_of(message));
    compression[168 + 4 + 20] = 108;
    CHECK_FALSE(decode_policy(compression)->tmpl);
}

TEST_CASE("decode_status: every truncation is safe") {
    InstallSa sa = cbc_sa();
    sa.suite.esn = wire::EsnId::yes;
    const WipedBytes newsa = encode(sa, Features{}, {});
    for (std::size_t size = 0; size < newsa.size() - 16; ++size) {
        const Bytes cut = to_bytes(payload_of(newsa).first(size));
        CHECK(decode_sa(cut).has_value() == (size >= 224));
    }
    const WipedBytes policy = encode(out_policy(), {});
    for (std::size_t size = 0; size < policy.size() - 16; ++size) {
        const Bytes cut = to_bytes(payload_of(policy).first(size));
        CHECK(decode_policy(cut).has_value() == (size >= 168));
    }
}
