#include "daemon/message_id.hpp"

namespace xfrmd::daemon {

const char* message_id(ike::EventKind kind) {
    using enum ike::EventKind;
    switch (kind) {
        case ike_sa_state: return "d5fd402db4584260bf063c5a53318702";
        case ike_sa_established: return "fd359ee80fd54ca3aa6640575a73a351";
        case ike_sa_failed: return "100b43f63b2f4ae3a2681b0a83944d25";
        case ike_sa_deleted: return "e3ab160865e84a2584aea38b59450554";
        case child_sa_established: return "f7914991299a49cd8f8406dc6d96494f";
        case child_sa_state: return "ac7107efcf9b490c90471578750ed19a";
        case child_sa_failed: return "115f9c77cc6f4863a46b5a3ad5e678e0";
        case child_sa_deleted: return "ce12ad4c70cd48b1bafce58bd9a43830";
        case retransmission_timeout: return "72df0a0cd6bd46f49177139f719e4cae";
        case callers_refused: return "9314716f17a148d9b57ea1c11709808c";
        case message_dropped: return "1d4bea6b2cd04a89956768d1e1791f7e";
        case kernel_repaired: return "df2ad7b7fb084c719cd9be85b3491097";
        case kernel_refused: return "5965382799a842f8bb7f9900e821387e";
        case interface_created: return "6eba3f4e50ef4f20bd2a454e48ed3a02";
        case interface_deleted: return "6642b90f39ad41ae9318f5adde93927d";
        case configuration_applied: return "6f63f24f94444c0490a899f25192a5b7";
        case tunnel_supervised: return "eac0abdd0c02482396117c2aa0861816";
        case nat_found: return "0b5ac8a1c7d94e0f9b51d7e2b8f3a964";
        case peer_moved: return "7d3e6f0294a84b1c8a0f52c1e96b7d38";
        case offload_changed: return "c60a51d7e2b04f0f9c1d83b26f4a7e95";
    }
    return "";
}

const char* message_id(NoticeKind kind) {
    using enum NoticeKind;
    switch (kind) {
        case started: return "cd59669722e6448fb07fb9bba468b391";
        case stopping: return "b1c47e54e9e9483299e461870d43cbac";
        case configuration_problem: return "c4688ed45a714bdcbab7793071f5d921";
        case configuration_refused: return "be5067c2c950449f97034084e1961670";
        case algorithm_missing: return "cc771ec965fe4489ae82ac2639f7aff5";
        case feature_missing: return "86d38491f7c64cdda3f818dcdbcfd4ed";
        case transmit_failed: return "da4af685573f4d268083b61da5d17197";
        case leftovers_removed: return "bb6c301e97694b729b45ddd30866d7e3";
        case kernel_events_lost: return "4d320c45a7484c45a3a9515b96d77935";
        case key_log_enabled: return "6c892f9eb87e4f2f8e0af19b8a6366e5";
        case commanded: return "0c6a3b4a0f6c4d4e9b1b6f3d6f0d7c52";
        case journal_entries_lost: return "55a5f5290d3f4a90b1b77802b1a27bd9";
        case failed: return "343956ca271b4c39a0a3ded5806362e6";
    }
    return "";
}

}  // namespace xfrmd::daemon
