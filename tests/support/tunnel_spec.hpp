// Configurations in a few words: one tunnel with one phase 2, as tests want it.
#pragma once

#include <string>
#include <vector>

#include "config/model.hpp"

namespace xfrmd::test {

/// A configuration of one tunnel with one phase 2, as tests want it: aes128gcm and group 31, a
/// pre-shared key, from `local` to `remote`, 10.1.0.0/24 <-> 10.2.0.0/24. Change what matters.
struct TunnelSpec {
    std::string name = "tunnel";
    std::string local = "192.0.2.1";
    std::string remote = "192.0.2.2";
    std::string psk = "correct horse battery staple";
    std::vector<config::IkeProposal> ike = {{{wire::EncryptionId::aes_gcm_16, 128},
                                             wire::IntegrityId::none,
                                             wire::PrfId::hmac_sha2_256}};
    std::vector<wire::KeyExchangeMethod> groups = {wire::KeyExchangeMethod::curve25519};
    std::vector<config::EspProposal> esp = {
        {{wire::EncryptionId::aes_gcm_16, 128}, wire::IntegrityId::none}};
    std::vector<std::string> local_subnets = {"10.1.0.0/24"};
    std::vector<std::string> remote_subnets = {"10.2.0.0/24"};
    bool auto_negotiate = false;
    bool route_based = false;

    /// The other end's view of the same tunnel.
    TunnelSpec mirrored() const;
    /// As the configuration has it; tests may change the copy.
    config::Phase1 phase1() const;
};

/// An identity as the configuration would read it: a fully qualified domain name.
config::Identity fqdn(std::string name);

/// An address that the test wrote; throws if it is none.
IpAddress address(const std::string& text);

}  // namespace xfrmd::test
