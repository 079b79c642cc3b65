"""The Debian packages that the guests install, built if they are not there."""

import shutil
import subprocess
from pathlib import Path

from bed.paths import BUILD, CHECKOUT
from bed.progress import step

from . import debian_root
from .overlay import changeable, inside

PACKAGES = BUILD / "packages"
REVISIONS = (1, 2)


def folder(suite: debian_root.Suite) -> Path:
    """Where the packages of a suite are."""
    return PACKAGES / suite.name if suite.own_kernel else PACKAGES


def prepare(suite: debian_root.Suite) -> None:
    """Both revisions of the Debian package."""
    missing = [revision for revision in REVISIONS if not list(folder(suite).glob(f"xfrmd_*-{revision}_*.deb"))]
    if missing and suite.own_kernel:
        build_inside(suite, missing)
    elif missing:
        for revision in missing:
            subprocess.run([CHECKOUT / "packaging/build", "deb", str(revision)], check=True)


def build_inside(suite: debian_root.Suite, revisions: list[int]) -> None:
    """Builds the package with the suite's own compiler and libraries."""
    folder(suite).mkdir(parents=True, exist_ok=True)
    with changeable(suite, "build") as root:
        for revision in revisions:
            build_revision(root, revision, folder(suite))


def build_revision(root: Path, revision: int, done: Path) -> None:
    """One revision's package, and what lintian of that suite says of it."""
    subprocess.run([CHECKOUT / "packaging/build", "source", str(revision)], check=True)
    tree = root / "build"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.move(PACKAGES / "source", tree)
    source = next(tree.glob("xfrmd-*"))
    with step(f"building revision {revision} there"):
        built = inside(root, f"cd /build/{source.name} && CCACHE_DIR=/ccache dpkg-buildpackage -b -us -uc")
    if built.returncode != 0:
        raise SystemExit(built.stdout[-4000:])
    print(inside(root, "lintian --allow-root /build/*.changes").stdout, end="", flush=True)
    for package in tree.glob("xfrmd_*.deb"):
        shutil.copy(package, done)
