// Writes what the fuzzers start from, made by our own code: `seeds FOLDER` fills a folder of each
// target's name. Equal programs write equal files.
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz/payload_writer.hpp"
#include "sim/wiretap.hpp"
#include "support/seeded_random.hpp"
#include "support/world.hpp"
#include "xfrm/encode.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;

namespace {

class Folder {
  public:
    explicit Folder(std::filesystem::path path) : path_(std::move(path)) {
        std::filesystem::create_directories(path_);
    }

    void add(ByteView octets) {
        std::ofstream file(path_ / ("seed-" + std::to_string(++count_)), std::ios::binary);
        file.write(reinterpret_cast<const char*>(octets.data()),
                   static_cast<std::streamsize>(octets.size()));
    }

  private:
    std::filesystem::path path_;
    std::size_t count_ = 0;
};

/// A tunnel's whole life, of small and of large messages.
void live(Pair& pair) {
    pair.connect();
    for (const char* phase2 : {"tunnel-net", ""}) {
        pair.west.handle(ike::CommandRekey{"tunnel", phase2}, pair.world.now());
        pair.world.run_for(seconds(5));
    }
    pair.east.handle(ike::CommandStop{}, pair.world.now());
    pair.world.run_for(seconds(5));
}

/// The inside of a protected message as the messages target reads it: behind a header.
Bytes as_clear(const OpenedMessage& message) {
    wire::Header header = message.header;
    header.next_payload = message.first;
    Bytes octets;
    header.append_to(octets);
    ByteWriter(octets).bytes(message.chain);
    return octets;
}

/// Payloads as the protected target takes them: their number, then type, size and body of each.
Bytes as_actions(std::uint8_t scene, const OpenedMessage& message) {
    Bytes actions{scene, 0, 0};
    wire::PayloadChain chain(message.first, message.chain);
    for (auto next = chain.next(); next && *next; next = chain.next()) {
        const auto size = std::min<std::size_t>((*next)->body.size(), 255);
        ++actions[2];
        ByteWriter writer(actions);
        writer.u8(static_cast<std::uint8_t>(std::to_underlying((*next)->type) - 33));
        writer.u8(static_cast<std::uint8_t>(size));
        writer.bytes((*next)->body.first(size));
    }
    return actions;
}

void add_messages(Folder& messages, Folder& protected_ones, Pair& pair) {
    for (const Flight& flight : pair.world.traffic) {
        messages.add(flight.datagram.octets);
        const auto header = wire::Header::parse(flight.datagram.octets);
        if (!header || header->next_payload != wire::PayloadType::encrypted) continue;
        for (const ike::KeyLog& keys : pair.west.key_logs) {
            if (keys.spi_i != header->spi_i) continue;
            const auto opened = Wiretap(pair.world.library(), keys).open(flight.datagram.octets);
            messages.add(as_clear(opened));
            for (std::uint8_t scene = 0; scene < 7; ++scene)
                protected_ones.add(as_actions(scene, opened));
        }
    }
}

void add_protocol(const std::filesystem::path& root) {
    Folder messages(root / "messages");
    Folder protected_ones(root / "protected");
    TunnelSpec large;
    for (int i = 1; i < 60; ++i)
        large.remote_subnets.push_back("10.2." + std::to_string(i) + ".0/24");
    for (const TunnelSpec& spec : {TunnelSpec{}, large}) {
        Pair pair(spec);
        live(pair);
        add_messages(messages, protected_ones, pair);
    }
}

xfrm::InstallSa some_sa() {
    xfrm::InstallSa sa;
    sa.direction = xfrm::Direction::out;
    sa.source = address("192.0.2.1");
    sa.destination = address("192.0.2.2");
    sa.spi = EspSpi(0xc1234567);
    sa.reqid = Reqid(0x58000001);
    sa.suite.cipher = {wire::EncryptionId::aes_gcm_16, 128};
    sa.keys.encryption = Secret(20);
    return sa;
}

xfrm::InstallPolicy some_policy() {
    xfrm::InstallPolicy policy;
    policy.direction = xfrm::Direction::out;
    policy.selector = {Subnet::from_text("10.1.0.0/24").value(),
                       Subnet::from_text("10.2.0.0/16").value()};
    policy.index = PolicyIndex(0x58000019);
    policy.tmpl = xfrm::PolicyTemplate{address("192.0.2.1"), address("192.0.2.2"),
                                       Reqid(0x58000001), xfrm::Mode::tunnel, std::nullopt};
    return policy;
}

/// The kernel's answers have the layout of our requests, behind the octet that chooses a decoder.
void add_netlink(const std::filesystem::path& root) {
    Folder folder(root / "netlink");
    std::vector<xfrm::Operation> operations;
    operations.emplace_back(some_sa());
    operations.emplace_back(some_policy());
    operations.emplace_back(xfrm::DeleteSa{address("192.0.2.1"), address("192.0.2.2"), EspSpi(7)});
    for (const xfrm::Operation& operation : operations) {
        const auto encoded = xfrm::encode(operation, {}, 1, 2);
        for (std::uint8_t decoder = 0; decoder < 4; ++decoder) {
            Bytes octets{decoder};
            // The decoders of one object read what stands behind the message's header.
            const ByteView message(encoded.message.data(), encoded.message.size());
            ByteWriter(octets).bytes(decoder < 2 ? message : message.subspan(16));
            folder.add(octets);
        }
    }
}

constexpr std::string_view whole_configuration = R"({ // one of each
  "daemon": { "half-open-limit": 100 },
  "address": { "lan": { "subnet": "10.1.0.0/24" },
               "hosts": { "type": "iprange", "start-ip": "10.2.0.1", "end-ip": "10.2.0.9" } },
  "addrgrp": { "all": { "member": ["lan", "hosts"] } },
  "phase1-interface": { "hub": { "interface": "eth0", "remote-gw": "192.0.2.1",
      "proposal": ["aes128gcm-prfsha256", "aes256-sha256"], "dhgrp": [31, 20, 14],
      "fragmentation-mtu": 1400, "psksecret": { "file": "/etc/psk" } } },
  "phase2-interface": { "net": { "phase1name": "hub", "proposal": ["aes128gcm"],
      "auto-negotiate": true, "src-addr-type": "name", "src-name": "all",
      "dst-subnet": "10.3.0.0/16" } },
  "phase1": { "east": { "interface": "eth0", "type": "dynamic", "proposal": ["aes256-sha256"],
      "peertype": "one", "peerid": "east.example", "psksecret": "0123456789abcdef" } },
  "phase2": { "far": { "phase1name": "east", "proposal": ["aes256-sha256"], "pfs": false } }
})";

