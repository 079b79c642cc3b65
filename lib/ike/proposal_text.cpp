#include "ike/proposal_text.hpp"

#include <fmt/format.h>

#include <utility>

namespace xfrmd::ike {
namespace {

/// A peer may offer thousands of transforms; a log line stays a line.
constexpr std::size_t max_text = 400;

std::string name_of(const wire::Transform& transform) {
    using enum wire::TransformType;
    switch (transform.type) {
        case encryption: return wire::to_text(wire::EncryptionId(transform.id));
        case prf: return wire::to_text(wire::PrfId(transform.id));
        case integrity: return wire::to_text(wire::IntegrityId(transform.id));
        case key_exchange: return wire::to_text(wire::KeyExchangeMethod(transform.id));
        case extended_sequence_numbers: return transform.id == 1 ? "ESN" : "";
        case additional_key_exchange_1:
        case additional_key_exchange_7: break;
    }
    return fmt::format("{} {}", wire::to_text(transform.type), transform.id);
}

}  // namespace

std::string describe(const wire::SaPayload& payload) {
    std::string text;
    for (const wire::Proposal& proposal : payload.proposals) {
        if (!text.empty()) text += "; ";
        std::string_view separator;
        for (const wire::Transform& transform : proposal.transforms) {
            const std::string name = name_of(transform);
            if (name.empty()) continue;
            text += fmt::format("{}{}", separator, name);
            if (transform.key_bits) text += fmt::format("/{}", *transform.key_bits);
            separator = " ";
            if (text.size() > max_text) return text + " ...";
        }
    }
    return text;
}

std::string describe(std::span<const config::EspProposal> proposals) {
    std::string text;
    for (const config::EspProposal& proposal : proposals) {
        crypto::EspSuite suite;
        suite.cipher = proposal.cipher;
        suite.integrity = proposal.integrity;
        text += (text.empty() ? "" : " ") + suite.to_text();
    }
    return text.empty() ? "nothing that the kernel can do" : text;
}

std::string describe(const config::Phase1& phase1) {
    std::string text;
    for (const config::IkeProposal& proposal : phase1.proposals) {
        const crypto::IkeSuite suite{proposal.cipher, proposal.integrity, proposal.prf,
                                     wire::KeyExchangeMethod::none};
        text += suite.to_text() + " ";
    }
    text += "(dhgrp";
    for (wire::KeyExchangeMethod group : phase1.key_exchanges)
        text += fmt::format(" {}", std::to_underlying(group));
    return text + ")";
}

}  // namespace xfrmd::ike
