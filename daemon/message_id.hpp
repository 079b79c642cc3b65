// The journal's MESSAGE_ID of every kind of entry: 32 hex digits that never change (see the
// journal's catalogue).
#pragma once

#include "daemon/notice.hpp"
#include "ike/event.hpp"

namespace xfrmd::daemon {

const char* message_id(ike::EventKind kind);
const char* message_id(NoticeKind kind);

}  // namespace xfrmd::daemon
