// The one place where our numbers meet the system's header, old as that may be.
#include "xfrm/uapi.hpp"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include <cstddef>

#include "support/catch.hpp"

namespace uapi = xfrmd::xfrm::uapi;

#define SAME_SIZE(ours, theirs) static_assert(sizeof(ours) == sizeof(theirs))
#define SAME_PLACE(ours, our_field, theirs, their_field)                       \
    static_assert(offsetof(ours, our_field) == offsetof(theirs, their_field)); \
    static_assert(sizeof(ours::our_field) == sizeof(theirs::their_field))

SAME_SIZE(uapi::MessageHeader, nlmsghdr);
SAME_PLACE(uapi::MessageHeader, type, nlmsghdr, nlmsg_type);
SAME_PLACE(uapi::MessageHeader, flags, nlmsghdr, nlmsg_flags);
SAME_PLACE(uapi::MessageHeader, sequence, nlmsghdr, nlmsg_seq);
SAME_PLACE(uapi::MessageHeader, port_id, nlmsghdr, nlmsg_pid);
SAME_SIZE(uapi::AttributeHeader, nlattr);
SAME_PLACE(uapi::AttributeHeader, type, nlattr, nla_type);
SAME_SIZE(uapi::ErrorHeader, nlmsgerr);
SAME_PLACE(uapi::ErrorHeader, request, nlmsgerr, msg);

SAME_SIZE(uapi::Address, xfrm_address_t);
SAME_SIZE(uapi::Id, xfrm_id);
SAME_PLACE(uapi::Id, spi, xfrm_id, spi);
SAME_PLACE(uapi::Id, proto, xfrm_id, proto);

SAME_SIZE(uapi::Selector, xfrm_selector);
SAME_PLACE(uapi::Selector, daddr, xfrm_selector, daddr);
SAME_PLACE(uapi::Selector, saddr, xfrm_selector, saddr);
SAME_PLACE(uapi::Selector, dport, xfrm_selector, dport);
SAME_PLACE(uapi::Selector, dport_mask, xfrm_selector, dport_mask);
SAME_PLACE(uapi::Selector, sport, xfrm_selector, sport);
SAME_PLACE(uapi::Selector, sport_mask, xfrm_selector, sport_mask);
SAME_PLACE(uapi::Selector, family, xfrm_selector, family);
SAME_PLACE(uapi::Selector, prefixlen_d, xfrm_selector, prefixlen_d);
SAME_PLACE(uapi::Selector, prefixlen_s, xfrm_selector, prefixlen_s);
SAME_PLACE(uapi::Selector, proto, xfrm_selector, proto);
SAME_PLACE(uapi::Selector, ifindex, xfrm_selector, ifindex);
SAME_PLACE(uapi::Selector, user, xfrm_selector, user);

SAME_SIZE(uapi::LifetimeLimits, xfrm_lifetime_cfg);
SAME_PLACE(uapi::LifetimeLimits, soft_byte_limit, xfrm_lifetime_cfg, soft_byte_limit);
SAME_PLACE(uapi::LifetimeLimits, hard_byte_limit, xfrm_lifetime_cfg, hard_byte_limit);
SAME_PLACE(uapi::LifetimeLimits, soft_packet_limit, xfrm_lifetime_cfg, soft_packet_limit);
SAME_PLACE(uapi::LifetimeLimits, hard_packet_limit, xfrm_lifetime_cfg, hard_packet_limit);
SAME_PLACE(uapi::LifetimeLimits, hard_add_expires_seconds, xfrm_lifetime_cfg,
           hard_add_expires_seconds);
SAME_SIZE(uapi::LifetimeUsed, xfrm_lifetime_cur);
SAME_PLACE(uapi::LifetimeUsed, packets, xfrm_lifetime_cur, packets);
SAME_SIZE(uapi::Stats, xfrm_stats);
SAME_PLACE(uapi::Stats, replay, xfrm_stats, replay);
SAME_PLACE(uapi::Stats, integrity_failed, xfrm_stats, integrity_failed);

