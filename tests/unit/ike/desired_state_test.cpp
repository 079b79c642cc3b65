#include "ike/desired_state.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;
using config::GatewayType;

TEST_CASE("desired state: one answer for each configuration") {
    struct Row {
        GatewayType type;
        bool passive;
        bool auto_negotiate;
        DesiredState expected;
    };
    for (const Row& row : {Row{GatewayType::static_, false, true, DesiredState::up},
                           Row{GatewayType::static_, false, false, DesiredState::on_demand},
                           Row{GatewayType::static_, true, false, DesiredState::passive},
                           Row{GatewayType::ddns, false, true, DesiredState::up},
                           Row{GatewayType::ddns, true, false, DesiredState::passive},
                           Row{GatewayType::dynamic, false, false, DesiredState::server}}) {
        config::Phase1 phase1;
        config::Phase2 phase2;
        phase1.type = row.type;
        phase1.passive = row.passive;
        phase2.auto_negotiate = row.auto_negotiate;
        CHECK(desired_state(phase1, phase2) == row.expected);
        const bool begins =
            row.expected == DesiredState::up || row.expected == DesiredState::on_demand;
        CHECK(may_initiate(row.expected) == begins);
    }
}
