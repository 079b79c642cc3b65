#include "ike/offload_preference.hpp"

#include "support/catch.hpp"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

const config::EspProposal gcm{{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none};
const config::EspProposal gcm256{{wire::EncryptionId::aes_gcm_16, 256}, wire::IntegrityId::none};
const config::EspProposal cbc{{wire::EncryptionId::aes_cbc, 128},
                              wire::IntegrityId::hmac_sha2_256_128};
using Proposals = std::vector<config::EspProposal>;

}  // namespace

TEST_CASE("offload preference: what the device takes comes first, packet mode before crypto") {
    const std::vector<OffloadTake> takes{{"eth0", gcm, xfrm::OffloadMode::crypto},
                                         {"eth0", gcm256, xfrm::OffloadMode::packet},
                                         {"eth1", cbc, xfrm::OffloadMode::packet}};
    CHECK(prefer_offloaded({cbc, gcm, gcm256}, "eth0", takes) == Proposals{gcm256, gcm, cbc});
    CHECK(prefer_offloaded({gcm, cbc}, "eth1", takes) == Proposals{cbc, gcm});
}

TEST_CASE("offload preference: among equals the configured order stands") {
    const std::vector<OffloadTake> takes{{"eth0", gcm, xfrm::OffloadMode::crypto},
                                         {"eth0", gcm256, xfrm::OffloadMode::crypto}};
    CHECK(prefer_offloaded({cbc, gcm256, gcm}, "eth0", takes) == Proposals{gcm256, gcm, cbc});
    CHECK(prefer_offloaded({cbc, gcm}, "eth0", {}) == Proposals{cbc, gcm});
}