void add_configuration(const std::filesystem::path& root) {
    Folder folder(root / "configuration");
    folder.add(as_bytes(whole_configuration));
    folder.add(as_bytes("{}"));
    folder.add(as_bytes("{ \"address\": { \"lan\": { \"subnet\": \"10.1.0.0/33\" } } }"));
}

/// Messages, each with its end.
void add_control(const std::filesystem::path& root) {
    Folder folder(root / "control");
    for (const char* text :
         {R"({"method":"io.xfrmd.Control.Status","parameters":{"phase1":"hq"},"more":true})",
          R"({"method":"io.xfrmd.Control.Monitor","parameters":{"level":"debug"},"more":true})",
          R"({"method":"io.xfrmd.Control.Up","parameters":{"phase1":"hq","phase2":"lan"}})",
          R"({"tunnels":[{"name":"hq","state":"up","phase2s":[{"name":"lan","child_sas":[{}]}]}]})",
          R"({"parameters":{"explanations":[{"chain":[{"link":"data","verdict":"ok"}]}]}})",
          R"({"event":{"level":"info","message":"x"},"lost":1})"})
        folder.add(as_bytes(std::string(text) + '\0'));
}

/// Decisions at random: a fuzzer finds the good ones.
void add_decisions(Folder& folder, std::uint64_t seed) {
    SeededRandom random(seed);
    for (std::size_t size = 8; size <= 512; size *= 2) {
        Bytes octets(size);
        random.fill(octets);
        folder.add(octets);
    }
}

/// West comes up and every datagram is delivered: what all schedules have in common.
void add_quiet_schedules(Folder& folder) {
    for (std::uint8_t shape = 0; shape < 8; ++shape) {
        Bytes octets{shape, 12, 0, 0};
        for (int datagram = 0; datagram < 12; ++datagram)
            octets.insert(octets.end(), {0, 0, 0});
        octets.insert(octets.end(), {9, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 0, 0, 0, 0, 0, 0, 0});
        folder.add(octets);
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    const std::filesystem::path root = arguments[1];
    add_protocol(root);
    add_netlink(root);
    add_configuration(root);
    add_control(root);
    Folder fragments(root / "reassembly");
    add_decisions(fragments, 1);
    Folder schedules(root / "state_machine");
    add_decisions(schedules, 2);
    add_quiet_schedules(schedules);
    return 0;
}
