#include "daemon/error_text.hpp"

#include <fmt/format.h>

#include <cstring>

namespace xfrmd::daemon {

std::string error_text(int error) {
    const char* name = strerrorname_np(error);
    const char* description = strerrordesc_np(error);
    if (!name || !description) return fmt::format("error {}", error);
    return fmt::format("{} ({})", name, description);
}

}  // namespace xfrmd::daemon
