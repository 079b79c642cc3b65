// A client of the control API: one call after the other over one connection.
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/client.hpp"
#include "control/frames.hpp"
#include "daemon/file_descriptor.hpp"

namespace xfrmd::daemon {

/// How xfrmctl ends; documented in xfrmctl(8). 0 to 4 mean the same as for xfrmd.
enum class ClientExit : int {
    ok = 0,
    failure = 1,  ///< the daemon refused, or the connection broke
    usage = 2,
    configuration = 3,  ///< the configuration is wrong
    privileges = 4,     ///< the daemon, or the socket, is not for this user
    not_running = 6,
    timeout = 7,  ///< what was waited for, or an answer, did not come in time
};

struct ClientFailure {
    ClientExit code = ClientExit::failure;
    std::string message;
};

/// For what the daemon does at once, and for reading its files.
inline constexpr std::chrono::seconds usual_patience{10};
inline constexpr std::chrono::seconds reading_files_patience{60};

class ControlClient {
  public:
    static std::expected<ControlClient, ClientFailure> connect(const std::filesystem::path& path);

    /// How long the next replies are waited for, each; without end if nothing is said. The daemon
    /// answers at once, or something is wrong with it.
    void set_patience(std::optional<std::chrono::milliseconds> patience);

    /// Calls a method and hands each reply's parameters on, until the last one or until `take`
    /// returns false.
    std::expected<void, ClientFailure> call(
        std::string_view method, const control::CallParameters& parameters, bool more,
        const std::function<bool(const std::string& parameters)>& take);
    /// The same for a single reply.
    std::expected<std::string, ClientFailure> ask(std::string_view method,
                                                  const control::CallParameters& parameters);

  private:
    explicit ControlClient(FileDescriptor socket) : socket_(std::move(socket)) {}
    std::expected<control::ReplyText, ClientFailure> read_reply();

    FileDescriptor socket_;
    control::FrameReader received_{control::longest_reply};
};

}  // namespace xfrmd::daemon
