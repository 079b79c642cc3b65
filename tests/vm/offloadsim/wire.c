// SPDX-License-Identifier: GPL-2.0
/* Packets: what leaves a device, what is on the wire, and what the other device makes of it. */
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "esim.h"

#define ROOM		64	/* for an outer header in front, or a trailer behind */
#define TTL		64
#define IKE_PORT	500
#define NAT_PORT	4500

/* Where the ESP header of a frame is; 0 if it is no ESP. */
static unsigned int esp_offset(const struct sk_buff *frame, struct esim_flow *flow)
{
	unsigned int offset;

	if (!esim_flow_of(flow, frame->data + ETH_HLEN, frame->len - ETH_HLEN) ||
	    flow->protocol != IPPROTO_ESP)
		return 0;
	offset = ETH_HLEN + (flow->family == AF_INET ? (frame->data[ETH_HLEN] & 15) * 4
						     : sizeof(struct ipv6hdr));
	return frame->len >= offset + ESP_HEADER + ESP_IV + ESP_ICV ? offset : 0;
}

static void count_in(struct esim_sa *s, unsigned int octets)
{
	s->packets++;
	s->bytes += octets;
}

/* ---- what leaves ---- */

static bool is_link(const struct sk_buff *frame, const struct esim_flow *flow)
{
	const u8 *payload = frame->data + ETH_HLEN + sizeof(struct ipv6hdr);
	const u8 *end = frame->data + frame->len;
	u8 protocol = flow->protocol;

	if (protocol == NEXTHDR_HOP && payload + 8 < end) {
		protocol = payload[0];
		payload += (payload[1] + 1) * 8;
	}
	/* 130 to 137: listener reports and neighbour discovery; 143: the other listener report */
	return flow->family == AF_INET6 && protocol == IPPROTO_ICMPV6 && payload < end &&
	       ((payload[0] >= 130 && payload[0] <= 137) || payload[0] == 143);
}

static bool is_port(const struct esim_flow *flow, u16 port)
{
	return flow->protocol == IPPROTO_UDP &&
	       (flow->source_port == htons(port) || flow->destination_port == htons(port));
}

static int plain_kind(const struct sk_buff *frame, struct esim_flow *flow)
{
	bool ip = esim_flow_of(flow, frame->data + ETH_HLEN, frame->len - ETH_HLEN);

	if (!ip)
		return eth_hdr(frame)->h_proto == htons(ETH_P_ARP) ? TX_LINK : TX_CLEAR;
	if (is_link(frame, flow))
		return TX_LINK;
	if (is_port(flow, IKE_PORT) || is_port(flow, NAT_PORT))
		return TX_IKE;
	return flow->protocol == IPPROTO_ESP ? TX_ESP : TX_CLEAR;
}

static int send_plain(struct esim *e, struct sk_buff *frame)
{
	struct esim_flow flow = {};
	int kind = plain_kind(frame, &flow);

	if (kind == TX_CLEAR)
		e->last_clear = flow;
	return kind;
}

/* The kernel has made the ESP packet, with room for IV and ICV; the device encrypts. */
static int send_crypto(struct sk_buff *frame, struct esim_sa *s, u64 sequence)
{
	struct esim_flow flow;
	unsigned int offset = esp_offset(frame, &flow);

	if (!s || s->deleted || !offset ||
	    esim_encrypt(s, frame->data + offset, frame->len - offset, sequence))
		return TX_NO_SA;
	count_in(s, frame->len - ETH_HLEN);
	return TX_CRYPTO;
}

#if HAS_PACKET
static void write_outer(struct sk_buff *frame, const struct xfrm_state *x, unsigned int length)
{
	u8 *outer = frame->data + ETH_HLEN;

	if (x->props.family == AF_INET) {
		struct iphdr *ip = (void *)outer;

		*ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = TTL, .protocol = IPPROTO_ESP,
				      .tot_len = htons(length), .saddr = x->props.saddr.a4,
				      .daddr = x->id.daddr.a4 };
		ip->check = ip_fast_csum(ip, ip->ihl);
		eth_hdr(frame)->h_proto = htons(ETH_P_IP);
	} else {
		*(struct ipv6hdr *)outer = (struct ipv6hdr){
			.version = 6, .hop_limit = TTL, .nexthdr = IPPROTO_ESP,
			.payload_len = htons(length - sizeof(struct ipv6hdr)),
			.saddr = x->props.saddr.in6, .daddr = x->id.daddr.in6 };
		eth_hdr(frame)->h_proto = htons(ETH_P_IPV6);
	}
}

