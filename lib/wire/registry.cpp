#include "wire/registry.hpp"

#include <fmt/format.h>

#include <span>
#include <string_view>
#include <utility>

namespace xfrmd::wire {
namespace {

template <class Number>
struct Name {
    Number number;
    std::string_view text;
};

constexpr Name<ExchangeType> exchange_names[] = {
    {ExchangeType::ike_sa_init, "IKE_SA_INIT"},
    {ExchangeType::ike_auth, "IKE_AUTH"},
    {ExchangeType::create_child_sa, "CREATE_CHILD_SA"},
    {ExchangeType::informational, "INFORMATIONAL"},
    {ExchangeType::ike_session_resume, "IKE_SESSION_RESUME"},
    {ExchangeType::ike_intermediate, "IKE_INTERMEDIATE"},
    {ExchangeType::ike_followup_ke, "IKE_FOLLOWUP_KE"},
};

constexpr Name<PayloadType> payload_names[] = {
    {PayloadType::none, "no next payload"},
    {PayloadType::security_association, "SA"},
    {PayloadType::key_exchange, "KE"},
    {PayloadType::identification_initiator, "IDi"},
    {PayloadType::identification_responder, "IDr"},
    {PayloadType::certificate, "CERT"},
    {PayloadType::certificate_request, "CERTREQ"},
    {PayloadType::authentication, "AUTH"},
    {PayloadType::nonce, "Nonce"},
    {PayloadType::notify, "N"},
    {PayloadType::delete_, "D"},
    {PayloadType::vendor_id, "V"},
    {PayloadType::traffic_selectors_initiator, "TSi"},
    {PayloadType::traffic_selectors_responder, "TSr"},
    {PayloadType::encrypted, "SK"},
    {PayloadType::configuration, "CP"},
    {PayloadType::extensible_authentication, "EAP"},
    {PayloadType::encrypted_fragment, "SKF"},
};

constexpr Name<ProtocolId> protocol_names[] = {
    {ProtocolId::none, "none"},
    {ProtocolId::ike, "IKE"},
    {ProtocolId::ah, "AH"},
    {ProtocolId::esp, "ESP"},
};

constexpr Name<TransformType> transform_names[] = {
    {TransformType::encryption, "ENCR"},
    {TransformType::prf, "PRF"},
    {TransformType::integrity, "INTEG"},
    {TransformType::key_exchange, "KE"},
    {TransformType::extended_sequence_numbers, "ESN"},
};

constexpr Name<EncryptionId> encryption_names[] = {
    {EncryptionId::des_iv64, "ENCR_DES_IV64"},
    {EncryptionId::des, "ENCR_DES"},
    {EncryptionId::triple_des, "ENCR_3DES"},
    {EncryptionId::null, "ENCR_NULL"},
    {EncryptionId::aes_cbc, "ENCR_AES_CBC"},
    {EncryptionId::aes_ctr, "ENCR_AES_CTR"},
    {EncryptionId::aes_ccm_8, "ENCR_AES_CCM_8"},
    {EncryptionId::aes_ccm_12, "ENCR_AES_CCM_12"},
    {EncryptionId::aes_ccm_16, "ENCR_AES_CCM_16"},
    {EncryptionId::aes_gcm_8, "ENCR_AES_GCM_8"},
    {EncryptionId::aes_gcm_12, "ENCR_AES_GCM_12"},
    {EncryptionId::aes_gcm_16, "ENCR_AES_GCM_16"},
    {EncryptionId::null_auth_aes_gmac, "ENCR_NULL_AUTH_AES_GMAC"},
    {EncryptionId::camellia_cbc, "ENCR_CAMELLIA_CBC"},
    {EncryptionId::chacha20_poly1305, "ENCR_CHACHA20_POLY1305"},
};

constexpr Name<PrfId> prf_names[] = {
    {PrfId::hmac_md5, "PRF_HMAC_MD5"},           {PrfId::hmac_sha1, "PRF_HMAC_SHA1"},
    {PrfId::aes128_xcbc, "PRF_AES128_XCBC"},     {PrfId::hmac_sha2_256, "PRF_HMAC_SHA2_256"},
    {PrfId::hmac_sha2_384, "PRF_HMAC_SHA2_384"}, {PrfId::hmac_sha2_512, "PRF_HMAC_SHA2_512"},
    {PrfId::aes128_cmac, "PRF_AES128_CMAC"},
};

constexpr Name<IntegrityId> integrity_names[] = {
    {IntegrityId::none, "NONE"},
    {IntegrityId::hmac_md5_96, "AUTH_HMAC_MD5_96"},
    {IntegrityId::hmac_sha1_96, "AUTH_HMAC_SHA1_96"},
    {IntegrityId::aes_xcbc_96, "AUTH_AES_XCBC_96"},
    {IntegrityId::aes_cmac_96, "AUTH_AES_CMAC_96"},
    {IntegrityId::hmac_sha2_256_128, "AUTH_HMAC_SHA2_256_128"},
    {IntegrityId::hmac_sha2_384_192, "AUTH_HMAC_SHA2_384_192"},
    {IntegrityId::hmac_sha2_512_256, "AUTH_HMAC_SHA2_512_256"},
};

constexpr Name<KeyExchangeMethod> key_exchange_names[] = {
    {KeyExchangeMethod::none, "NONE"},
    {KeyExchangeMethod::modp_768, "768-bit MODP Group"},
    {KeyExchangeMethod::modp_1024, "1024-bit MODP Group"},
    {KeyExchangeMethod::modp_1536, "1536-bit MODP Group"},
    {KeyExchangeMethod::modp_2048, "2048-bit MODP Group"},
    {KeyExchangeMethod::modp_3072, "3072-bit MODP Group"},
    {KeyExchangeMethod::modp_4096, "4096-bit MODP Group"},
    {KeyExchangeMethod::modp_6144, "6144-bit MODP Group"},
    {KeyExchangeMethod::modp_8192, "8192-bit MODP Group"},
    {KeyExchangeMethod::ecp_256, "256-bit random ECP group"},
    {KeyExchangeMethod::ecp_384, "384-bit random ECP group"},
    {KeyExchangeMethod::ecp_521, "521-bit random ECP group"},
    {KeyExchangeMethod::curve25519, "Curve25519"},
    {KeyExchangeMethod::curve448, "Curve448"},
    {KeyExchangeMethod::ml_kem_512, "ml-kem-512"},
    {KeyExchangeMethod::ml_kem_768, "ml-kem-768"},
    {KeyExchangeMethod::ml_kem_1024, "ml-kem-1024"},
};

constexpr Name<EsnId> esn_names[] = {
    {EsnId::no, "No Extended Sequence Numbers"},
    {EsnId::yes, "Extended Sequence Numbers"},
};

constexpr Name<IdType> id_names[] = {
    {IdType::ipv4_addr, "ID_IPV4_ADDR"},     {IdType::fqdn, "ID_FQDN"},
    {IdType::rfc822_addr, "ID_RFC822_ADDR"}, {IdType::ipv6_addr, "ID_IPV6_ADDR"},
    {IdType::der_asn1_dn, "ID_DER_ASN1_DN"}, {IdType::der_asn1_gn, "ID_DER_ASN1_GN"},
    {IdType::key_id, "ID_KEY_ID"},
};

constexpr Name<AuthMethod> auth_names[] = {
    {AuthMethod::rsa_signature, "RSA Digital Signature"},
    {AuthMethod::shared_key, "Shared Key Message Integrity Code"},
    {AuthMethod::dss_signature, "DSS Digital Signature"},
    {AuthMethod::ecdsa_sha256_p256, "ECDSA with SHA-256 on the P-256 curve"},
    {AuthMethod::ecdsa_sha384_p384, "ECDSA with SHA-384 on the P-384 curve"},
    {AuthMethod::ecdsa_sha512_p521, "ECDSA with SHA-512 on the P-521 curve"},
    {AuthMethod::null_authentication, "NULL Authentication"},
    {AuthMethod::digital_signature, "Digital Signature"},
};

constexpr Name<NotifyType> notify_names[] = {
    {NotifyType::unsupported_critical_payload, "UNSUPPORTED_CRITICAL_PAYLOAD"},
    {NotifyType::invalid_ike_spi, "INVALID_IKE_SPI"},
    {NotifyType::invalid_major_version, "INVALID_MAJOR_VERSION"},
    {NotifyType::invalid_syntax, "INVALID_SYNTAX"},
    {NotifyType::invalid_message_id, "INVALID_MESSAGE_ID"},
    {NotifyType::invalid_spi, "INVALID_SPI"},
    {NotifyType::no_proposal_chosen, "NO_PROPOSAL_CHOSEN"},
    {NotifyType::invalid_ke_payload, "INVALID_KE_PAYLOAD"},
    {NotifyType::authentication_failed, "AUTHENTICATION_FAILED"},
    {NotifyType::single_pair_required, "SINGLE_PAIR_REQUIRED"},
    {NotifyType::no_additional_sas, "NO_ADDITIONAL_SAS"},
    {NotifyType::internal_address_failure, "INTERNAL_ADDRESS_FAILURE"},
    {NotifyType::failed_cp_required, "FAILED_CP_REQUIRED"},
    {NotifyType::ts_unacceptable, "TS_UNACCEPTABLE"},
    {NotifyType::invalid_selectors, "INVALID_SELECTORS"},
    {NotifyType::unacceptable_addresses, "UNACCEPTABLE_ADDRESSES"},
    {NotifyType::unexpected_nat_detected, "UNEXPECTED_NAT_DETECTED"},
    {NotifyType::temporary_failure, "TEMPORARY_FAILURE"},
    {NotifyType::child_sa_not_found, "CHILD_SA_NOT_FOUND"},
    {NotifyType::state_not_found, "STATE_NOT_FOUND"},
    {NotifyType::initial_contact, "INITIAL_CONTACT"},
    {NotifyType::set_window_size, "SET_WINDOW_SIZE"},
    {NotifyType::additional_ts_possible, "ADDITIONAL_TS_POSSIBLE"},
    {NotifyType::ipcomp_supported, "IPCOMP_SUPPORTED"},
    {NotifyType::nat_detection_source_ip, "NAT_DETECTION_SOURCE_IP"},
    {NotifyType::nat_detection_destination_ip, "NAT_DETECTION_DESTINATION_IP"},
    {NotifyType::cookie, "COOKIE"},
    {NotifyType::use_transport_mode, "USE_TRANSPORT_MODE"},
    {NotifyType::http_cert_lookup_supported, "HTTP_CERT_LOOKUP_SUPPORTED"},
    {NotifyType::rekey_sa, "REKEY_SA"},
    {NotifyType::esp_tfc_padding_not_supported, "ESP_TFC_PADDING_NOT_SUPPORTED"},
    {NotifyType::non_first_fragments_also, "NON_FIRST_FRAGMENTS_ALSO"},
    {NotifyType::mobike_supported, "MOBIKE_SUPPORTED"},
    {NotifyType::additional_ip4_address, "ADDITIONAL_IP4_ADDRESS"},
    {NotifyType::additional_ip6_address, "ADDITIONAL_IP6_ADDRESS"},
    {NotifyType::no_additional_addresses, "NO_ADDITIONAL_ADDRESSES"},
    {NotifyType::update_sa_addresses, "UPDATE_SA_ADDRESSES"},
    {NotifyType::cookie2, "COOKIE2"},
    {NotifyType::no_nats_allowed, "NO_NATS_ALLOWED"},
    {NotifyType::redirect_supported, "REDIRECT_SUPPORTED"},
    {NotifyType::childless_ikev2_supported, "CHILDLESS_IKEV2_SUPPORTED"},
    {NotifyType::ikev2_fragmentation_supported, "IKEV2_FRAGMENTATION_SUPPORTED"},
    {NotifyType::signature_hash_algorithms, "SIGNATURE_HASH_ALGORITHMS"},
    {NotifyType::use_ppk, "USE_PPK"},
    {NotifyType::intermediate_exchange_supported, "INTERMEDIATE_EXCHANGE_SUPPORTED"},
    {NotifyType::additional_key_exchange, "ADDITIONAL_KEY_EXCHANGE"},
};

/// The name, or the registry's word and the number where there is none.
template <class Number>
std::string name_of(Number number, std::span<const Name<Number>> names, std::string_view word) {
    for (const Name<Number>& name : names)
        if (name.number == number) return std::string(name.text);
    return fmt::format("{} {}", word, std::to_underlying(number));
}

}  // namespace

std::string to_text(ExchangeType type) {
    return name_of<ExchangeType>(type, exchange_names, "exchange");
}

std::string to_text(PayloadType type) {
    return name_of<PayloadType>(type, payload_names, "payload");
}

std::string to_text(ProtocolId protocol) {
    return name_of<ProtocolId>(protocol, protocol_names, "protocol");
}

std::string to_text(TransformType type) {
    if (type >= TransformType::additional_key_exchange_1 &&
        type <= TransformType::additional_key_exchange_7)
        return fmt::format("ADDKE{}", std::to_underlying(type) - 5);
    return name_of<TransformType>(type, transform_names, "transform type");
}

std::string to_text(EncryptionId id) {
    return name_of<EncryptionId>(id, encryption_names, "encryption");
}

std::string to_text(PrfId id) {
    return name_of<PrfId>(id, prf_names, "prf");
}

std::string to_text(IntegrityId id) {
    return name_of<IntegrityId>(id, integrity_names, "integrity");
}

std::string to_text(KeyExchangeMethod method) {
    return name_of<KeyExchangeMethod>(method, key_exchange_names, "key exchange");
}

std::string to_text(EsnId id) {
    return name_of<EsnId>(id, esn_names, "sequence numbers");
}

std::string to_text(IdType type) {
    return name_of<IdType>(type, id_names, "identification");
}

std::string to_text(AuthMethod method) {
    return name_of<AuthMethod>(method, auth_names, "authentication method");
}

std::string to_text(NotifyType type) {
    return name_of<NotifyType>(type, notify_names, "notify");
}

}  // namespace xfrmd::wire
