#include "control/frames.hpp"

namespace xfrmd::control {

std::expected<std::optional<std::string>, FrameTooLong> FrameReader::next() {
    const std::size_t end = held_.find('\0', searched_);
    if (end == std::string::npos) {
        searched_ = held_.size();
        if (held_.size() > longest_) return std::unexpected(FrameTooLong{});
        return std::nullopt;
    }
    if (end > longest_) return std::unexpected(FrameTooLong{});
    std::string message = held_.substr(0, end);
    held_.erase(0, end + 1);
    searched_ = 0;
    return message;
}

std::string frame(std::string text) {
    text.push_back('\0');
    return text;
}

}  // namespace xfrmd::control
