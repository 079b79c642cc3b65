// RFC 7296 sections 2.1 to 2.3.
#include "ike/message_window.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

const Bytes request_0{0, 1, 2};
const Bytes request_1{1, 2, 3};

void accept(MessageWindow& window, std::uint32_t id, ByteView octets) {
    window.accepted_request(MessageId(id), MessageWindow::fingerprint(octets));
}

}  // namespace

TEST_CASE("message window: our requests count from 0, one at a time") {
    MessageWindow window;
    CHECK(window.idle());
    CHECK(window.next_request_id() == MessageId(0));
    window.sent_request({request_0}, Instant{});
    CHECK_FALSE(window.idle());
    CHECK(window.outstanding()->id == MessageId(0));
    CHECK(window.outstanding()->datagrams == Datagrams{request_0});
    CHECK(window.outstanding()->transmissions == 1);
    CHECK(window.next_request_id() == MessageId(1));
    window.received_response();
    CHECK(window.idle());
    CHECK(window.outstanding() == nullptr);
}

TEST_CASE("message window: only the outstanding request's response is expected") {
    MessageWindow window;
    CHECK_FALSE(window.expects_response(MessageId(0)));
    window.sent_request({request_0}, Instant{});
    CHECK(window.expects_response(MessageId(0)));
    CHECK_FALSE(window.expects_response(MessageId(1)));
    window.received_response();
    CHECK_FALSE(window.expects_response(MessageId(0)));
}

// "the Message ID ... for the IKE_SA_INIT messages" is "always 0 ... including retries"
// (RFC 7296 section 2.2).
TEST_CASE("message window: a request in place of another keeps the ID and starts anew") {
    MessageWindow window;
    const Instant later{std::chrono::seconds(2)};
    window.sent_request({request_0}, Instant{});
    window.outstanding()->transmissions = 3;
    window.replace_request({request_1}, later);
    CHECK(window.outstanding()->id == MessageId(0));
    CHECK(window.outstanding()->datagrams == Datagrams{request_1});
    CHECK(window.outstanding()->first_sent == later);
    CHECK(window.outstanding()->transmissions == 1);
    CHECK(window.next_request_id() == MessageId(1));
}

TEST_CASE("message window: the peer's next request is fresh, those before and behind are stray") {
    MessageWindow window;
    CHECK(window.judge_request(MessageId(0), request_0) == RequestVerdict::fresh);
    CHECK(window.judge_request(MessageId(1), request_1) == RequestVerdict::stray);
    accept(window, 0, request_0);
    CHECK(window.judge_request(MessageId(1), request_1) == RequestVerdict::fresh);
    CHECK(window.judge_request(MessageId(2), request_1) == RequestVerdict::stray);
    CHECK(window.judge_request(MessageId(0xffffffff), request_1) == RequestVerdict::stray);
}

// "The responder MUST remember each response until it receives a request whose sequence number is
// larger than or equal to the sequence number in the response plus its window size."
TEST_CASE("message window: the last request again, octet by octet, is a duplicate") {
    MessageWindow window;
    accept(window, 0, request_0);
    window.sent_response({{9, 9}});
    CHECK(window.judge_request(MessageId(0), request_0) == RequestVerdict::duplicate);
    CHECK(window.last_response() == Datagrams{{9, 9}});
    accept(window, 1, request_1);
    window.sent_response({{8}});
    CHECK(window.judge_request(MessageId(0), request_0) == RequestVerdict::stray);
    CHECK(window.judge_request(MessageId(1), request_1) == RequestVerdict::duplicate);
}

TEST_CASE("message window: how often a response goes out is counted for each request") {
    MessageWindow window;
    CHECK_FALSE(window.has_answered(MessageId(0)));
    accept(window, 0, request_0);
    CHECK_FALSE(window.has_answered(MessageId(0)));
    window.sent_response({{9}});
    CHECK(window.has_answered(MessageId(0)));
    CHECK_FALSE(window.has_answered(MessageId(1)));
    CHECK(window.repeat_response() == 2);
    CHECK(window.repeat_response() == 3);
    accept(window, 1, request_1);
    CHECK(window.repeat_response() == 2);
}

TEST_CASE("message window: another message under the last ID is stray") {
    MessageWindow window;
    accept(window, 0, request_0);
    window.sent_response({{9}});
    CHECK(window.judge_request(MessageId(0), request_1) == RequestVerdict::stray);
}

TEST_CASE("message window: a duplicate that comes before the answer is stray") {
    MessageWindow window;
    accept(window, 0, request_0);
    CHECK(window.judge_request(MessageId(0), request_0) == RequestVerdict::stray);
    window.sent_response({{9}});
    accept(window, 1, request_1);
    CHECK(window.last_response().empty());
    CHECK(window.judge_request(MessageId(1), request_1) == RequestVerdict::stray);
}

TEST_CASE("message window: every octet counts for the fingerprint") {
    const Bytes octets(64, 0);
    const std::uint64_t whole = MessageWindow::fingerprint(octets);
    for (std::size_t i = 0; i < octets.size(); ++i) {
        Bytes changed = octets;
        changed[i] ^= 1;
        CHECK(MessageWindow::fingerprint(changed) != whole);
    }
    CHECK(MessageWindow::fingerprint(ByteView(octets).first(63)) != whole);
}
