#include "xfrm/encode_sa.hpp"

#include "samples.hpp"
#include "support/catch.hpp"
#include "support/hex_literal.hpp"
#include "xfrm/netlink_reader.hpp"

using namespace xfrmd;
using namespace xfrmd::xfrm;
using namespace xfrmd::test;

namespace {

constexpr Features old_kernel{};
constexpr Features new_kernel{.sa_dir = true, .nat_keepalive = true, .mtimer = true};

/// A NEWSA taken apart again.
struct Parsed {
    explicit Parsed(const InstallSa& sa, const Features& features)
        : octets(encode(sa, features, {1, 2})),
          body(*read_body<uapi::UserSaInfo>(ByteView(octets).subspan(16))),
          info(body.fixed) {}

    bool has(std::uint16_t type) const { return body.attributes.find(type).has_value(); }

    WipedBytes octets;
    Body<uapi::UserSaInfo> body;
    const uapi::UserSaInfo& info;
};

std::optional<std::uint32_t> window_attribute(const Parsed& parsed) {
    const auto state = parsed.body.attributes.get<uapi::ReplayStateEsn>(23);
    if (!state) return std::nullopt;
    CHECK(parsed.body.attributes.find(23)->size() == 24 + 4 * state->bitmap_words);
    CHECK(state->bitmap_words * 32 >= state->replay_window);
    return state->replay_window;
}

}  // namespace

TEST_CASE("encode_sa: NEWSA of an AEAD tunnel, octet by octet") {
    InstallSa sa = gcm_sa();
    sa.selector = site_selector();
    sa.if_id = IfId(7);
    sa.acquire_sequence = 9;
    sa.limits.soft_bytes = 0x1000;
    sa.limits.hard_bytes = 0x2000;
    sa.limits.hard_seconds = 3600;
    CHECK(to_bytes(encode(sa, new_kernel, {0x11, 0x22})) ==
          "60010000 1000 0500 11000000 22000000"
          // selector: destination, source, ports, family, prefixes, protocol
          "0a020000000000000000000000000000 0a010000000000000000000000000000"
          "0000 0000 0000 0000 0200 10 18 00 000000 00000000 00000000"
          // destination, SPI, ESP; source
          "c0000202000000000000000000000000 c1234567 32 000000"
          "c0000201000000000000000000000000"
          // limits: octets, packets, seconds since added, seconds since used
          "0010000000000000 0020000000000000 ffffffffffffffff ffffffffffffffff"
          "0000000000000000 100e000000000000 0000000000000000 0000000000000000"
          // used so far; statistics
          "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
          "00000000 00000000 00000000"
          // sequence, reqid, family, tunnel, window, flags
          "09000000 01000058 0200 01 00 00 00000000000000"
          // ALG_AEAD: name, 160 bits of key with its salt, 128 bits of ICV, key
          "6000 1200 7266633431303628 67636d2861657329 2900000000000000 0000000000000000"
          "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
          "a0000000 80000000 101112131415161718191a1b1c1d1e1f20212223"
          // IF_ID; SA_DIR out
          "0800 1f00 07000000"
          "0500 2100 02 000000"_hex);
}

TEST_CASE("encode_sa: a cipher with integrity goes as ALG_AUTH_TRUNC and ALG_CRYPT") {
    const Parsed parsed(cbc_sa(), old_kernel);
    CHECK(equal_bytes(*parsed.body.attributes.find(20),
                      "686d616328736861 3235362900000000 0000000000000000 0000000000000000"
                      "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
                      "00010000 80000000"
                      "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"_hex));
    CHECK(equal_bytes(*parsed.body.attributes.find(2),
                      "6362632861657329 0000000000000000 0000000000000000 0000000000000000"
                      "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
                      "80000000 101112131415161718191a1b1c1d1e1f"_hex));
    CHECK_FALSE(parsed.has(uapi::attribute::alg_auth));
    CHECK_FALSE(parsed.has(uapi::attribute::alg_aead));
}

TEST_CASE("encode_sa: null encryption still sends ALG_CRYPT, which the kernel demands") {
    InstallSa sa = cbc_sa();
    sa.suite.cipher = {wire::EncryptionId::null, 0};
    sa.keys.encryption = Secret();
    const Parsed parsed(sa, old_kernel);
    CHECK(parsed.body.attributes.get<uapi::Algorithm>(2)->key_bits == 0);
}

TEST_CASE("encode_sa: the direction is told to kernels that know directions") {
    InstallSa sa = gcm_sa();
    CHECK(Parsed(sa, new_kernel).body.attributes.get<std::uint8_t>(33) == 2);
    CHECK_FALSE(Parsed(sa, old_kernel).has(33));
    sa.direction = Direction::in;
    CHECK(Parsed(sa, new_kernel).body.attributes.get<std::uint8_t>(33) == 1);
}

