"""Debian as a folder, made with Debian's own tools from the mirror that apt is configured for.

    build/package-vm/<suite>-<key>/
        root/                    what the guest stacks a memory file system on
        vmlinuz  initrd  modules/    its own kernel, where the suite is not this machine's

The key is a digest of this recipe.
"""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bed import cache, initramfs, mirror
from bed.paths import BUILD
from bed.progress import step

FOLDER = BUILD / "package-vm"

# What a machine has before the package comes, the package's dependencies, a peer, and what the tests use.
EVERYWHERE = ("systemd", "systemd-sysv", "dbus", "iproute2", "iputils-ping", "procps", "kmod", "python3",
              "charon-systemd", "strongswan-swanctl", "libstrongswan-standard-plugins",
              "libstrongswan-extra-plugins", "tcpdump", "nftables", "python3-jsonschema", "man-db")

# What the machine was booted for; the kernel's command line has its name.
TEST_UNIT = """[Unit]
Description=Tests
After=multi-user.target

[Service]
ExecStart=/usr/local/sbin/run-tests
"""
RUN_TESTS = """#!/bin/sh
for word in $(cat /proc/cmdline); do
  case $word in machine=*) exec "/out/${word#machine=}.start" ;; esac
done
"""
NOT_WANTED = ("strongswan.service", "strongswan-swanctl.service", "apt-daily.timer", "apt-daily-upgrade.timer",
              "dpkg-db-backup.timer", "man-db.timer", "e2scrub_all.timer", "getty@tty1.service",
              "serial-getty@ttyS0.service", "systemd-timesyncd.service")


@dataclass(frozen=True)
class Suite:
    """A release of Debian: what of xfrmd's build it needs to have, and whether it brings its own kernel."""

    name: str
    packages: tuple[str, ...]
    own_kernel: bool

    @property
    def folder(self) -> Path:
        """Where it lies, whether it exists already or not."""
        digest = hashlib.sha256(Path(__file__).read_bytes() + repr(self).encode()).hexdigest()[:16]
        return FOLDER / f"{self.name}-{digest}"

    @property
    def root(self) -> Path:
        """Its root folder."""
        return self.folder / "root"


SUITES = {
    "bookworm": Suite("bookworm", ("libc-ares2", "libfmt9", "libnl-3-200", "libssl3"), False),
    # This one also builds the package: the libraries' versions are other ones.
    "trixie": Suite("trixie", ("linux-image-amd64", "build-essential", "ccache", "debhelper", "meson", "pkg-config",
                               "systemd-dev", "libc-ares-dev", "libcli11-dev", "libfmt-dev", "libnl-3-dev",
                               "libssl-dev", "libsystemd-dev", "nlohmann-json3-dev", "lintian"), True),
}


def prepare(suite: Suite) -> None:
    """Makes the root unless it is there."""
    if suite.folder.exists():
        return
    making = suite.folder.with_suffix(".part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    with step(f"Debian {suite.name}: download and install"):
        made = subprocess.run(["mmdebstrap", "--variant=minbase", "--aptopt=APT::Install-Recommends \"false\"",
                               f"--include={','.join(EVERYWHERE + suite.packages)}", suite.name,
                               making / "root", mirror.source(suite.name)],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        raise SystemExit(made.stdout[-3000:])
    furnish(making / "root")
    if suite.own_kernel:
        take_kernel(making)
    making.rename(suite.folder)


def furnish(root: Path) -> None:
    """Adds the unit that runs the tests, and switches off what only takes time."""
    units = root / "etc/systemd/system"
    (units / "test.service").write_text(TEST_UNIT)
    (units / "multi-user.target.wants/test.service").symlink_to("../test.service")
    script = root / "usr/local/sbin/run-tests"
    script.write_text(RUN_TESTS)
    script.chmod(0o755)
    for name in NOT_WANTED:
        (units / name).unlink(missing_ok=True)
        (units / name).symlink_to("/dev/null")
    (root / "checkout").mkdir()
    (root / "etc/hostname").write_text("gateway\n")


def take_kernel(making: Path) -> None:
    """Moves the root's kernel out of it and makes an initramfs as the one of the other scenarios."""
    modules = next((making / "root/usr/lib/modules").iterdir())
    subprocess.run(["depmod", "-b", making / "root", modules.name], check=True)
    shutil.copy(making / "root/boot" / f"vmlinuz-{modules.name}", making / "vmlinuz")
    initramfs.build(making / "initrd", modules, modules.name)
    modules.rename(making / "modules")


def kernel(suite: Suite) -> Path:
    """The folder with the kernel that a machine of this suite boots."""
    return suite.folder if suite.own_kernel else cache.folder()
