// Metrics for Prometheus over HTTP, on a port or a path. Made in slices between which the loop does
// all else, and no faster than they are read.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "daemon/control_session.hpp"
#include "daemon/file_descriptor.hpp"
#include "daemon/loop_source.hpp"

namespace xfrmd::daemon {

class MetricsServer {
  public:
    /// Scrapers at a time; Prometheus is one.
    static constexpr std::size_t most_scrapers = 8;

    /// `begin` starts a scrape: what it returns yields the text piece by piece.
    MetricsServer(EventLoop& loop, FileDescriptor listener, std::function<AnswerParts()> begin)
        : loop_(loop), listener_(std::move(listener)), begin_(std::move(begin)) {}
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;

    std::expected<void, Failure> start();

  private:
    struct Scraper {
        FileDescriptor socket;
        std::string request{};
        std::string unsent{};
        AnswerParts parts{};
        bool answered = false;
        Instant last_progress{};
        LoopSource source{};  ///< last: it refers to the descriptor
    };

    void accept();
    void on_ready(int descriptor, Readiness readiness);
    /// False if the scraper is gone, or has got everything.
    bool serve(Scraper& scraper, Readiness readiness);
    bool receive(Scraper& scraper);
    bool transmit(Scraper& scraper);
    void cut_off_stuck();

    EventLoop& loop_;
    FileDescriptor listener_;
    std::function<AnswerParts()> begin_;
    LoopSource listening_;
    LoopSource ticking_;
    std::map<int, std::unique_ptr<Scraper>> scrapers_;  ///< by descriptor
};

}  // namespace xfrmd::daemon
