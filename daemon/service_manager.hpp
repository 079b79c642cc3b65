// What systemd is told about us (sd_notify(3)). Does nothing when it did not start us.
#pragma once

#include <string>

namespace xfrmd::daemon {

void notify_ready(const std::string& status);
void notify_status(const std::string& status);
void notify_reloading();
void notify_stopping();

}  // namespace xfrmd::daemon