TEST_CASE("encode_sa: an inbound window of up to 32 packets is the legacy field") {
    InstallSa sa = gcm_sa();
    sa.direction = Direction::in;
    for (std::uint32_t window : {0U, 1U, 32U}) {
        sa.replay_window = window;
        const Parsed parsed(sa, new_kernel);
        CHECK(parsed.info.replay_window == window);
        CHECK_FALSE(window_attribute(parsed));
    }
}

TEST_CASE("encode_sa: a larger window is an attribute alone, without the ESN flag") {
    InstallSa sa = gcm_sa();
    sa.direction = Direction::in;
    sa.replay_window = 33;
    const Parsed parsed(sa, new_kernel);
    CHECK(parsed.info.replay_window == 0);
    CHECK(parsed.info.flags == uapi::sa_flag_af_unspec);
    CHECK(window_attribute(parsed) == 33);
    sa.replay_window = 100000;
    CHECK(window_attribute(Parsed(sa, new_kernel)) == uapi::esn_window_max);
}

TEST_CASE("encode_sa: an inbound ESN SA always has a window") {
    InstallSa sa = gcm_sa();
    sa.direction = Direction::in;
    sa.suite.esn = wire::EsnId::yes;
    sa.replay_window = 64;
    const Parsed parsed(sa, new_kernel);
    CHECK((parsed.info.flags & uapi::sa_flag_esn) != 0);
    CHECK(parsed.info.replay_window == 0);
    CHECK(window_attribute(parsed) == 64);
    sa.replay_window = 0;
    CHECK(window_attribute(Parsed(sa, new_kernel)) == esn_window_min);
    CHECK(window_attribute(Parsed(sa, old_kernel)) == esn_window_min);
}

TEST_CASE("encode_sa: an outbound SA has no window, but for ESN on kernels without directions") {
    InstallSa sa = gcm_sa();
    sa.replay_window = 128;
    CHECK(Parsed(sa, new_kernel).info.replay_window == 0);
    CHECK_FALSE(window_attribute(Parsed(sa, new_kernel)));
    CHECK_FALSE(window_attribute(Parsed(sa, old_kernel)));
    sa.suite.esn = wire::EsnId::yes;
    CHECK(window_attribute(Parsed(sa, new_kernel)) == 0);
    CHECK(Parsed(sa, new_kernel).body.attributes.find(23)->size() == 24);
    CHECK(window_attribute(Parsed(sa, old_kernel)) == 1);
}

TEST_CASE("encode_sa: what is unlimited is all ones for octets and packets, 0 for seconds") {
    const Parsed parsed(gcm_sa(), old_kernel);
    const uapi::LifetimeLimits& lft = parsed.info.lft;
    CHECK(lft.soft_byte_limit == uapi::unlimited);
    CHECK(lft.hard_packet_limit == uapi::unlimited);
    CHECK(lft.hard_add_expires_seconds == 0);
}

TEST_CASE("encode_sa: without a selector a tunnel takes either family, transport mode its own") {
    InstallSa sa = gcm_sa();
    const Parsed tunnel(sa, old_kernel);
    CHECK(tunnel.info.sel.family == 0);
    CHECK(tunnel.info.flags == uapi::sa_flag_af_unspec);
    sa.mode = Mode::transport;
    const Parsed transport(sa, old_kernel);
    CHECK(transport.info.sel.family == uapi::family_inet);
    CHECK(transport.info.flags == 0);
    CHECK(transport.info.mode == 0);
}

TEST_CASE("encode_sa: the selector's family may differ from the tunnel's") {
    InstallSa sa = gcm_sa();
    sa.selector = Selector{net("2001:db8::/64"), net("::/0")};
    const Parsed parsed(sa, old_kernel);
    CHECK(parsed.info.family == uapi::family_inet);
    CHECK(parsed.info.sel.family == uapi::family_inet6);
    CHECK(parsed.info.sel.prefixlen_s == 64);
    CHECK(parsed.info.flags == 0);
}

TEST_CASE("encode_sa: other ports are the same message but for its type") {
    const auto sa_with_ports = [] {
        InstallSa sa = gcm_sa();
        sa.encapsulation = Encapsulation{4500, 61234};
        return sa;
    };
    const Bytes added = to_bytes(encode(sa_with_ports(), new_kernel, {1, 2}));
    Bytes updated = to_bytes(encode(UpdatePorts{sa_with_ports()}, new_kernel, {1, 2}));
    REQUIRE(updated.size() == added.size());
    CHECK(updated[4] == uapi::message::updsa);
    updated[4] = uapi::message::newsa;
    CHECK(updated == added);
}

