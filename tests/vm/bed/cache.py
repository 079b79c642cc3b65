"""The cache below build/vm-cache: Debian's kernel, an initramfs, and the peers, unpacked and not installed.

    build/vm-cache/<key>/
        vmlinuz  initrd          what the emulator boots
        modules/                 becomes /usr/lib/modules/<version> in the guest
        peers/                   lies above the host's root in the guest: strongSwan, Libreswan, ...

The key is a digest of this recipe, so a changed recipe makes a new cache and an unchanged one is used at once.
"""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from . import initramfs
from .paths import CACHE
from .progress import step

KERNEL_METAPACKAGE = "linux-image-amd64"

# Each peer is resolved for itself, because some of them cannot be installed side by side.
PEERS = {
    "strongSwan": ["charon-systemd", "strongswan-swanctl", "libstrongswan-standard-plugins",
                   "libstrongswan-extra-plugins", "libcharon-extra-plugins"],
    "Libreswan": ["libreswan"],
    "OpenIKED": ["openiked"],
    "Wireshark's dissector": ["tshark"],
}


def key() -> str:
    """A digest of everything that decides what the cache holds."""
    digest = hashlib.sha256()
    for source in (Path(__file__), Path(initramfs.__file__), initramfs.INIT):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def folder() -> Path:
    """The cache that belongs to this recipe, whether it exists already or not."""
    return CACHE / key()


def prepare() -> Path:
    """Makes the cache unless it is there, and returns its folder."""
    done = folder()
    if done.exists():
        return done
    making = done.with_suffix(".part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    if not Path("/var/lib/apt/lists").is_dir() or not depends(KERNEL_METAPACKAGE):
        with step("reading the package lists"):
            apt_get("update")
    with step("kernel: download and unpack"):
        version = unpack_kernel(making)
    for peer, packages in PEERS.items():
        with step(f"{peer}: download and unpack"):
            unpack(resolve(packages), making / "peers", making / "packages")
    merge_usr(making / "peers")
    shutil.rmtree(making / "packages", ignore_errors=True)
    with step("initramfs"):
        initramfs.build(making / "initrd", making / "modules", version)
    making.rename(done)
    drop_older_caches(done)
    return done


def drop_older_caches(current: Path) -> None:
    """Keeps one cache: each is half a gigabyte."""
    for other in CACHE.iterdir():
        if other != current:
            shutil.rmtree(other, ignore_errors=True)


def apt_get(*arguments: str, cwd: Path | None = None) -> str:
    """Runs apt-get, waiting for others who hold its lock; its whole output is in the error."""
    command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=900", *arguments]
    done = subprocess.run(command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


def depends(package: str) -> str:
    """The Depends field of a package's newest version; empty if the package lists do not know it."""
    shown = subprocess.run(["apt-cache", "show", "--no-all-versions", package], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    found = re.search(r"^Depends: (.*)$", shown, re.MULTILINE)
    return found.group(1) if found else ""


def resolve(packages: list[str]) -> list[str]:
    """The packages and those of their dependencies that this machine does not have installed."""
    simulated = apt_get("install", "--simulate", "--no-install-recommends", *packages)
    return sorted(set(re.findall(r"^Inst (\S+)", simulated, re.MULTILINE)) | set(packages))


def unpack(packages: list[str], root: Path, downloads: Path) -> None:
    """Downloads packages and unpacks them below `root`; no script of theirs is run."""
    downloads.mkdir(exist_ok=True)
    apt_get("-o", "APT::Sandbox::User=root", "download", *packages, cwd=downloads)
    for package in sorted(downloads.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
        package.unlink()


def unpack_kernel(making: Path) -> str:
    """Unpacks the kernel that the metapackage depends on now; returns its version as `uname -r` gives it."""
    package = re.search(r"linux-image-[0-9]\S*-amd64", depends(KERNEL_METAPACKAGE)).group(0)
    root = making / "kernel"
    unpack([package], root, making / "packages")
    version = package.removeprefix("linux-image-")
    modules = next(root.glob(f"**/modules/{version}"))
    subprocess.run(["depmod", "-b", modules.parents[2], version], check=True)
    (root / "boot" / f"vmlinuz-{version}").rename(making / "vmlinuz")
    modules.rename(making / "modules")
    shutil.rmtree(root)
    return version


def merge_usr(root: Path) -> None:
    """Moves /bin, /lib and /sbin below /usr: as folders they would hide the host's links of these names."""
    for name in ("bin", "lib", "lib64", "sbin"):
        if (root / name).is_dir():
            subprocess.run(["cp", "-a", "--", f"{root / name}/.", root / "usr" / name], check=True)
            shutil.rmtree(root / name)
