// SPDX-License-Identifier: GPL-2.0
/* Associations: which the device takes, and the operations that the kernel calls. */
#include "esim.h"

static bool is_larval(const struct xfrm_state *x)
{
#if HAS_PACKET
	return x->xso.flags & XFRM_DEV_OFFLOAD_FLAG_ACQ;
#else
	return false;
#endif
}

/* As mlx5 in packet mode, unless the device can more. */
static const char *packet_objection(const struct esim *e, const struct xfrm_state *x)
{
	u32 window = x->replay_esn ? x->replay_esn->replay_window : x->props.replay_window;

	if (!x->props.reqid)
		return "packet offload needs a reqid";
	if (x->props.mode != XFRM_MODE_TUNNEL)
		return "packet offload in tunnel mode only";
	if (!(e->caps & CAP_BYTE_LIMITS) && (x->lft.hard_byte_limit != XFRM_INF ||
					     x->lft.soft_byte_limit != XFRM_INF))
		return "no limits in octets";
	if (!x->lft.soft_packet_limit || !x->lft.hard_packet_limit)
		return "limits in packets can't be 0";
	if (x->lft.soft_packet_limit >= x->lft.hard_packet_limit &&
	    x->lft.hard_packet_limit != XFRM_INF)
		return "hard packet limit must be greater than soft one";
	if (!(e->caps & CAP_ANY_WINDOW) && x->replay_esn && x->xso.dir == XFRM_DEV_OFFLOAD_IN &&
	    window != 32 && window != 64 && window != 128 && window != 256)
		return "unsupported replay window size";
	return NULL;
}

static const char *objection(const struct esim *e, const struct xfrm_state *x)
{
	bool packet = esim_is_packet(x);

	if (!(e->caps & (packet ? CAP_PACKET : CAP_CRYPTO)))
		return "offload type not supported";
	if (x->encap)
		return "no encapsulation in UDP";
	if (x->id.proto != IPPROTO_ESP || !x->aead || x->aead->alg_icv_len != 8 * ESP_ICV ||
	    strncmp(x->aead->alg_name, "rfc4106(gcm(aes))", 18))
		return "only ESP with AES-GCM-ICV16";
	if (x->aead->alg_key_len > 128 + 32 && !(e->caps & CAP_KEY256))
		return "only keys of 128 bits";
	if ((x->props.flags & XFRM_STATE_ESN) && !(e->caps & CAP_ESN))
		return "no ESN";
	return packet ? packet_objection(e, x) : NULL;
}

static int refuse(struct esim *e, struct netlink_ext_ack *extack, const char *why, int error)
{
	COUNT(e, SA_REFUSED);
	return esim_say(extack, why, error);
}

static int judge(struct esim *e, struct xfrm_state *x, struct netlink_ext_ack *extack)
{
	u32 error = x->xso.dir == XFRM_DEV_OFFLOAD_IN ? e->refuse_in : e->refuse_out;
	const char *why;

	if (is_larval(x))
		return 0;
	if (error)
		return refuse(e, extack, "refused as told", -(int)error);
	why = objection(e, x);
	if (why)
		return refuse(e, extack, why, -EINVAL);
	if (e->nsa >= e->max_sa)
		return refuse(e, extack, "association table full", -ENOSPC);
	return 0;
}

static int sa_add(struct net_device *dev, struct xfrm_state *x, struct netlink_ext_ack *extack)
{
	struct esim *e = netdev_priv(dev);
	int error = judge(e, x, extack);
	struct esim_sa *s;

	if (error)
		return error;
	s = kzalloc(sizeof(*s), GFP_ATOMIC);	/* a larval one is made under a lock */
	if (!s)
		return -ENOMEM;
	s->x = x;		/* no reference: state_free comes before x goes */
	error = is_larval(x) ? 0 : esim_crypt_init(s);
	if (error) {
		kfree(s);
		return refuse(e, extack, "no cipher", error);
	}
	x->xso.offload_handle = (unsigned long)s;
	spin_lock_bh(&e->lock);
	list_add_tail(&s->list, &e->sas);
	e->nsa++;
	spin_unlock_bh(&e->lock);
	COUNT(e, SA_ADD);
	return 0;
}

