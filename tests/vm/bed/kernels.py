"""The kernels that guests boot: Debian 12's, which the cache has, and newer ones for those who ask for them.

    build/vm-kernels/
        trixie-<key>/, sid-.../  vmlinuz, initrd and modules/ as in the cache; root/ has its compiler and headers
        headers-<version>/       what modules for Debian 12's kernel are built with

Only the kernel is another one: the guest's root is this machine's in any case. The key is a digest of this recipe.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

from . import cache, initramfs, mirror
from .paths import BUILD
from .progress import step

FOLDER = BUILD / "vm-kernels"
BOOKWORM, TRIXIE, SID = "bookworm", "trixie", "sid"
RELEASES = (BOOKWORM, TRIXIE, SID)

# The kernel, and what builds a module for it. Extracted only: no script of a package is run.
PACKAGES = ("linux-image-amd64", "linux-headers-amd64", "gcc", "make", "base-files", "bash", "coreutils", "dash",
            "findutils", "grep", "mawk", "sed")
AWK = "usr/bin/awk"  # a link that mawk's script would make


def folder(release: str) -> Path:
    """The folder of a release's kernel, whether it exists already or not."""
    if release == BOOKWORM:
        return cache.folder()
    digest = hashlib.sha256()
    for recipe in (Path(__file__), Path(initramfs.__file__), initramfs.INIT):
        digest.update(recipe.read_bytes())
    return FOLDER / f"{release}-{digest.hexdigest()[:16]}"


def prepare(release: str) -> Path:
    """Makes the kernel's folder unless it is there, and returns it."""
    done = folder(release)
    if release == BOOKWORM:
        return cache.prepare()
    if done.exists():
        return done
    for old in FOLDER.glob(f"{release}-*"):
        shutil.rmtree(old)
    making = done.with_suffix(".part")
    making.mkdir(parents=True)
    with step(f"Debian {release}: kernel and its compiler"):
        extract(release, making / "root")
        take_kernel(making)
    making.rename(done)
    return done


def extract(release: str, root: Path) -> None:
    """Unpacks PACKAGES and what they depend on below `root`."""
    # A mirror that stands still has an old list of a release that moves; it is signed all the same.
    made = subprocess.run(["mmdebstrap", "--variant=extract", "--aptopt=APT::Install-Recommends \"false\"",
                           "--aptopt=Acquire::Check-Valid-Until \"false\"",
                           f"--include={','.join(PACKAGES)}", release, root, mirror.source(release)],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        raise SystemExit(made.stdout[-3000:])
    (root / AWK).symlink_to("mawk")


def take_kernel(making: Path) -> None:
    """Moves the kernel out of the root to where the emulator takes it from."""
    modules = next((making / "root/usr/lib/modules").glob("*/kernel")).parent
    name = modules.name
    subprocess.run(["depmod", "-b", making / "root", name], check=True)
    images = making / "root/boot" / f"vmlinuz-{name}", modules / "vmlinuz"  # newer packages have it there
    next(image for image in images if image.exists()).rename(making / "vmlinuz")
    initramfs.build(making / "initrd", modules, name)
    modules.rename(making / "modules")


def version(release: str) -> str:
    """What `uname -r` says in a guest with that kernel."""
    module = next(folder(release).glob("modules/kernel/net/ipv4/esp4.ko*"))
    magic = subprocess.run(["modinfo", "-F", "vermagic", module], capture_output=True, text=True, check=True).stdout
    return magic.split()[0]


def make_module(release: str, source: Path) -> None:
    """Runs the Makefile in `source`, a folder that may be written to, with the headers of a release's kernel."""
    name = version(release)
    if release == BOOKWORM:
        command = ["make", "-s", "-C", source, f"KDIR={headers(name) / 'usr/src' / f'linux-headers-{name}'}"]
    else:
        inside = Path("/build") / source.name
        shutil.copytree(source, folder(release) / "root" / inside.relative_to("/"), dirs_exist_ok=True)
        # The mount is seen, and lives as long, as this command alone.
        command = ["unshare", "--mount", "sh", "-ec", 'mount -t proc proc "$1/proc"; exec chroot "$@"', "sh",
                   folder(release) / "root", "make", "-s", "-C", inside, f"KDIR=/usr/src/linux-headers-{name}"]
    made = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        raise SystemExit(made.stdout[-3000:])
    if release != BOOKWORM:
        built = folder(release) / "root/build"
        shutil.copytree(built / source.name, source, dirs_exist_ok=True)
        shutil.rmtree(built)


def headers(name: str) -> Path:
    """Unpacks the headers of Debian 12's kernel of that version unless they are there; this machine's GCC is the same."""
    done = FOLDER / f"headers-{name}"
    if done.exists():
        return done
    for old in FOLDER.glob("headers-*"):
        shutil.rmtree(old)
    making = done.with_suffix(".part")
    making.mkdir(parents=True)
    arch = f"linux-headers-{name}"
    wanted = [arch, arch.replace("-amd64", "-common"), f"linux-kbuild-{'.'.join(name.split('.')[:2])}",
              "linux-compiler-gcc-12-x86"]
    cache.unpack(wanted, making, making / "packages")
    makefile = making / "usr/src" / arch / "Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src", str(done / "usr/src")))
    making.rename(done)
    return done
