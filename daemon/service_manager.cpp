#include "daemon/service_manager.hpp"

#include <systemd/sd-daemon.h>
#include <time.h>

namespace xfrmd::daemon {
namespace {

/// CLOCK_MONOTONIC, by which systemd tells this reload's READY=1 from the one before.
long long monotonic_microseconds() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000LL + time.tv_nsec / 1000;
}

}  // namespace

void notify_ready(const std::string& status) {
    sd_notifyf(0, "READY=1\nSTATUS=%s", status.c_str());
}

void notify_status(const std::string& status) {
    sd_notifyf(0, "STATUS=%s", status.c_str());
}

void notify_reloading() {
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reading the configuration",
               monotonic_microseconds());
}

void notify_stopping() {
    sd_notify(0, "STOPPING=1\nSTATUS=Deleting the tunnels");
}

}  // namespace xfrmd::daemon
