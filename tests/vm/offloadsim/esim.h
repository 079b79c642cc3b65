/* SPDX-License-Identifier: GPL-2.0 */
/* A test module, not part of the product: a pair of connected devices with ESP offload. See README.md. */
#ifndef ESIM_H
#define ESIM_H

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/version.h>
#include <net/esp.h>
#include <net/gro_cells.h>
#include <net/xfrm.h>

#define HAS_PACKET	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0))
#define HAS_DEV_ARG	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0))

enum {
	CAP_CRYPTO = 1, CAP_PACKET = 2, CAP_ESN = 4, CAP_KEY256 = 8,
	CAP_BYTE_LIMITS = 16,	/* in packet mode; mlx5 has none */
	CAP_ANY_WINDOW = 32,	/* in packet mode; mlx5 has 32, 64, 128 and 256 */
	CAP_UNMATCHED_UP = 64,	/* packet mode hands packets up that no policy matches */
};

enum { WIRE_PULLED, WIRE_CARRIES, WIRE_SILENT };

enum {
	TX_LINK, TX_IKE, TX_ESP, TX_CLEAR, TX_CRYPTO, TX_PACKET, TX_NO_SA, TX_BLOCKED, TX_LOST,
	RX_CRYPTO, RX_PACKET, RX_BAD_KEY, RX_REPLAYED, RX_OUTSIDE, RX_NO_POLICY, RX_BLOCKED,
	SA_ADD, SA_DELETE, SA_FREE, SA_REFUSED, POLICY_ADD, POLICY_FREE, POLICY_REFUSED,
	ESN_ADVANCE, STATS_UPDATE, COUNTERS
};

#define ESP_HEADER	8
#define ESP_IV		8
#define ESP_ICV		16

/* An association in the device. The kernel's `x` is valid for as long as this lives. */
struct esim_sa {
	struct list_head list;
	struct xfrm_state *x;
	struct crypto_aead *aead;	/* NULL: the larval one of an offloaded trap */
	struct aead_request *request;
	u8 aad[12 + ESP_IV];
	u64 sequence;			/* last sent, or highest received */
	u64 window;			/* packet mode, received: bit n is sequence - n */
	u64 packets, bytes;
	bool deleted;
};

struct esim_policy {
	struct list_head list;
	struct xfrm_policy *xp;
	u64 packets;
};

/* What selectors look at. */
struct esim_flow {
	u16 family;
	u8 protocol;
	xfrm_address_t source, destination;
	__be16 source_port, destination_port;
};

struct esim {
	struct net_device *dev;
	struct esim *peer;
	spinlock_t lock;		/* lists, and what is in them */
	struct list_head sas, policies;
	struct gro_cells cells;
	u32 caps, max_sa, nsa, refuse_in, refuse_out;
	struct esim_flow last_clear;
	atomic64_t counters[COUNTERS];
};

/* real_dev is not set in larval associations, and from 6.16 on only under a bond */
#define XDEV(x) ((x)->xso.real_dev ?: (x)->xso.dev)
#define COUNT(e, counter) atomic64_inc(&(e)->counters[counter])

static inline bool esim_is_packet(const struct xfrm_state *x)
{
#if HAS_PACKET
	return x->xso.type == XFRM_DEV_OFFLOAD_PACKET;
#else
	return false;
#endif
}

/* devices.c */
extern struct net_device *esim_tap;
extern u32 esim_wire_state;
void esim_update_carrier(void);

/* associations.c */
extern const struct xfrmdev_ops esim_xfrmdev_ops;
struct esim_sa *esim_find_in(struct esim *e, __be32 spi, const xfrm_address_t *destination,
			     u16 family);
struct esim_sa *esim_find_out(struct esim *e, const struct xfrm_tmpl *template);

/* policies.c */
bool esim_flow_of(struct esim_flow *flow, const u8 *ip, unsigned int length);
bool esim_selects(const struct xfrm_selector *selector, u16 family, const struct esim_flow *flow);
#if HAS_PACKET
int esim_policy_add(struct xfrm_policy *xp, struct netlink_ext_ack *extack);
void esim_policy_delete(struct xfrm_policy *xp);
void esim_policy_free(struct xfrm_policy *xp);
struct esim_policy *esim_find_policy(struct esim *e, struct sk_buff *skb, int direction);
#endif
int esim_say(struct netlink_ext_ack *extack, const char *why, int error);

/* crypt.c: `esp` is the ESP header of a linear packet, `length` counts from it to the end of the ICV */
int esim_crypt_init(struct esim_sa *s);
void esim_crypt_exit(struct esim_sa *s);
int esim_encrypt(struct esim_sa *s, u8 *esp, unsigned int length, u64 sequence);
int esim_decrypt(struct esim_sa *s, u8 *esp, unsigned int length, u64 sequence);

/* wire.c */
netdev_tx_t esim_xmit(struct sk_buff *skb, struct net_device *dev);

/* tables.c */
void esim_tables_init(struct net_device **devices);
void esim_tables_exit(void);

#endif
