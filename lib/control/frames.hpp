// Varlink's framing: messages are JSON texts, each ended by an octet of zero.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace xfrmd::control {

/// A message is longer than it may be; nothing after it can be understood.
struct FrameTooLong {};

/// Cuts a stream of octets into messages. Holds no more than one unfinished message and what was
/// appended last.
class FrameReader {
  public:
    explicit FrameReader(std::size_t longest) : longest_(longest) {}

    void append(std::string_view octets) { held_.append(octets); }
    /// The next message without its end; nothing if none is complete.
    std::expected<std::optional<std::string>, FrameTooLong> next();
    std::size_t held() const { return held_.size(); }

  private:
    std::size_t longest_;
    std::string held_;
    std::size_t searched_ = 0;  ///< so many octets of `held_` are known to be no end
};

/// The message with its end.
std::string frame(std::string text);

}  // namespace xfrmd::control
