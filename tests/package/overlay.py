"""A suite's root that may be changed: what is written goes into folders that are thrown away."""

import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from . import debian_root


@contextmanager
def changeable(suite: debian_root.Suite, purpose: str):
    """The root as a folder of the host, for as long as the block lasts."""
    top = debian_root.FOLDER / f"{suite.name}-{purpose}"
    shutil.rmtree(top, ignore_errors=True)
    for name in ("upper", "work", "root"):
        (top / name).mkdir(parents=True)
    options = f"lowerdir={suite.root},upperdir={top / 'upper'},workdir={top / 'work'}"
    subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", top / "root"], check=True)
    try:
        yield top / "root"
    finally:
        subprocess.run(["umount", top / "root"], check=True)
        shutil.rmtree(top)


def inside(root: Path, script: str) -> subprocess.CompletedProcess:
    """Runs a shell script in a root folder."""
    return subprocess.run(["chroot", root, "/bin/bash", "-c", script], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