SAME_SIZE(uapi::UserSaInfo, xfrm_usersa_info);
SAME_PLACE(uapi::UserSaInfo, id, xfrm_usersa_info, id);
SAME_PLACE(uapi::UserSaInfo, saddr, xfrm_usersa_info, saddr);
SAME_PLACE(uapi::UserSaInfo, lft, xfrm_usersa_info, lft);
SAME_PLACE(uapi::UserSaInfo, curlft, xfrm_usersa_info, curlft);
SAME_PLACE(uapi::UserSaInfo, stats, xfrm_usersa_info, stats);
SAME_PLACE(uapi::UserSaInfo, seq, xfrm_usersa_info, seq);
SAME_PLACE(uapi::UserSaInfo, reqid, xfrm_usersa_info, reqid);
SAME_PLACE(uapi::UserSaInfo, family, xfrm_usersa_info, family);
SAME_PLACE(uapi::UserSaInfo, mode, xfrm_usersa_info, mode);
SAME_PLACE(uapi::UserSaInfo, replay_window, xfrm_usersa_info, replay_window);
SAME_PLACE(uapi::UserSaInfo, flags, xfrm_usersa_info, flags);

SAME_SIZE(uapi::UserSaId, xfrm_usersa_id);
SAME_PLACE(uapi::UserSaId, spi, xfrm_usersa_id, spi);
SAME_PLACE(uapi::UserSaId, family, xfrm_usersa_id, family);
SAME_PLACE(uapi::UserSaId, proto, xfrm_usersa_id, proto);
SAME_SIZE(uapi::UserSpiInfo, xfrm_userspi_info);
SAME_SIZE(uapi::UserSaFlush, xfrm_usersa_flush);

SAME_SIZE(uapi::UserPolicyInfo, xfrm_userpolicy_info);
SAME_PLACE(uapi::UserPolicyInfo, lft, xfrm_userpolicy_info, lft);
SAME_PLACE(uapi::UserPolicyInfo, priority, xfrm_userpolicy_info, priority);
SAME_PLACE(uapi::UserPolicyInfo, index, xfrm_userpolicy_info, index);
SAME_PLACE(uapi::UserPolicyInfo, dir, xfrm_userpolicy_info, dir);
SAME_PLACE(uapi::UserPolicyInfo, action, xfrm_userpolicy_info, action);
SAME_SIZE(uapi::UserPolicyId, xfrm_userpolicy_id);
SAME_PLACE(uapi::UserPolicyId, index, xfrm_userpolicy_id, index);
SAME_PLACE(uapi::UserPolicyId, dir, xfrm_userpolicy_id, dir);
SAME_SIZE(uapi::UserPolicyType, xfrm_userpolicy_type);

SAME_SIZE(uapi::UserTemplate, xfrm_user_tmpl);
SAME_PLACE(uapi::UserTemplate, family, xfrm_user_tmpl, family);
SAME_PLACE(uapi::UserTemplate, saddr, xfrm_user_tmpl, saddr);
SAME_PLACE(uapi::UserTemplate, reqid, xfrm_user_tmpl, reqid);
SAME_PLACE(uapi::UserTemplate, mode, xfrm_user_tmpl, mode);
SAME_PLACE(uapi::UserTemplate, optional, xfrm_user_tmpl, optional);
SAME_PLACE(uapi::UserTemplate, aalgos, xfrm_user_tmpl, aalgos);
SAME_PLACE(uapi::UserTemplate, calgos, xfrm_user_tmpl, calgos);