TEST_CASE("encode_sa: encapsulation, with the attributes of its direction") {
    InstallSa sa = gcm_sa();
    sa.encapsulation = Encapsulation{4500, 61234};
    sa.nat_keepalive_seconds = 20;
    const Parsed out(sa, new_kernel);
    CHECK(equal_bytes(*out.body.attributes.find(4),
                      "0200 1194 ef32 0000 00000000000000000000000000000000"_hex));
    CHECK(out.body.attributes.get<std::uint32_t>(34) == 20);
    CHECK_FALSE(out.has(32));
    CHECK_FALSE(Parsed(sa, old_kernel).has(34));

    sa.direction = Direction::in;
    const Parsed in(sa, new_kernel);
    CHECK(in.body.attributes.get<std::uint32_t>(32) == mapping_interval_seconds);
    CHECK_FALSE(in.has(34));
    CHECK_FALSE(Parsed(sa, old_kernel).has(32));
}

TEST_CASE("encode_sa: offload names the device, the direction and how much") {
    InstallSa sa = gcm_sa();
    sa.offload = OffloadRequest{5, OffloadMode::crypto};
    CHECK(equal_bytes(*Parsed(sa, old_kernel).body.attributes.find(28), "05000000 00 000000"_hex));
    sa.offload->mode = OffloadMode::packet;
    CHECK(equal_bytes(*Parsed(sa, old_kernel).body.attributes.find(28), "05000000 04 000000"_hex));
    sa.direction = Direction::in;
    CHECK(equal_bytes(*Parsed(sa, old_kernel).body.attributes.find(28), "05000000 06 000000"_hex));
    sa.offload->mode = OffloadMode::none;
    CHECK_FALSE(Parsed(sa, old_kernel).has(28));
}

TEST_CASE("encode_sa: DELSA and GETSA name destination, SPI and protocol") {
    const DeleteSa remove{ip("192.0.2.1"), ip("2001:db8::2"), EspSpi(0xc1234567)};
    CHECK(to_bytes(encode(remove, {3, 4})) ==
          "28000000 1100 0500 03000000 04000000"
          "20010db8000000000000000000000002 c1234567 0a00 32 00"_hex);
    const QuerySa query{ip("192.0.2.1"), ip("192.0.2.2"), EspSpi(0xc1234567)};
    CHECK(to_bytes(encode(query, {3, 4})) ==
          "28000000 1200 0500 03000000 04000000"
          "c0000202000000000000000000000000 c1234567 0200 32 00"_hex);
}

TEST_CASE("encode_sa: ALLOCSPI for an ACQUIRE, octet by octet") {
    AllocateSpi allocate;
    allocate.source = ip("192.0.2.1");
    allocate.destination = ip("192.0.2.2");
    allocate.spi = EspSpi(0xc1234567);
    allocate.sequence = 9;
    allocate.reqid = Reqid(0x58000001);
    allocate.if_id = IfId(7);
    const std::string selector =
        "00000000000000000000000000000000 00000000000000000000000000000000"
        "0000 0000 0000 0000 0000 00 00 00 000000 00000000 00000000";
    const std::string limits =
        "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff"
        "0000000000000000 0000000000000000 0000000000000000 0000000000000000";
    const std::string used = "0000000000000000 0000000000000000 0000000000000000 0000000000000000";
    const auto expected = [&](const std::string& length, const std::string& direction) {
        return hex_octets(length + "0000 1600 0500 03000000 04000000" + selector +
                          // destination, no SPI, ESP; source
                          "c0000202000000000000000000000000 00000000 32 000000"
                          "c0000201000000000000000000000000" +
                          limits + used +
                          // statistics; number, reqid, family, mode, window, flags
                          "00000000 00000000 00000000"
                          "09000000 01000058 0200 01 00 00 00000000000000"
                          // the least and the greatest SPI; interface id
                          "674523c1 674523c1"
                          "0800 1f00 07000000" +
                          direction);
    };
    CHECK(to_bytes(encode(allocate, old_kernel, {3, 4})) == expected("0001", ""));
    CHECK(to_bytes(encode(allocate, new_kernel, {3, 4})) ==
          expected("0801", "0500 2100 02 000000"));
    allocate.mode = Mode::transport;
    allocate.if_id = IfId{};
    const auto transport = encode(allocate, old_kernel, {3, 4});
    CHECK(transport.size() == 16 + sizeof(uapi::UserSpiInfo));
    CHECK(transport[16 + 218] == 0);
}

TEST_CASE("encode_sa: a dump asks for ESP SAs alone") {
    CHECK(to_bytes(encode_sa_dump({3, 4})) ==
          "18000000 1200 0103 03000000 04000000 0500 1900 32 000000"_hex);
}