/* The device writes everything around the inner packet; the kernel leaves room for an Ethernet header only. */
static int encapsulate(struct esim *e, struct sk_buff *frame, struct esim_sa *s)
{
	u8 next = frame->data[ETH_HLEN] >> 4 == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	unsigned int inner = frame->len - ETH_HLEN, padding = -(inner + 2) & 3, i;
	unsigned int front = ESP_HEADER + ESP_IV + (s->x->props.family == AF_INET ?
						    sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	u8 *trailer = skb_put_zero(frame, padding + 2 + ESP_ICV);
	__be32 *esp;

	for (i = 0; i < padding; i++)
		trailer[i] = i + 1;
	trailer[padding] = padding;
	trailer[padding + 1] = next;
	skb_push(frame, front);
	skb_reset_mac_header(frame);
	ether_addr_copy(eth_hdr(frame)->h_dest, e->peer->dev->dev_addr);
	ether_addr_copy(eth_hdr(frame)->h_source, e->dev->dev_addr);
	write_outer(frame, s->x, frame->len - ETH_HLEN);
	esp = (void *)(frame->data + ETH_HLEN + front - ESP_HEADER - ESP_IV);
	s->sequence++;
	esp[0] = s->x->id.spi;
	esp[1] = htonl((u32)s->sequence);
	count_in(s, inner);
	return esim_encrypt(s, (u8 *)esp, frame->len - ETH_HLEN - front + ESP_HEADER + ESP_IV,
			    s->sequence) ? TX_NO_SA : TX_PACKET;
}

static int send_packet(struct esim *e, struct sk_buff *frame, const struct esim_policy *policy,
		       struct xfrm_state **used)
{
	struct esim_sa *s;

	if (policy->xp->action != XFRM_POLICY_ALLOW)
		return TX_BLOCKED;
	if (!policy->xp->xfrm_nr)
		return send_plain(e, frame);
	s = esim_find_out(e, &policy->xp->xfrm_vec[0]);
	if (!s)
		return TX_NO_SA;
	xfrm_state_hold(s->x);
	*used = s->x;
	return encapsulate(e, frame, s);
}
#endif

/* Makes of a frame what goes onto the wire; returns what it is. */
static int send(struct esim *e, struct sk_buff *frame, struct sk_buff *original,
		struct xfrm_state **used)
{
	struct xfrm_offload *offload = xfrm_offload(original);
#if HAS_PACKET
	struct esim_policy *policy;
#endif

	if (offload && (offload->flags & XFRM_XMIT) && !(offload->flags & CRYPTO_FALLBACK)) {
		struct xfrm_state *x = xfrm_input_state(original);
		u64 sequence = (u64)offload->seq.hi << 32 | offload->seq.low;

		return send_crypto(frame, (void *)x->xso.offload_handle, sequence);
	}
#if HAS_PACKET
	policy = esim_find_policy(e, frame, XFRM_DEV_OFFLOAD_OUT);
	if (policy)
		return send_packet(e, frame, policy, used);
#endif
	return send_plain(e, frame);
}

/* ---- what arrives ---- */

static u64 full_sequence(const struct esim_sa *s, u32 low)
{
	u64 full = (s->sequence & ~0xffffffffULL) | low;

	return full + 0x80000000ULL < s->sequence ? full + 0x100000000ULL : full;
}

static void mark_done(struct sk_buff *frame, struct xfrm_state *x)
{
	struct sec_path *path = secpath_set(frame);
	struct xfrm_offload *offload;

	if (!path)
		return;
	xfrm_state_hold(x);
	path->xvec[path->len++] = x;
	path->olen++;
	offload = xfrm_offload(frame);
	offload->flags = CRYPTO_DONE;
	offload->status = CRYPTO_SUCCESS;
}

/* The kernel takes ESP header and trailer away, and looks at its policies. */
static int receive_crypto(struct esim *e, struct sk_buff *frame, struct esim_sa *s,
			  unsigned int offset)
{
	unsigned int inner = offset + ESP_HEADER + ESP_IV;
	struct esim_flow flow;

	if (s->x->props.mode == XFRM_MODE_TUNNEL &&
	    esim_flow_of(&flow, frame->data + inner, frame->len - inner) &&
	    !esim_selects(&s->x->sel, s->x->sel.family ?: flow.family, &flow))
		COUNT(e, RX_OUTSIDE);
	return RX_CRYPTO;
}

#if HAS_PACKET
/* Whether a sequence number is new; a window of 64. */
static bool is_new(struct esim_sa *s, u64 sequence)
{
	u64 back;

	if (sequence > s->sequence) {
		back = sequence - s->sequence;
		s->window = back < 64 ? s->window << back | 1 : 1;
		s->sequence = sequence;
		return true;
	}
	back = s->sequence - sequence;
	if (back >= 64 || s->window & (1ULL << back))
		return false;
	s->window |= 1ULL << back;
	return true;
}

/* The device takes everything away, and looks at its own policies. */
static int receive_packet(struct esim *e, struct sk_buff *frame, unsigned int offset)
{
	unsigned int front = offset - ETH_HLEN + ESP_HEADER + ESP_IV;
	u8 *end = frame->data + frame->len - ESP_ICV;
	unsigned int trailer = end[-2] + 2 + ESP_ICV;
	struct esim_policy *policy;
	bool ip4 = end[-1] == IPPROTO_IPIP;

	if (frame->len < offset + ESP_HEADER + ESP_IV + trailer)
		return RX_BAD_KEY;
	skb_trim(frame, frame->len - trailer);
	memmove(frame->data + front, frame->data, ETH_HLEN);
	skb_pull(frame, front);
	skb_reset_mac_header(frame);
	eth_hdr(frame)->h_proto = htons(ip4 ? ETH_P_IP : ETH_P_IPV6);
	policy = esim_find_policy(e, frame, XFRM_DEV_OFFLOAD_IN);
	if (!policy) {
		COUNT(e, RX_NO_POLICY);
		return e->caps & CAP_UNMATCHED_UP ? RX_PACKET : RX_NO_POLICY;
	}
	return policy->xp->action == XFRM_POLICY_ALLOW ? RX_PACKET : RX_BLOCKED;
}
#endif

/* Decrypts what is for an association of the device; -1: it is not, and goes up as it is. */
static int receive(struct esim *e, struct sk_buff *frame, struct xfrm_state **used)
{
	struct esim_flow flow;
	unsigned int offset = esp_offset(frame, &flow);
	const __be32 *esp = (void *)(frame->data + offset);
	struct esim_sa *s;
	u64 sequence;
	int kind;

	if (!offset)
		return -1;
	s = esim_find_in(e, esp[0], &flow.destination, flow.family);
	if (!s)
		return -1;
	sequence = full_sequence(s, ntohl(esp[1]));
	if (esim_decrypt(s, frame->data + offset, frame->len - offset, sequence))
		return RX_BAD_KEY;
	*used = s->x;
	xfrm_state_hold(s->x);
	if (!esim_is_packet(s->x)) {
		s->sequence = max(s->sequence, sequence);
		count_in(s, frame->len - ETH_HLEN);
		return receive_crypto(e, frame, s, offset);
	}
	kind = RX_PACKET;
#if HAS_PACKET
	if (!is_new(s, sequence))
		return RX_REPLAYED;
	kind = receive_packet(e, frame, offset);
#endif
	count_in(s, frame->len - ETH_HLEN);
	return kind;
}

/* ---- the wire ---- */

/* The device sees to the limits of an association in packet mode, and tells the kernel. */
static void finish(struct xfrm_state *x)
{
	if (!x)
		return;
#if HAS_PACKET
	if (esim_is_packet(x)) {
		spin_lock_bh(&x->lock);
		xfrm_state_check_expire(x);
		spin_unlock_bh(&x->lock);
	}
#endif
	xfrm_state_put(x);
}

static void deliver(struct esim *e, struct sk_buff *frame)
{
	struct xfrm_state *used = NULL;
	int kind;

	spin_lock_bh(&e->lock);
	kind = receive(e, frame, &used);
	spin_unlock_bh(&e->lock);
	if (kind == RX_CRYPTO || kind == RX_PACKET)
		mark_done(frame, used);
	finish(used);
	/* one that hands unmatched packets up has counted them already */
	if (kind >= 0 && kind != RX_NO_POLICY)
		COUNT(e, kind);
	if (kind >= 0 && kind != RX_CRYPTO && kind != RX_PACKET) {
		kfree_skb(frame);
		return;
	}
	frame->protocol = eth_type_trans(frame, e->dev);
	if (kind >= 0)
		frame->ip_summed = CHECKSUM_UNNECESSARY;
	/* as drivers do: ESP that the device has decrypted is meant for this way up */
	gro_cells_receive(&e->cells, frame);
}

static void show_on_tap(const struct sk_buff *frame)
{
	struct sk_buff *copy = netif_running(esim_tap) ? skb_copy(frame, GFP_ATOMIC) : NULL;

	if (!copy)
		return;
	copy->protocol = eth_type_trans(copy, esim_tap);
	netif_rx(copy);
}

static void carry(struct esim *from, struct sk_buff *frame)
{
	struct esim *to = from->peer;

	skb_scrub_packet(frame, true);
	if (READ_ONCE(esim_wire_state) != WIRE_CARRIES || !netif_running(to->dev)) {
		COUNT(from, TX_LOST);
		kfree_skb(frame);
		return;
	}
	show_on_tap(frame);
	deliver(to, frame);
}

netdev_tx_t esim_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sk_buff *frame = skb_copy_expand(skb, ROOM + LL_MAX_HEADER, ROOM, GFP_ATOMIC);
	struct xfrm_state *used = NULL;
	struct esim *e = netdev_priv(dev);
	int kind;

	if (frame) {
		skb_reset_mac_header(frame);
		spin_lock_bh(&e->lock);
		kind = send(e, frame, skb, &used);
		spin_unlock_bh(&e->lock);
		finish(used);
		COUNT(e, kind);
		if (kind == TX_NO_SA || kind == TX_BLOCKED)
			kfree_skb(frame);
		else
			carry(e, frame);
	}
	dev_consume_skb_any(skb);
	return NETDEV_TX_OK;
}
