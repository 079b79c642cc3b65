#include "ike/exchanges/create_child_sa.hpp"

#include "ike/sk_message.hpp"

namespace xfrmd::ike::create_child_sa {

void refuse(IkeSa& sa, const wire::Header& request, EngineContext& context) {
    SkMessageWriter message = SkMessageWriter::response(sa, request, context);
    wire::NotifyPayload notify;
    notify.notify_type = std::holds_alternative<Deleting>(sa.state)
                             ? wire::NotifyType::temporary_failure
                             : wire::NotifyType::no_additional_sas;
    message.inner().add(notify);
    sa.send_response(message.seal(), context);
}

}  // namespace xfrmd::ike::create_child_sa
