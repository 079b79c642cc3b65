// SPDX-License-Identifier: GPL-2.0
/* debugfs: what is in the devices, and what they shall do. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "esim.h"

static const char * const names[COUNTERS] = {
	"tx_link", "tx_ike", "tx_esp", "tx_clear", "tx_crypto", "tx_packet", "tx_no_sa",
	"tx_blocked", "tx_lost", "rx_crypto", "rx_packet", "rx_bad_key", "rx_replayed",
	"rx_outside", "rx_no_policy", "rx_blocked", "sa_add", "sa_delete", "sa_free", "sa_refused",
	"policy_add", "policy_free", "policy_refused", "esn_advance", "stats_update"
};

static struct dentry *folder;

static void show_addresses(struct seq_file *m, u16 family, const xfrm_address_t *source,
			   const xfrm_address_t *destination)
{
	if (family == AF_INET)
		seq_printf(m, " src=%pI4 dst=%pI4\n", &source->a4, &destination->a4);
	else
		seq_printf(m, " src=%pI6c dst=%pI6c\n", &source->a6, &destination->a6);
}

static void show_sa(struct seq_file *m, const struct esim_sa *s)
{
	const struct xfrm_state *x = s->x;

	seq_printf(m, "sa dir=%s type=%s spi=0x%08x reqid=%u if_id=%u mode=%d esn=%d window=%u",
		   x->xso.dir == XFRM_DEV_OFFLOAD_IN ? "in" : "out",
		   !s->aead ? "larval" : esim_is_packet(x) ? "packet" : "crypto",
		   ntohl(x->id.spi), x->props.reqid, x->if_id, x->props.mode,
		   !!(x->props.flags & XFRM_STATE_ESN),
		   x->replay_esn ? x->replay_esn->replay_window : x->props.replay_window);
	seq_printf(m, " deleted=%d packets=%llu bytes=%llu", s->deleted, s->packets, s->bytes);
	show_addresses(m, x->props.family, &x->props.saddr, &x->id.daddr);
}

static int table_show(struct seq_file *m, void *v)
{
	struct esim *e = m->private;
	struct esim_policy *p __maybe_unused;
	struct esim_sa *s;
	int i;

	spin_lock_bh(&e->lock);
	list_for_each_entry(s, &e->sas, list)
		show_sa(m, s);
#if HAS_PACKET
	list_for_each_entry(p, &e->policies, list) {
		seq_printf(m, "policy dir=%s index=%u prio=%u action=%d reqid=%u packets=%llu",
			   p->xp->xdo.dir == XFRM_DEV_OFFLOAD_IN ? "in" : "out", p->xp->index,
			   p->xp->priority, p->xp->action,
			   p->xp->xfrm_nr ? p->xp->xfrm_vec[0].reqid : 0, p->packets);
		show_addresses(m, p->xp->family, &p->xp->selector.saddr, &p->xp->selector.daddr);
	}
#endif
	if (e->last_clear.family) {
		seq_printf(m, "last_clear protocol=%u", e->last_clear.protocol);
		show_addresses(m, e->last_clear.family, &e->last_clear.source,
			       &e->last_clear.destination);
	}
	spin_unlock_bh(&e->lock);
	for (i = 0; i < COUNTERS; i++)
		seq_printf(m, "%s %lld\n", names[i], atomic64_read(&e->counters[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(table);

static int wire_get(void *data, u64 *value)
{
	*value = esim_wire_state;
	return 0;
}

static int wire_set(void *data, u64 value)
{
	if (value > WIRE_SILENT)
		return -EINVAL;
	WRITE_ONCE(esim_wire_state, value);
	esim_update_carrier();
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(wire_fops, wire_get, wire_set, "%llu\n");

void esim_tables_init(struct net_device **devices)
{
	int i;

	folder = debugfs_create_dir("offloadsim", NULL);
	debugfs_create_file_unsafe("wire", 0600, folder, NULL, &wire_fops);
	for (i = 0; i < 2; i++) {
		struct dentry *own = debugfs_create_dir(i ? "esim1" : "esim0", folder);
		struct esim *e = netdev_priv(devices[i]);

		debugfs_create_file("table", 0400, own, e, &table_fops);
		debugfs_create_u32("caps", 0600, own, &e->caps);
		debugfs_create_u32("max_sa", 0600, own, &e->max_sa);
		debugfs_create_u32("refuse_in", 0600, own, &e->refuse_in);
		debugfs_create_u32("refuse_out", 0600, own, &e->refuse_out);
	}
}

void esim_tables_exit(void)
{
	debugfs_remove_recursive(folder);
}
