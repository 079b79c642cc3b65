#include "ike/liveness.hpp"

#include <algorithm>

namespace xfrmd::ike::liveness {

Duration patience(const config::Phase1& phase1) {
    return std::min<Duration>(retransmission_ceiling,
                              phase1.dpd_retry_interval * phase1.dpd_retry_count);
}

void start(IkeSa&, EngineContext&) {}
void on_timer(IkeSa&, EngineContext&) {}

}  // namespace xfrmd::ike::liveness
