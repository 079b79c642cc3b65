#include "ike/alteration.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

config::Phase1 phase1_with(const std::vector<std::string>& phase2s) {
    config::Phase1 phase1;
    phase1.name = "tunnel";
    phase1.interface = "eth0";
    for (const std::string& name : phase2s) {
        config::Phase2 phase2;
        phase2.name = name;
        phase1.phase2s.push_back(std::move(phase2));
    }
    return phase1;
}

}  // namespace

TEST_CASE("alteration: two equal configurations alter nothing") {
    const Alteration made = alteration(phase1_with({"a", "b"}), phase1_with({"a", "b"}));
    CHECK(made.is_none());
    CHECK_FALSE(made.restarts());
    CHECK_FALSE((made.ends(0) || made.outdates(1)));
    CHECK((made.new_place(0) == 0 && made.new_place(1) == 1));
    CHECK(made.new_place(no_phase2) == no_phase2);
}

TEST_CASE("alteration: phase 2s come, go and change places") {
    const Alteration made = alteration(phase1_with({"a", "b", "c"}), phase1_with({"d", "c", "a"}));
    CHECK_FALSE(made.is_none());
    CHECK(made.list_changed);
    CHECK(made.places == std::vector<std::size_t>{2, no_phase2, 1});
    CHECK(made.ends(1));
    CHECK_FALSE((made.ends(0) || made.ends(2)));
    CHECK(alteration(phase1_with({"a"}), phase1_with({"a", "b"})).list_changed);
    CHECK(alteration(phase1_with({"a", "b"}), phase1_with({"b", "a"})).list_changed);
}

TEST_CASE("alteration: what is in place, renews Child SAs, or restarts") {
    const config::Phase1 running = phase1_with({"a", "b"});
    config::Phase1 loaded = running;
    loaded.dpd_retry_count = 9;
    Alteration made = alteration(running, loaded);
    CHECK_FALSE((made.is_none() || made.restarts() || made.outdates(0)));

    loaded.phase2s[1].pfs = false;
    made = alteration(running, loaded);
    CHECK((made.outdates(1) && !made.ends(1) && !made.outdates(0)));

    loaded.esn = config::EsnPolicy::allow;
    CHECK(alteration(running, loaded).outdates(0));

    loaded.phase2s[0].selectors.protocol = 6;
    made = alteration(running, loaded);
    CHECK((made.ends(0) && !made.ends(1) && !made.restarts()));

    loaded.interface = "eth1";
    CHECK(alteration(running, loaded).restarts());
}

TEST_CASE("alteration: reports that wait follow their phase 2, or are dropped with it") {
    const auto tunnel = std::make_shared<Tunnel>();
    const auto other = std::make_shared<Tunnel>();
    std::deque<Report> reports{ChildGone{tunnel, 0, IkeSpi(1), Reason::stopped},
                               ChildGone{tunnel, 1, IkeSpi(1), Reason::stopped},
                               ChildGone{other, 0, IkeSpi(2), Reason::stopped}, IkeSaUp{IkeSpi(1)}};
    move_phase2s(reports, *tunnel, alteration(phase1_with({"a", "b"}), phase1_with({"b"})));
    REQUIRE(reports.size() == 3);
    CHECK(std::get<ChildGone>(reports[0]).phase2 == 0);
    CHECK(std::get<ChildGone>(reports[0]).tunnel == tunnel);
    CHECK(std::get<ChildGone>(reports[1]).tunnel == other);
}
