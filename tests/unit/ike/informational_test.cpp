#include "ike/exchanges/informational.hpp"

#include "support/catch.hpp"
#include "unit/ike/ends.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::test;
using wire::DeletePayload;

namespace {

/// Child SAs of the first phase 2 without policies, our SPIs from 1000, the peer's from 5000 on.
void add_children(Ends& ends, std::uint32_t count) {
    config::Phase1 phase1;
    phase1.phase2s.resize(1);
    ends.responder.tunnel->phase1 = std::make_shared<const config::Phase1>(phase1);
    ends.responder.tunnel->phase2_states.resize(1);
    for (std::uint32_t i = 0; i < count; ++i) {
        ChildSa child;
        child.state = ChildState::established;
        child.spi_in = EspSpi(1000 + i);
        child.spi_out = EspSpi(5000 + i);
        ends.responder.children.push_back(std::move(child));
    }
}

}  // namespace

// RFC 7296 section 1.4.1; a payload of ours holds less than a message of the peer's may name.
TEST_CASE("C06 informational: more Child SAs deleted at once than one Delete payload names") {
    constexpr std::uint32_t count = DeletePayload::max_spis + 100;
    Ends ends(gcm_suite);
    add_children(ends, count);
    wire::Payloads request;
    request.deletes.resize(2, DeletePayload{wire::ProtocolId::esp, {}});
    for (std::uint32_t i = 0; i < count; ++i)
        request.deletes[i % 2].spis.push_back(EspSpi(5000 + i));
    wire::Header header;
    header.exchange = wire::ExchangeType::informational;
    header.initiator = true;
    informational::respond(ends.responder, header, request, ends.context);

    CHECK(ends.responder.children.empty());
    Bytes answer = ends.responder.window.last_response().at(0);
    const auto opened =
        open_message(ends.initiator, *wire::Header::parse(answer), answer, ends.context);
    REQUIRE(opened);
    REQUIRE(opened->payloads);
    REQUIRE(opened->payloads->deletes.size() == 2);
    CHECK(opened->payloads->deletes[0].spis.size() == DeletePayload::max_spis);
    CHECK(opened->payloads->deletes[1].spis.size() == 100);
}
