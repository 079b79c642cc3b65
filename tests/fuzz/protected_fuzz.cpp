// Behind decryption: the fuzzer has the peer's keys, and says what a protected message carries, in
// an exchange and a state of its choice. Whatever it says, the invariants hold, what comes back is
// authentic, and a gateway that is stopped leaves nothing.
#include <algorithm>
#include <array>
#include <utility>

#include "fuzz/action_reader.hpp"
#include "fuzz/target.hpp"
#include "sim/wiretap.hpp"
#include "support/invariants.hpp"
#include "support/world.hpp"

using namespace xfrmd;
using namespace xfrmd::test;
using std::chrono::seconds;
using wire::ExchangeType;

namespace {

/// Messages that one input gives.
constexpr std::size_t most_messages = 6;

/// Who is spoken to, as whom, and about what.
enum class Scene : std::uint8_t {
    request_to_responder,
    request_to_initiator,
    ike_auth_request,
    ike_auth_response,
    child_rekey_response,
    ike_rekey_response,
    delete_response,
};
constexpr std::size_t scenes = 7;

constexpr std::array request_exchanges{ExchangeType::informational, ExchangeType::create_child_sa,
                                       ExchangeType::ike_auth, ExchangeType::ike_followup_ke};

/// Payloads of the fuzzer's choice: their types, bodies and lengths are right or wrong as it likes.
struct Content {
    wire::PayloadType first = wire::PayloadType::none;
    Bytes plain;
};

/// Most lengths are set right: a fuzzer takes long to find out.
Content next_content(ActionReader& actions) {
    Content content;
    std::size_t next_at = 0;
    for (std::size_t count = actions.below(8); count > 0; --count) {
        const wire::PayloadType type{static_cast<std::uint8_t>(33 + actions.below(22))};
        const std::size_t size = actions.u8();
        const Bytes body = actions.bytes(size);
        const std::size_t at = content.plain.size();
        if (at == 0)
            content.first = type;
        else
            content.plain[next_at] = std::to_underlying(type);
        next_at = at;
        ByteWriter writer(content.plain);
        writer.u16(0);
        writer.u16(static_cast<std::uint16_t>(body.size() + wire::generic_header_size));
        writer.bytes(body);
    }
    if (actions.u8() == 255) content.plain = actions.bytes(actions.u8());
    return content;
}

class Harness {
  public:
    explicit Harness(Scene scene) : scene_(scene), pair_(specified()) {
        to_west_ = scene != Scene::request_to_responder && scene != Scene::ike_auth_request;
        set_stage();
    }

    bool is_request() const { return scene_ <= Scene::ike_auth_request; }

    void say(ExchangeType exchange, const Content& content) {
        Wiretap tap(pair_.world.library(), pair_.west.key_logs.at(0));
        wire::Header header = tap.request(exchange, message_id_, !to_west_);
        header.response = !is_request();
        Gateway& gateway = to_west_ ? pair_.west : pair_.east;
        const Gateway& other = to_west_ ? pair_.east : pair_.west;
        const Bytes datagram = tap.seal_fragment(header, {1, 1, content.first, content.plain});
        gateway.sent.clear();
        gateway.handle(
            ike::DatagramReceived{{gateway.address, 500}, {other.address, 500}, datagram},
            pair_.world.now());
        check_answers(tap, gateway, header);
        check();
    }

    void end() {
        pair_.world.run_for(seconds(10));
        check();
        for (Gateway* gateway : {&pair_.west, &pair_.east})
            gateway->handle(ike::CommandStop{}, pair_.world.now());
        pair_.world.run_for(seconds(5));
        for (const Gateway* gateway : {&pair_.west, &pair_.east})
            expect(check_stopped(*gateway).empty(), "something is left of a stopped gateway");
    }

  private:
    static TunnelSpec specified() {
        TunnelSpec spec;
        spec.local_subnets = {"10.1.0.0/24", "10.3.0.0/24"};
        return spec;
    }

    void set_stage() {
        World& world = pair_.world;
        if (scene_ == Scene::ike_auth_request || scene_ == Scene::ike_auth_response) {
            pair_.west.handle(ike::CommandUp{"tunnel", ""}, world.now());
            world.step();
            world.step();
            message_id_ = 1;
            exchange_ = ExchangeType::ike_auth;
            return;
        }
        expect(pair_.connect(), "two gateways do not connect");
        message_id_ = scene_ == Scene::request_to_initiator ? 0 : 2;
        if (scene_ == Scene::child_rekey_response)
            ask(ike::CommandRekey{"tunnel", "tunnel-net"}, ExchangeType::create_child_sa);
        if (scene_ == Scene::ike_rekey_response)
            ask(ike::CommandRekey{"tunnel", ""}, ExchangeType::create_child_sa);
        if (scene_ == Scene::delete_response)
            ask(ike::CommandDown{"tunnel"}, ExchangeType::informational);
    }

    /// West asks, and its request never arrives.
    void ask(ike::Input command, ExchangeType exchange) {
        pair_.west.handle(std::move(command), pair_.world.now());
        pair_.west.sent.clear();
        exchange_ = exchange;
    }

    /// An answer counts up the message ID, and it must be one that the peer can read.
    void check_answers(const Wiretap& tap, const Gateway& gateway, const wire::Header& asked) {
        for (const ike::Transmit& sent : gateway.sent) {
            const auto header = wire::Header::parse(sent.octets);
            expect(header.has_value(), "an answer without a header");
            if (!header->response || header->spi_i != asked.spi_i) continue;
            expect(is_request() && header->message_id == asked.message_id, "an answer to nothing");
            if (header->next_payload == wire::PayloadType::encrypted) tap.open(sent.octets);
            ++message_id_;
            return;
        }
    }

    /// What both ends agree on is not asked: the fuzzer speaks for one of them, without its
    /// knowledge.
    void check() {
        for (const Gateway* gateway : {&pair_.west, &pair_.east})
            expect(check_tables(*gateway).empty(), "an invariant is violated");
    }

  public:
    ExchangeType choose(ActionReader& actions) const {
        if (!is_request()) return exchange_;
        if (scene_ == Scene::ike_auth_request) return ExchangeType::ike_auth;
        return request_exchanges[actions.below(request_exchanges.size())];
    }

  private:
    Scene scene_;
    Pair pair_;
    bool to_west_ = false;
    std::uint32_t message_id_ = 0;
    ExchangeType exchange_ = ExchangeType::informational;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ActionReader actions({data, size});
    Harness harness(Scene{static_cast<std::uint8_t>(actions.below(scenes))});
    for (std::size_t count = 0; !actions.empty() && count < most_messages; ++count) {
        const ExchangeType exchange = harness.choose(actions);
        harness.say(exchange, next_content(actions));
    }
    harness.end();
    return 0;
}
