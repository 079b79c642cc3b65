// Any octets as what a client of the control socket sends, and as what a daemon answers: calls
// become values or errors, replies become screens, and nothing becomes anything else.
#include <string>

#include "control/client.hpp"
#include "control/frames.hpp"
#include "control/reply.hpp"
#include "control/request.hpp"
#include "control/screen.hpp"
#include "fuzz/action_reader.hpp"
#include "fuzz/target.hpp"

using namespace xfrmd;
using test::expect;

namespace {

void as_call(const std::string& message) {
    const auto call = control::read_call(message);
    if (call) {
        expect(!control::describe(call->request).empty(), "a call without words");
    } else if (const auto* error = std::get_if<control::ErrorReply>(&call.error())) {
        std::string frame = control::error_frame(*error);
        frame.pop_back();
        const auto reply = control::read_reply(frame);
        expect(reply && reply->error == error->name,
               "an error that its client does not understand");
    }
}

void as_reply(const std::string& message) {
    control::read_reply(message);
    for (const bool color : {false, true}) {
        control::status_table(message, {color});
        control::status_details(message, {color});
        control::explanation_text(message, {color});
        control::event_line(message, {color});
        control::plan_text(message, {color});
    }
    control::counters_text(message);
    control::names_in(control::join_status({message}));
    control::is_up(message, "");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    control::FrameReader reader(control::JsonLimits{}.octets);
    reader.append(as_text({data, size}));
    for (;;) {
        const auto message = reader.next();
        if (!message || !*message) break;
        as_call(**message);
        as_reply(**message);
    }
    return 0;
}
