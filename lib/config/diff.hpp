// What a new configuration changes of a running one, and what that costs each tunnel: the plan of a
// reload, before anything is done.
//
// Entries are compared option by option of the one table, in effect: a secret in a file or an entry
// of "address" that changed counts where it is used, and a value that is only spelled otherwise
// does not. A phase 1 or phase 2 is known by its name (and section), a phase 2 by its phase 1's as
// well: what is renamed or moved is removed and added.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "config/option.hpp"

namespace xfrmd::config {

enum class Impact : std::uint8_t {
    none,     ///< nothing that is up notices
    rekey,    ///< successors take over, no packet is lost
    restart,  ///< down, and up again if it is still there
};

const char* to_text(Impact impact);

/// An option whose effect differs.
struct OptionChange {
    std::string option;
    /// As --show-full writes them, empty where that writes nothing. Equal if what changed is what
    /// they stand for. Never a secret.
    std::string before, after;
    Impact impact = Impact::none;

    std::string to_text() const;
};

struct Change {
    enum class Kind : std::uint8_t { added, removed, changed };

    Kind kind = Kind::changed;
    std::string phase1;  ///< empty: the section "daemon"
    std::string phase2;  ///< empty: the phase 1 itself
    /// Of what runs under that name: none for what is added, restart for what is removed.
    Impact impact = Impact::none;
    std::vector<OptionChange> options{};  ///< of `changed`, in the table's order

    /// `phase 2 lan of hq is changed (rekey): proposal ["aes128gcm"] -> ["aes256gcm"]`, one line.
    std::string to_text() const;
};

struct Difference {
    /// By phase 1, in the order of names; what is removed first, then the phase 1 before its phase
    /// 2s.
    std::vector<Change> changes;

    /// "1 added, 1 removed, 3 changed (1 restart, 2 none)", or "nothing has changed".
    std::string summary() const;
};

/// O(n log n) of the entries.
Difference diff(const Config& running, const Config& loaded);

/// The phase 1s of two configurations that stand for the same: `running` is null for one that is
/// new, `loaded` for one that is gone. Sorted by name.
struct Phase1Pair {
    std::shared_ptr<const Phase1> running;
    std::shared_ptr<const Phase1> loaded;
};
std::vector<Phase1Pair> pair_up(const Config& running, const Config& loaded);

/// What a reload has to renew of a phase 1, its phase 2s apart; nothing if no option differs.
std::optional<Renews> renewal(const Phase1& running, const Phase1& loaded);
/// The same of a phase 2 that keeps its phase 1.
std::optional<Renews> renewal(const Phase2& running, const Phase2& loaded);

}  // namespace xfrmd::config