SAME_SIZE(uapi::UserAcquire, xfrm_user_acquire);
SAME_PLACE(uapi::UserAcquire, sel, xfrm_user_acquire, sel);
SAME_PLACE(uapi::UserAcquire, policy, xfrm_user_acquire, policy);
SAME_PLACE(uapi::UserAcquire, seq, xfrm_user_acquire, seq);
SAME_SIZE(uapi::UserExpire, xfrm_user_expire);
SAME_PLACE(uapi::UserExpire, hard, xfrm_user_expire, hard);
SAME_SIZE(uapi::UserMapping, xfrm_user_mapping);
SAME_PLACE(uapi::UserMapping, reqid, xfrm_user_mapping, reqid);
SAME_PLACE(uapi::UserMapping, old_saddr, xfrm_user_mapping, old_saddr);
SAME_PLACE(uapi::UserMapping, new_sport, xfrm_user_mapping, new_sport);

SAME_SIZE(uapi::Algorithm, xfrm_algo);
SAME_PLACE(uapi::Algorithm, key_bits, xfrm_algo, alg_key_len);
SAME_SIZE(uapi::AlgorithmWithIcv, xfrm_algo_auth);
SAME_PLACE(uapi::AlgorithmWithIcv, icv_bits, xfrm_algo_auth, alg_trunc_len);
SAME_SIZE(uapi::AlgorithmWithIcv, xfrm_algo_aead);
SAME_PLACE(uapi::AlgorithmWithIcv, icv_bits, xfrm_algo_aead, alg_icv_len);
SAME_SIZE(uapi::EncapTemplate, xfrm_encap_tmpl);
SAME_PLACE(uapi::EncapTemplate, sport, xfrm_encap_tmpl, encap_sport);
SAME_PLACE(uapi::EncapTemplate, original, xfrm_encap_tmpl, encap_oa);
SAME_SIZE(uapi::ReplayStateEsn, xfrm_replay_state_esn);
SAME_PLACE(uapi::ReplayStateEsn, bitmap_words, xfrm_replay_state_esn, bmp_len);
SAME_PLACE(uapi::ReplayStateEsn, replay_window, xfrm_replay_state_esn, replay_window);
SAME_SIZE(uapi::UserOffload, xfrm_user_offload);
SAME_PLACE(uapi::UserOffload, flags, xfrm_user_offload, flags);
SAME_SIZE(uapi::AddressFilter, xfrm_address_filter);
SAME_PLACE(uapi::AddressFilter, splen, xfrm_address_filter, splen);
SAME_SIZE(uapi::Mark, xfrm_mark);

SAME_SIZE(uapi::route::LinkMessage, ifinfomsg);
SAME_PLACE(uapi::route::LinkMessage, type, ifinfomsg, ifi_type);
SAME_PLACE(uapi::route::LinkMessage, index, ifinfomsg, ifi_index);
SAME_PLACE(uapi::route::LinkMessage, flags, ifinfomsg, ifi_flags);
SAME_PLACE(uapi::route::LinkMessage, change, ifinfomsg, ifi_change);
SAME_SIZE(uapi::route::RouteMessage, rtmsg);
SAME_PLACE(uapi::route::RouteMessage, destination_length, rtmsg, rtm_dst_len);
SAME_PLACE(uapi::route::RouteMessage, source_length, rtmsg, rtm_src_len);
SAME_PLACE(uapi::route::RouteMessage, type, rtmsg, rtm_type);
SAME_PLACE(uapi::route::RouteMessage, flags, rtmsg, rtm_flags);

