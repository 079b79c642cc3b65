// SPDX-License-Identifier: GPL-2.0
/* Policies of packet mode, and what selectors match. */
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "esim.h"

int esim_say(struct netlink_ext_ack *extack, const char *why, int error)
{
#if HAS_PACKET
	if (extack)
		NL_SET_ERR_MSG_FMT_MOD(extack, "%s", why);
#endif
	return error;
}

bool esim_flow_of(struct esim_flow *flow, const u8 *ip, unsigned int length)
{
	unsigned int header;

	memset(flow, 0, sizeof(*flow));
	if (length >= sizeof(struct iphdr) && ip[0] >> 4 == 4) {
		const struct iphdr *ip4 = (const void *)ip;

		flow->family = AF_INET;
		flow->protocol = ip4->protocol;
		flow->source.a4 = ip4->saddr;
		flow->destination.a4 = ip4->daddr;
		header = ip4->ihl * 4;
	} else if (length >= sizeof(struct ipv6hdr) && ip[0] >> 4 == 6) {
		const struct ipv6hdr *ip6 = (const void *)ip;

		flow->family = AF_INET6;
		flow->protocol = ip6->nexthdr;
		flow->source.in6 = ip6->saddr;
		flow->destination.in6 = ip6->daddr;
		header = sizeof(*ip6);
	} else {
		return false;
	}
	if ((flow->protocol == IPPROTO_UDP || flow->protocol == IPPROTO_TCP) &&
	    length >= header + 4) {
		memcpy(&flow->source_port, ip + header, 2);
		memcpy(&flow->destination_port, ip + header + 2, 2);
	}
	return true;
}

bool esim_selects(const struct xfrm_selector *selector, u16 family, const struct esim_flow *flow)
{
	return family == flow->family &&
	       (!selector->proto || selector->proto == flow->protocol) &&
	       !((selector->sport ^ flow->source_port) & selector->sport_mask) &&
	       !((selector->dport ^ flow->destination_port) & selector->dport_mask) &&
	       addr_match(&flow->source, &selector->saddr, selector->prefixlen_s) &&
	       addr_match(&flow->destination, &selector->daddr, selector->prefixlen_d);
}

#if HAS_PACKET
static int refuse(struct esim *e, struct netlink_ext_ack *extack, const char *why)
{
	COUNT(e, POLICY_REFUSED);
	return esim_say(extack, why, -EINVAL);
}

int esim_policy_add(struct xfrm_policy *xp, struct netlink_ext_ack *extack)
{
	struct esim *e = netdev_priv(xp->xdo.dev);
	struct esim_policy *p;

	if (!(e->caps & CAP_PACKET))
		return refuse(e, extack, "packet offload not supported");
	if (xp->xdo.dir == XFRM_DEV_OFFLOAD_FWD)
		return refuse(e, extack, "no forward policies");
	if (xp->xfrm_nr > 1)
		return refuse(e, extack, "one template only");
	if (xp->xfrm_nr && !xp->xfrm_vec[0].reqid)
		return refuse(e, extack, "packet offload needs a reqid");
	if (xp->priority == U32_MAX)
		return refuse(e, extack, "no such priority");
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->xp = xp;
	xp->xdo.offload_handle = (unsigned long)p;
	spin_lock_bh(&e->lock);
	list_add_tail(&p->list, &e->policies);
	spin_unlock_bh(&e->lock);
	COUNT(e, POLICY_ADD);
	return 0;
}

void esim_policy_delete(struct xfrm_policy *xp)
{
}

void esim_policy_free(struct xfrm_policy *xp)
{
	struct esim *e = netdev_priv(xp->xdo.dev);
	struct esim_policy *p = (void *)xp->xdo.offload_handle;

	if (!p)
		return;
	xp->xdo.offload_handle = 0;
	spin_lock_bh(&e->lock);
	list_del(&p->list);
	spin_unlock_bh(&e->lock);
	kfree(p);
	COUNT(e, POLICY_FREE);
}

/* The policy of the device for a frame; its lock is held. */
struct esim_policy *esim_find_policy(struct esim *e, struct sk_buff *skb, int direction)
{
	struct esim_policy *p, *best = NULL;
	struct esim_flow flow;

	if (!esim_flow_of(&flow, skb->data + ETH_HLEN, skb->len - ETH_HLEN))
		return NULL;
	list_for_each_entry(p, &e->policies, list)
		if (!p->xp->walk.dead && p->xp->xdo.dir == direction &&
		    esim_selects(&p->xp->selector, p->xp->family, &flow) &&
		    (!best || p->xp->priority < best->xp->priority))
			best = p;
	if (best)
		best->packets++;
	return best;
}
#endif
