"""The test bed: a virtual machine, gateways as network namespaces, and the daemons that run in them.

Host side: `cache` prepares kernel, initramfs and peers; `machine` boots the emulator; `runner` hands the
scenarios out and prints their results; `dissect` puts each capture through Wireshark's dissector.
Guest side: `guest` runs scenarios; `topology`, `capture`, `kernel` and one file a daemon serve them.
"""