TEST_CASE("uapi: message types are the system's") {
    CHECK(uapi::message::newsa == XFRM_MSG_NEWSA);
    CHECK(uapi::message::delsa == XFRM_MSG_DELSA);
    CHECK(uapi::message::getsa == XFRM_MSG_GETSA);
    CHECK(uapi::message::newpolicy == XFRM_MSG_NEWPOLICY);
    CHECK(uapi::message::delpolicy == XFRM_MSG_DELPOLICY);
    CHECK(uapi::message::getpolicy == XFRM_MSG_GETPOLICY);
    CHECK(uapi::message::allocspi == XFRM_MSG_ALLOCSPI);
    CHECK(uapi::message::acquire == XFRM_MSG_ACQUIRE);
    CHECK(uapi::message::expire == XFRM_MSG_EXPIRE);
    CHECK(uapi::message::updpolicy == XFRM_MSG_UPDPOLICY);
    CHECK(uapi::message::updsa == XFRM_MSG_UPDSA);
    CHECK(uapi::message::polexpire == XFRM_MSG_POLEXPIRE);
    CHECK(uapi::message::flushsa == XFRM_MSG_FLUSHSA);
    CHECK(uapi::message::flushpolicy == XFRM_MSG_FLUSHPOLICY);
    CHECK(uapi::message::newae == XFRM_MSG_NEWAE);
    CHECK(uapi::message::getae == XFRM_MSG_GETAE);
    CHECK(uapi::message::report == XFRM_MSG_REPORT);
    CHECK(uapi::message::migrate == XFRM_MSG_MIGRATE);
    CHECK(uapi::message::mapping == XFRM_MSG_MAPPING);
    CHECK(uapi::message::setdefault == XFRM_MSG_SETDEFAULT);
    CHECK(uapi::message::getdefault == XFRM_MSG_GETDEFAULT);
}

TEST_CASE("uapi: attributes that the system's header knows bear its numbers") {
    CHECK(uapi::attribute::alg_auth == XFRMA_ALG_AUTH);
    CHECK(uapi::attribute::alg_crypt == XFRMA_ALG_CRYPT);
    CHECK(uapi::attribute::alg_comp == XFRMA_ALG_COMP);
    CHECK(uapi::attribute::encap == XFRMA_ENCAP);
    CHECK(uapi::attribute::tmpl == XFRMA_TMPL);
    CHECK(uapi::attribute::sa == XFRMA_SA);
    CHECK(uapi::attribute::policy == XFRMA_POLICY);
    CHECK(uapi::attribute::sec_ctx == XFRMA_SEC_CTX);
    CHECK(uapi::attribute::ltime_val == XFRMA_LTIME_VAL);
    CHECK(uapi::attribute::replay_val == XFRMA_REPLAY_VAL);
    CHECK(uapi::attribute::replay_thresh == XFRMA_REPLAY_THRESH);
    CHECK(uapi::attribute::etimer_thresh == XFRMA_ETIMER_THRESH);
    CHECK(uapi::attribute::srcaddr == XFRMA_SRCADDR);
    CHECK(uapi::attribute::coaddr == XFRMA_COADDR);
    CHECK(uapi::attribute::lastused == XFRMA_LASTUSED);
    CHECK(uapi::attribute::policy_type == XFRMA_POLICY_TYPE);
    CHECK(uapi::attribute::migrate == XFRMA_MIGRATE);
    CHECK(uapi::attribute::alg_aead == XFRMA_ALG_AEAD);
    CHECK(uapi::attribute::kmaddress == XFRMA_KMADDRESS);
    CHECK(uapi::attribute::alg_auth_trunc == XFRMA_ALG_AUTH_TRUNC);
    CHECK(uapi::attribute::mark == XFRMA_MARK);
    CHECK(uapi::attribute::tfcpad == XFRMA_TFCPAD);
    CHECK(uapi::attribute::replay_esn_val == XFRMA_REPLAY_ESN_VAL);
    CHECK(uapi::attribute::sa_extra_flags == XFRMA_SA_EXTRA_FLAGS);
    CHECK(uapi::attribute::proto == XFRMA_PROTO);
    CHECK(uapi::attribute::address_filter == XFRMA_ADDRESS_FILTER);
    CHECK(uapi::attribute::pad == XFRMA_PAD);
    CHECK(uapi::attribute::offload_dev == XFRMA_OFFLOAD_DEV);
    CHECK(uapi::attribute::set_mark == XFRMA_SET_MARK);
    CHECK(uapi::attribute::set_mark_mask == XFRMA_SET_MARK_MASK);
    CHECK(uapi::attribute::if_id == XFRMA_IF_ID);
    CHECK(uapi::attribute::mtimer_thresh == XFRMA_MTIMER_THRESH);
}

