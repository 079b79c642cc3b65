// Fragments of an authentic peer in any order, cut, size and number, forged ones among them: what
// is joined is what a few lines of model say, and no more is kept than they do.
#include <map>
#include <optional>

#include "fuzz/action_reader.hpp"
#include "fuzz/target.hpp"
#include "ike/open_fragment.hpp"
#include "sim/wiretap.hpp"
#include "support/seeded_random.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::expect;

namespace {

const crypto::IkeSuite suite{{wire::EncryptionId::aes_gcm_16, 128},
                             wire::IntegrityId::none,
                             wire::PrfId::hmac_sha2_256,
                             wire::KeyExchangeMethod::curve25519};

crypto::IkeKeys some_keys(const crypto::Library& library) {
    const Bytes secret(32, 7);
    const Bytes nonce(32, 8);
    return crypto::derive_ike_keys(library, suite, secret, {nonce, nonce, IkeSpi(11), IkeSpi(22)});
}

/// One direction's fragments as a model has them.
struct Model {
    std::uint32_t id = 0;
    std::size_t total = 0;  ///< 0: nothing is kept
    std::map<std::size_t, Bytes> parts{};
    std::size_t octets = 0;
    Instant begun{};
};

struct Fragment {
    std::uint32_t id = 0;
    bool response = false;
    test::Wiretap::Piece piece;
};

/// What the model makes of an authentic fragment: a message, if it was the last one.
std::optional<Bytes> take(Model& model, const Fragment& fragment, std::size_t limit, Instant now) {
    const auto& [number, total, first, plain] = fragment.piece;
    if (number == 0 || number > total || total > Reassembly::max_fragments) return std::nullopt;
    if (model.total == 0 || model.id != fragment.id || total > model.total)
        model = {fragment.id, total, {}, 0, now};
    if (total < model.total || model.parts.contains(number)) return std::nullopt;
    model.octets += plain.size();
    if (model.octets > limit) {
        model = {};
        return std::nullopt;
    }
    model.parts.emplace(number, plain);
    if (model.parts.size() < model.total) return std::nullopt;
    Bytes whole;
    for (const auto& [place, part] : model.parts)
        ByteWriter(whole).bytes(part);
    model = {};
    return whole;
}

class Harness {
  public:
    explicit Harness(bool half_open)
        : limit_(half_open ? Reassembly::max_half_open_octets : Reassembly::max_octets) {
        sa_.suite = suite;
        sa_.tunnel = std::make_shared<Tunnel>();
        sa_.tunnel->phase1 = std::make_shared<const config::Phase1>();
        sa_.fragmentation.agreed = true;
        sa_.remote.address = IpAddress::from_text("192.0.2.1").value();
        Session session{some_keys(library_), 0};
        if (half_open)
            sa_.state = InitAnswered{std::move(session), {}};
        else
            sa_.state = Established{std::move(session)};
    }

    void receive(const Fragment& fragment, std::uint8_t corruption) {
        wire::Header header = tap_.request(wire::ExchangeType::informational, fragment.id, true);
        header.response = fragment.response;
        Bytes octets = tap_.seal_fragment(header, fragment.piece);
        if (corruption != 0) octets.back() ^= corruption;
        const auto read = wire::Header::parse(octets);
        expect(read.has_value(), "a header of ours is not read");
        const auto message = open_message(sa_, *read, octets, context_);
        Model& model = fragment.response ? responses_ : requests_;
        const auto whole =
            corruption != 0 ? std::nullopt : take(model, fragment, limit_, context_.now.boottime);
        expect(message.has_value() == whole.has_value(), "joined too early, too late or never");
        expect(!whole || octets == *whole, "joined to something else");
        check_bounds();
    }

    void pass_time(Duration time) {
        context_.now.boottime += time;
        for (Model* model : {&requests_, &responses_})
            if (model->total != 0 && context_.now.boottime >= model->begun + Reassembly::lifetime)
                *model = {};
        while (context_.timers.take_due(context_.now.boottime))
            on_reassembly_timer(sa_, context_);
        check_bounds();
    }

  private:
    void check_bounds() {
        std::size_t kept = 0;
        for (const Reassembly* one : {sa_.request_fragments.get(), sa_.response_fragments.get()})
            if (one != nullptr) kept += one->octets();
        expect(kept == requests_.octets + responses_.octets, "more or less is kept than fragments");
        const bool counted = std::holds_alternative<InitAnswered>(sa_.state);
        expect(context_.half_open_fragments.held() == (counted ? kept : 0), "a wrong account");
    }

    crypto::Library library_;
    test::SeededRandom random_{1};
    EngineContext context_{library_, random_, {}};
    IkeSa sa_{Role::responder, IkeSpi(11), IkeSpi(22), {}, {}, Dead{}};
    crypto::IkeKeys keys_ = some_keys(library_);
    KeyLog log_{IkeSpi(11),          IkeSpi(22),          suite,
                keys_.sk_ei.clone(), keys_.sk_er.clone(), keys_.sk_ai.clone(),
                keys_.sk_ar.clone()};
    test::Wiretap tap_{library_, log_};
    std::size_t limit_;
    Model requests_;
    Model responses_;
};

Fragment next_fragment(test::ActionReader& actions) {
    const std::uint8_t whose = actions.u8();
    Fragment fragment;
    fragment.id = whose % 3;
    fragment.response = (whose & 4) != 0;
    fragment.piece.number = actions.u8() % 72;
    fragment.piece.total = actions.u8() % 72;
    if (fragment.piece.number == 1) fragment.piece.first = wire::PayloadType::notify;
    // Octets that tell whose they are.
    const auto mark = static_cast<std::uint8_t>(fragment.id * 64 + fragment.piece.number);
    fragment.piece.plain.assign(actions.u16() % 20000U, mark);
    return fragment;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::ActionReader actions({data, size});
    Harness harness((actions.u8() & 1) != 0);
    for (std::size_t steps = 0; !actions.empty() && steps < 300; ++steps) {
        const std::uint8_t what = actions.u8();
        if (what < 16)
            harness.pass_time(std::chrono::seconds(what));
        else if (what < 40)
            harness.receive(next_fragment(actions), what);
        else
            harness.receive(next_fragment(actions), 0);
    }
    return 0;
}
