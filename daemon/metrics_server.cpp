#include "daemon/metrics_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "base/try.hpp"
#include "daemon/clock.hpp"
#include "daemon/stream_listener.hpp"

namespace xfrmd::daemon {
namespace {

/// A scraper's request with its headers.
constexpr std::size_t longest_request = 8192;
/// Less than this is unsent before the next piece is made.
constexpr std::size_t low_water = 64 * 1024;
/// A scraper that neither asks nor reads for so long is cut off.
constexpr std::chrono::seconds request_patience{10};
constexpr std::chrono::seconds look_interval{5};

constexpr std::string_view good_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
    "Connection: close\r\n\r\n";
constexpr std::string_view not_found =
    "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    "the metrics are at /metrics\n";

bool asks_for_metrics(std::string_view request) {
    return request.starts_with("GET /metrics ") || request.starts_with("GET /metrics?");
}

}  // namespace

std::expected<void, Failure> MetricsServer::start() {
    listening_ = XFRMD_TRY(
        LoopSource::of_descriptor(loop_, listener_.number(), [this](Readiness) { accept(); }));
    ticking_ = XFRMD_TRY(LoopSource::ticking(loop_, look_interval, [this] { cut_off_stuck(); }));
    return {};
}

void MetricsServer::accept() {
    FileDescriptor socket = accept_client(listener_.number());
    if (!socket.is_open() || scrapers_.size() >= most_scrapers) return;
    const int descriptor = socket.number();
    auto source = LoopSource::of_descriptor(
        loop_, descriptor,
        [this, descriptor](Readiness readiness) { on_ready(descriptor, readiness); });
    if (!source) return;
    auto scraper = std::make_unique<Scraper>();
    scraper->socket = std::move(socket);
    scraper->last_progress = boottime_now();
    scraper->source = *std::move(source);
    scrapers_[descriptor] = std::move(scraper);
}

void MetricsServer::on_ready(int descriptor, Readiness readiness) {
    const auto found = scrapers_.find(descriptor);
    if (found == scrapers_.end()) return;
    Scraper& scraper = *found->second;
    if (serve(scraper, readiness))
        scraper.source.wait_for(!scraper.answered, scraper.answered);
    else
        scrapers_.erase(descriptor);
}

bool MetricsServer::serve(Scraper& scraper, Readiness readiness) {
    if (readiness.broken && !readiness.readable) return false;
    if (!scraper.answered) {
        if (!receive(scraper)) return false;
        if (scraper.request.find("\r\n\r\n") == std::string::npos) return true;
        scraper.answered = true;
        if (asks_for_metrics(scraper.request)) {
            scraper.unsent = good_head;
            scraper.parts = begin_();
        } else {
            scraper.unsent = not_found;
        }
    }
    return transmit(scraper);
}

bool MetricsServer::receive(Scraper& scraper) {
    std::array<char, 2048> piece;
    const ssize_t size = recv(scraper.socket.number(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (size == 0) return false;
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    scraper.request.append(piece.data(), static_cast<std::size_t>(size));
    return scraper.request.size() <= longest_request;
}

bool MetricsServer::transmit(Scraper& scraper) {
    if (scraper.parts && scraper.unsent.size() < low_water) {
        AnswerPart part = scraper.parts();
        scraper.unsent += part.frames;
        if (part.last) scraper.parts = nullptr;
    }
    const ssize_t size = send(scraper.socket.number(), scraper.unsent.data(), scraper.unsent.size(),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (size > 0) {
        scraper.unsent.erase(0, static_cast<std::size_t>(size));
        scraper.last_progress = boottime_now();
    }
    return !scraper.unsent.empty() || static_cast<bool>(scraper.parts);
}

void MetricsServer::cut_off_stuck() {
    const Instant now = boottime_now();
    std::erase_if(scrapers_, [now](const auto& entry) {
        return now - entry.second->last_progress >= request_patience;
    });
}

}  // namespace xfrmd::daemon
