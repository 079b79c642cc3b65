// IANA's numbers of IKEv2 ("Internet Key Exchange Version 2 (IKEv2) Parameters") with their names.
//
// The enumerators are those that xfrmd knows by name. A peer may send any number of the underlying
// type: values outside of the enumerators are legal in these enums and are kept as they came.
#pragma once

#include <cstdint>
#include <string>

namespace xfrmd::wire {

/// RFC 7296 section 3.1.
enum class ExchangeType : std::uint8_t {
    ike_sa_init = 34,
    ike_auth = 35,
    create_child_sa = 36,
    informational = 37,
    ike_session_resume = 38,
    ike_intermediate = 43,
    ike_followup_ke = 44,
};

/// RFC 7296 section 3.2; 53 is RFC 7383's.
enum class PayloadType : std::uint8_t {
    none = 0,
    security_association = 33,
    key_exchange = 34,
    identification_initiator = 35,
    identification_responder = 36,
    certificate = 37,
    certificate_request = 38,
    authentication = 39,
    nonce = 40,
    notify = 41,
    delete_ = 42,
    vendor_id = 43,
    traffic_selectors_initiator = 44,
    traffic_selectors_responder = 45,
    encrypted = 46,
    configuration = 47,
    extensible_authentication = 48,
    encrypted_fragment = 53,
};

/// RFC 7296 section 3.3.1.
enum class ProtocolId : std::uint8_t { none = 0, ike = 1, ah = 2, esp = 3 };

/// RFC 7296 section 3.3.2; 6 to 12 are RFC 9370's.
enum class TransformType : std::uint8_t {
    encryption = 1,
    prf = 2,
    integrity = 3,
    key_exchange = 4,
    extended_sequence_numbers = 5,
    additional_key_exchange_1 = 6,
    additional_key_exchange_7 = 12,
};

/// Transform Type 1.
enum class EncryptionId : std::uint16_t {
    des_iv64 = 1,
    des = 2,
    triple_des = 3,
    null = 11,
    aes_cbc = 12,
    aes_ctr = 13,
    aes_ccm_8 = 14,
    aes_ccm_12 = 15,
    aes_ccm_16 = 16,
    aes_gcm_8 = 18,
    aes_gcm_12 = 19,
    aes_gcm_16 = 20,
    null_auth_aes_gmac = 21,
    camellia_cbc = 23,
    chacha20_poly1305 = 28,
};

/// Transform Type 2.
enum class PrfId : std::uint16_t {
    hmac_md5 = 1,
    hmac_sha1 = 2,
    aes128_xcbc = 4,
    hmac_sha2_256 = 5,
    hmac_sha2_384 = 6,
    hmac_sha2_512 = 7,
    aes128_cmac = 8,
};

/// Transform Type 3.
enum class IntegrityId : std::uint16_t {
    none = 0,
    hmac_md5_96 = 1,
    hmac_sha1_96 = 2,
    aes_xcbc_96 = 5,
    aes_cmac_96 = 8,
    hmac_sha2_256_128 = 12,
    hmac_sha2_384_192 = 13,
    hmac_sha2_512_256 = 14,
};

/// Transform Type 4, "dhgrp" in the configuration.
enum class KeyExchangeMethod : std::uint16_t {
    none = 0,
    modp_768 = 1,
    modp_1024 = 2,
    modp_1536 = 5,
    modp_2048 = 14,
    modp_3072 = 15,
    modp_4096 = 16,
    modp_6144 = 17,
    modp_8192 = 18,
    ecp_256 = 19,
    ecp_384 = 20,
    ecp_521 = 21,
    curve25519 = 31,
    curve448 = 32,
    ml_kem_512 = 35,
    ml_kem_768 = 36,
    ml_kem_1024 = 37,
};

/// Transform Type 5.
enum class EsnId : std::uint16_t { no = 0, yes = 1 };

/// RFC 7296 section 3.5.
enum class IdType : std::uint8_t {
    ipv4_addr = 1,
    fqdn = 2,
    rfc822_addr = 3,
    ipv6_addr = 5,
    der_asn1_dn = 9,
    der_asn1_gn = 10,
    key_id = 11,
};

/// RFC 7296 section 3.6.
enum class CertEncoding : std::uint8_t {
    pkcs7_wrapped_x509 = 1,
    x509_signature = 4,
    crl = 7,
    hash_and_url_x509 = 12,
    hash_and_url_bundle = 13,
};

/// RFC 7296 section 3.8; 14 is RFC 7427's.
enum class AuthMethod : std::uint8_t {
    rsa_signature = 1,
    shared_key = 2,
    dss_signature = 3,
    ecdsa_sha256_p256 = 9,
    ecdsa_sha384_p384 = 10,
    ecdsa_sha512_p521 = 11,
    null_authentication = 13,
    digital_signature = 14,
};

/// RFC 7296 section 3.10.1 and later RFCs. Below 16384: errors; from there on: status.
enum class NotifyType : std::uint16_t {
    unsupported_critical_payload = 1,
    invalid_ike_spi = 4,
    invalid_major_version = 5,
    invalid_syntax = 7,
    invalid_message_id = 9,
    invalid_spi = 11,
    no_proposal_chosen = 14,
    invalid_ke_payload = 17,
    authentication_failed = 24,
    single_pair_required = 34,
    no_additional_sas = 35,
    internal_address_failure = 36,
    failed_cp_required = 37,
    ts_unacceptable = 38,
    invalid_selectors = 39,
    unacceptable_addresses = 40,
    unexpected_nat_detected = 41,
    temporary_failure = 43,
    child_sa_not_found = 44,
    state_not_found = 47,
    initial_contact = 16384,
    set_window_size = 16385,
    additional_ts_possible = 16386,
    ipcomp_supported = 16387,
    nat_detection_source_ip = 16388,
    nat_detection_destination_ip = 16389,
    cookie = 16390,
    use_transport_mode = 16391,
    http_cert_lookup_supported = 16392,
    rekey_sa = 16393,
    esp_tfc_padding_not_supported = 16394,
    non_first_fragments_also = 16395,
    mobike_supported = 16396,
    additional_ip4_address = 16397,
    additional_ip6_address = 16398,
    no_additional_addresses = 16399,
    update_sa_addresses = 16400,
    cookie2 = 16401,
    no_nats_allowed = 16402,
    redirect_supported = 16406,
    childless_ikev2_supported = 16418,
    ikev2_fragmentation_supported = 16430,
    signature_hash_algorithms = 16431,
    use_ppk = 16435,
    intermediate_exchange_supported = 16438,
    additional_key_exchange = 16441,
};

/// True for the types that report an error (RFC 7296 section 3.10.1: 0 to 16383).
constexpr bool is_error(NotifyType type) {
    return static_cast<std::uint16_t>(type) < 16384;
}

/// RFC 7296 section 3.13.1.
enum class TrafficSelectorType : std::uint8_t { ipv4_range = 7, ipv6_range = 8 };

/// RFC 7296 section 3.15.
enum class ConfigType : std::uint8_t { request = 1, reply = 2, set = 3, ack = 4 };

/// RFC 7296 section 3.15.1.
enum class ConfigAttributeType : std::uint16_t {
    internal_ip4_address = 1,
    internal_ip4_netmask = 2,
    internal_ip4_dns = 3,
    internal_ip4_nbns = 4,
    internal_ip4_dhcp = 6,
    application_version = 7,
    internal_ip6_address = 8,
    internal_ip6_dns = 10,
    internal_ip6_dhcp = 12,
    internal_ip4_subnet = 13,
    supported_attributes = 14,
    internal_ip6_subnet = 15,
};

/// RFC 3748 section 4.
enum class EapCode : std::uint8_t { request = 1, response = 2, success = 3, failure = 4 };

/// IANA's name of the number ("CREATE_CHILD_SA", "TS_UNACCEPTABLE", "Curve25519"); a number
/// without a name here is printed as such ("notify 40960").
std::string to_text(ExchangeType);
std::string to_text(PayloadType);
std::string to_text(ProtocolId);
std::string to_text(TransformType);
std::string to_text(EncryptionId);
std::string to_text(PrfId);
std::string to_text(IntegrityId);
std::string to_text(KeyExchangeMethod);
std::string to_text(EsnId);
std::string to_text(IdType);
std::string to_text(AuthMethod);
std::string to_text(NotifyType);

}  // namespace xfrmd::wire