TEST_CASE("uapi: flags, groups and values are the system's") {
    CHECK(uapi::flag::request == NLM_F_REQUEST);
    CHECK(uapi::flag::multi == NLM_F_MULTI);
    CHECK(uapi::flag::acknowledge == NLM_F_ACK);
    CHECK(uapi::flag::capped == NLM_F_CAPPED);
    CHECK(uapi::flag::ack_tlvs == NLM_F_ACK_TLVS);
    CHECK(uapi::flag::dump == NLM_F_DUMP);
    CHECK(uapi::flag::exclusive == NLM_F_EXCL);
    CHECK(uapi::flag::create == NLM_F_CREATE);
    CHECK(uapi::extended_ack::message == NLMSGERR_ATTR_MSG);
    CHECK(uapi::extended_ack::offset == NLMSGERR_ATTR_OFFS);
    CHECK(uapi::netlink_error == NLMSG_ERROR);
    CHECK(uapi::netlink_done == NLMSG_DONE);
    CHECK(uapi::netlink_overrun == NLMSG_OVERRUN);
    CHECK(uapi::attribute_nested == NLA_F_NESTED);
    CHECK(uapi::attribute_type_mask == (NLA_TYPE_MASK & 0xffff));
    CHECK(uapi::group::acquire == XFRMNLGRP_ACQUIRE);
    CHECK(uapi::group::expire == XFRMNLGRP_EXPIRE);
    CHECK(uapi::group::sa == XFRMNLGRP_SA);
    CHECK(uapi::group::policy == XFRMNLGRP_POLICY);
    CHECK(uapi::group::migrate == XFRMNLGRP_MIGRATE);
    CHECK(uapi::group::mapping == XFRMNLGRP_MAPPING);
    CHECK(uapi::unlimited == XFRM_INF);
    CHECK(uapi::sa_flag_af_unspec == XFRM_STATE_AF_UNSPEC);
    CHECK(uapi::sa_flag_esn == XFRM_STATE_ESN);
    CHECK(uapi::offload_inbound == XFRM_OFFLOAD_INBOUND);
    CHECK(uapi::esn_window_max == XFRMA_REPLAY_ESN_MAX);
}

TEST_CASE("uapi: link numbers are the system's") {
    CHECK(uapi::route::newlink == RTM_NEWLINK);
    CHECK(uapi::route::dellink == RTM_DELLINK);
    CHECK(uapi::route::attribute_name == IFLA_IFNAME);
    CHECK(uapi::route::attribute_mtu == IFLA_MTU);
    CHECK(uapi::route::attribute_link_info == IFLA_LINKINFO);
    CHECK(uapi::route::info_kind == IFLA_INFO_KIND);
    CHECK(uapi::route::info_data == IFLA_INFO_DATA);
    CHECK(uapi::route::xfrm_link == IFLA_XFRM_LINK);
    CHECK(uapi::route::xfrm_if_id == IFLA_XFRM_IF_ID);
    CHECK(uapi::route::newroute == RTM_NEWROUTE);
    CHECK(uapi::route::getroute == RTM_GETROUTE);
    CHECK(uapi::route::route_destination == RTA_DST);
    CHECK(uapi::route::route_source == RTA_SRC);
    CHECK(uapi::route::route_device == RTA_OIF);
}

TEST_CASE("uapi: Network keeps its octets in network order") {
    const uapi::Network<std::uint32_t> spi(0x01020304);
    const auto octets = std::bit_cast<std::array<std::uint8_t, 4>>(spi);
    CHECK(octets == std::array<std::uint8_t, 4>{1, 2, 3, 4});
    CHECK(spi.host() == 0x01020304);
}
