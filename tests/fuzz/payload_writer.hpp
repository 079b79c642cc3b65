// Payloads back into octets: the other half of parse_payloads.
#pragma once

#include "wire/message.hpp"
#include "wire/payload_chain.hpp"

namespace xfrmd::test {

template <class P>
void write_once(wire::ChainWriter& chain, wire::PayloadType type, const std::optional<P>& payload) {
    if (payload) chain.add(type, *payload);
}

template <class P>
void write_each(wire::ChainWriter& chain, const std::vector<P>& payloads) {
    for (const P& payload : payloads)
        chain.add(payload);
}

/// Selectors of unknown types are not kept, and without any there is no such payload to write.
inline void write_selectors(wire::ChainWriter& chain, wire::PayloadType type,
                            const std::optional<wire::TrafficSelectorPayload>& payload) {
    if (payload && !payload->selectors.empty()) chain.add(type, *payload);
}

/// Writes all of them in one order. SK and SKF come last, for they end a chain.
inline void write(wire::ChainWriter& chain, const wire::Payloads& payloads) {
    using enum wire::PayloadType;
    write_once(chain, security_association, payloads.sa);
    write_once(chain, key_exchange, payloads.ke);
    write_once(chain, nonce, payloads.nonce);
    write_once(chain, identification_initiator, payloads.idi);
    write_once(chain, identification_responder, payloads.idr);
    write_once(chain, authentication, payloads.auth);
    write_each(chain, payloads.certs);
    write_each(chain, payloads.cert_requests);
    write_each(chain, payloads.notifies);
    write_each(chain, payloads.deletes);
    write_each(chain, payloads.vendor_ids);
    write_selectors(chain, traffic_selectors_initiator, payloads.tsi);
    write_selectors(chain, traffic_selectors_responder, payloads.tsr);
    write_once(chain, configuration, payloads.config);
    write_once(chain, extensible_authentication, payloads.eap);
    write_once(chain, encrypted, payloads.encrypted);
    if (!payloads.encrypted) write_once(chain, encrypted_fragment, payloads.encrypted_fragment);
}

}  // namespace xfrmd::test
