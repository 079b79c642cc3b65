#include "daemon/control_client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/try.hpp"
#include "control/reply.hpp"
#include "daemon/error_text.hpp"

namespace xfrmd::daemon {
namespace {

void set_timeout(const FileDescriptor& socket, int which, std::chrono::microseconds time) {
    constexpr std::chrono::microseconds::rep second = 1'000'000;
    const timeval limit{.tv_sec = time.count() / second, .tv_usec = time.count() % second};
    setsockopt(socket.number(), SOL_SOCKET, which, &limit, sizeof limit);
}

ClientFailure connection_failure(const std::filesystem::path& path, int error) {
    if (error == EACCES || error == EPERM)
        return {ClientExit::privileges,
                fmt::format("{}: permission denied: xfrmctl is for root, and for the group "
                            "\"control-group\" of xfrmd.json(5)",
                            path.native())};
    if (error == ENOENT || error == ECONNREFUSED)
        return {ClientExit::not_running,
                fmt::format("xfrmd is not running (nobody listens at {}): systemctl status xfrmd",
                            path.native())};
    return {ClientExit::failure, fmt::format("{}: {}", path.native(), error_text(error))};
}

ClientFailure refusal(const control::ReplyText& reply) {
    if (reply.error == control::error_name::permission_denied)
        return {ClientExit::privileges, reply.problem};
    if (reply.error == control::error_name::configuration_wrong)
        return {ClientExit::configuration, reply.problem};
    return {ClientExit::failure, reply.problem};
}

}  // namespace

std::expected<ControlClient, ClientFailure> ControlClient::connect(
    const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path)
        return std::unexpected(ClientFailure{ClientExit::usage, "the socket's path is too long"});
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    set_timeout(socket, SO_SNDTIMEO, usual_patience);
    set_timeout(socket, SO_RCVTIMEO, usual_patience);
    if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0)
        return std::unexpected(connection_failure(path, errno));
    return ControlClient(std::move(socket));
}

void ControlClient::set_patience(std::optional<std::chrono::milliseconds> patience) {
    // For the kernel, no time at all is time without end.
    constexpr std::chrono::milliseconds least{1};
    set_timeout(socket_, SO_RCVTIMEO, patience ? std::max(*patience, least) : 0 * least);
}

std::expected<void, ClientFailure> ControlClient::call(
    std::string_view method, const control::CallParameters& parameters, bool more,
    const std::function<bool(const std::string& parameters)>& take) {
    const std::string frame = control::call_frame(method, parameters, more);
    // A daemon that turns us away may have closed already; its words can still be read.
    for (std::size_t sent = 0; sent < frame.size();) {
        const ssize_t size =
            send(socket_.number(), frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
        if (size < 0) break;
        sent += static_cast<std::size_t>(size);
    }
    for (;;) {
        const auto reply = XFRMD_TRY(read_reply());
        if (!reply.error.empty()) return std::unexpected(refusal(reply));
        if (!take(reply.parameters) || !reply.continues) return {};
    }
}

std::expected<std::string, ClientFailure> ControlClient::ask(
    std::string_view method, const control::CallParameters& parameters) {
    std::string answer;
    XFRMD_TRY(call(method, parameters, false, [&](const std::string& reply) {
        answer = reply;
        return true;
    }));
    return answer;
}

std::expected<control::ReplyText, ClientFailure> ControlClient::read_reply() {
    std::array<char, 65536> piece;
    for (;;) {
        const auto message = received_.next();
        if (!message)
            return std::unexpected(ClientFailure{ClientExit::failure, "the reply is too long"});
        if (*message) {
            if (auto reply = control::read_reply(**message)) return *std::move(reply);
            return std::unexpected(ClientFailure{ClientExit::failure, "the reply makes no sense"});
        }
        const ssize_t size = recv(socket_.number(), piece.data(), piece.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == EAGAIN)
            return std::unexpected(ClientFailure{
                ClientExit::timeout, "xfrmd does not answer in time: systemctl status xfrmd"});
        if (size <= 0)
            return std::unexpected(
                ClientFailure{ClientExit::failure, "xfrmd closed the connection"});
        received_.append({piece.data(), static_cast<std::size_t>(size)});
    }
}

}  // namespace xfrmd::daemon
