// SPDX-License-Identifier: GPL-2.0
/* The devices: esim0 and esim1 at the ends of a cable, and esimw, which shows what is on it. */
#include "esim.h"

static unsigned int caps = CAP_CRYPTO | CAP_PACKET | CAP_ESN | CAP_KEY256;
module_param(caps, uint, 0444);
MODULE_PARM_DESC(caps, "what both devices can at first; see README.md");
static unsigned int max_sa = 1024;
module_param(max_sa, uint, 0444);
MODULE_PARM_DESC(max_sa, "room for associations in each device at first");
static bool hw_esp = true;
module_param(hw_esp, bool, 0444);
MODULE_PARM_DESC(hw_esp, "announce the feature esp-hw-offload");

static struct net_device *devices[2];
struct net_device *esim_tap;
u32 esim_wire_state = WIRE_CARRIES;

/* The carrier is there for both or for none: a cable that is plugged in between two running devices. */
void esim_update_carrier(void)
{
	bool on = esim_wire_state != WIRE_PULLED && netif_running(devices[0]) &&
		  netif_running(devices[1]);
	int i;

	for (i = 0; i < 2; i++)
		if (on)
			netif_carrier_on(devices[i]);
		else
			netif_carrier_off(devices[i]);
}

static int esim_init_device(struct net_device *dev)
{
	struct esim *e = netdev_priv(dev);

	return gro_cells_init(&e->cells, dev);
}

static void esim_uninit_device(struct net_device *dev)
{
	struct esim *e = netdev_priv(dev);

	gro_cells_destroy(&e->cells);
}

static int esim_open(struct net_device *dev)
{
	netif_start_queue(dev);
	esim_update_carrier();
	return 0;
}

/* netif_running() is false already. */
static int esim_stop(struct net_device *dev)
{
	netif_stop_queue(dev);
	esim_update_carrier();
	return 0;
}

static const struct net_device_ops esim_netdev_ops = {
	.ndo_init = esim_init_device,
	.ndo_uninit = esim_uninit_device,
	.ndo_open = esim_open,
	.ndo_stop = esim_stop,
	.ndo_start_xmit = esim_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static netdev_tx_t tap_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_consume_skb_any(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops tap_netdev_ops = { .ndo_start_xmit = tap_xmit };

static void setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->max_mtu = ETH_MAX_MTU;
	dev->netdev_ops = &esim_netdev_ops;
	dev->xfrmdev_ops = &esim_xfrmdev_ops;
	if (hw_esp) {
		dev->features |= NETIF_F_HW_ESP;
		dev->hw_features |= NETIF_F_HW_ESP;
		dev->hw_enc_features |= NETIF_F_HW_ESP;
	}
	eth_hw_addr_random(dev);
}

static void setup_tap(struct net_device *dev)
{
	ether_setup(dev);
	dev->max_mtu = ETH_MAX_MTU;
	dev->netdev_ops = &tap_netdev_ops;
	eth_hw_addr_random(dev);
}

static int make(int number)
{
	struct net_device *dev = alloc_netdev(sizeof(struct esim), "esim%d", NET_NAME_ENUM, setup);
	struct esim *e;

	if (!dev)
		return -ENOMEM;
	devices[number] = dev;
	e = netdev_priv(dev);
	e->dev = dev;
	e->caps = caps;
	e->max_sa = max_sa;
	spin_lock_init(&e->lock);
	INIT_LIST_HEAD(&e->sas);
	INIT_LIST_HEAD(&e->policies);
	return 0;
}

/* A test module: what fails here ends the test, and nothing is unwound. */
static int __init esim_init(void)
{
	struct esim *first, *second;

	if (make(0) || make(1))
		return -ENOMEM;
	esim_tap = alloc_netdev(0, "esimw", NET_NAME_ENUM, setup_tap);
	if (!esim_tap)
		return -ENOMEM;
	first = netdev_priv(devices[0]);
	second = netdev_priv(devices[1]);
	first->peer = second;
	second->peer = first;
	esim_tables_init(devices);
	return register_netdev(esim_tap) ?: register_netdev(devices[0]) ?:
	       register_netdev(devices[1]);
}

static void __exit esim_exit(void)
{
	int i;

	esim_tables_exit();
	for (i = 0; i < 2; i++)
		unregister_netdev(devices[i]);
	unregister_netdev(esim_tap);
	for (i = 0; i < 2; i++)
		free_netdev(devices[i]);
	free_netdev(esim_tap);
}

module_init(esim_init);
module_exit(esim_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("ESP offload simulator for tests");