static void sa_delete(struct net_device *dev, struct xfrm_state *x)
{
	struct esim *e = netdev_priv(dev);
	struct esim_sa *s = (void *)x->xso.offload_handle;

	if (!s)
		return;
	spin_lock_bh(&e->lock);
	if (!s->deleted) {
		s->deleted = true;
		e->nsa--;
	}
	spin_unlock_bh(&e->lock);
	COUNT(e, SA_DELETE);
}

static void sa_free(struct net_device *dev, struct xfrm_state *x)
{
	struct esim *e = netdev_priv(dev);
	struct esim_sa *s = (void *)x->xso.offload_handle;

	if (!s)
		return;
	spin_lock_bh(&e->lock);
	x->xso.offload_handle = 0;
	if (!s->deleted)
		e->nsa--;
	list_del(&s->list);
	spin_unlock_bh(&e->lock);
	esim_crypt_exit(s);
	kfree_sensitive(s);
	COUNT(e, SA_FREE);
}

static bool sa_offload_ok(struct sk_buff *skb, struct xfrm_state *x)
{
	return true;
}

static void sa_advance_esn(struct xfrm_state *x)
{
	COUNT((struct esim *)netdev_priv(XDEV(x)), ESN_ADVANCE);
}

#if HAS_PACKET
static void sa_update_stats(struct xfrm_state *x)
{
	struct esim *e = netdev_priv(XDEV(x));
	struct esim_sa *s = (void *)x->xso.offload_handle;

	COUNT(e, STATS_UPDATE);
	if (s && esim_is_packet(x)) {
		x->curlft.packets = s->packets;
		x->curlft.bytes = s->bytes;
	}
}
#endif

/* The association for what was received, or NULL; the lock is held. */
struct esim_sa *esim_find_in(struct esim *e, __be32 spi, const xfrm_address_t *destination,
			     u16 family)
{
	struct esim_sa *s;

	list_for_each_entry(s, &e->sas, list)
		if (!s->deleted && s->aead && s->x->id.spi == spi &&
		    s->x->xso.dir == XFRM_DEV_OFFLOAD_IN && s->x->props.family == family &&
		    xfrm_addr_equal(&s->x->id.daddr, destination, family))
			return s;
	return NULL;
}

/* The newest association in packet mode for a policy's template, or NULL; the lock is held. */
struct esim_sa *esim_find_out(struct esim *e, const struct xfrm_tmpl *template)
{
	struct esim_sa *s;

	list_for_each_entry_reverse(s, &e->sas, list)
		if (!s->deleted && s->aead && s->x->xso.dir == XFRM_DEV_OFFLOAD_OUT &&
		    esim_is_packet(s->x) && s->x->props.reqid == template->reqid &&
		    (!template->id.spi || template->id.spi == s->x->id.spi))
			return s;
	return NULL;
}

#if HAS_DEV_ARG
# define add_operation sa_add
# define delete_operation sa_delete
# define free_operation sa_free
#else
# if HAS_PACKET
static int add_operation(struct xfrm_state *x, struct netlink_ext_ack *extack)
{
	return sa_add(XDEV(x), x, extack);
}
# else
static int add_operation(struct xfrm_state *x)
{
	return sa_add(XDEV(x), x, NULL);
}
# endif

static void delete_operation(struct xfrm_state *x)
{
	sa_delete(XDEV(x), x);
}

static void free_operation(struct xfrm_state *x)
{
	sa_free(XDEV(x), x);
}
#endif

const struct xfrmdev_ops esim_xfrmdev_ops = {
	.xdo_dev_state_add = add_operation,
	.xdo_dev_state_delete = delete_operation,
	.xdo_dev_state_free = free_operation,
	.xdo_dev_offload_ok = sa_offload_ok,
	.xdo_dev_state_advance_esn = sa_advance_esn,
#if HAS_PACKET
# if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	.xdo_dev_state_update_stats = sa_update_stats,
# else
	.xdo_dev_state_update_curlft = sa_update_stats,
# endif
	.xdo_dev_policy_add = esim_policy_add,
	.xdo_dev_policy_delete = esim_policy_delete,
	.xdo_dev_policy_free = esim_policy_free,
#endif
};
