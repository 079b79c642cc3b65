"""The RPM package under RPM's own tools: its contents, its scriptlets, and a root in which it comes and goes."""

import os
import subprocess
from pathlib import Path

from bed.paths import CHECKOUT
from bed.shell import Failure, expect, run

from . import debian_root, packages
from .overlay import changeable, inside

CONTENTS = {
    "/etc/xfrmd", "/etc/xfrmd/conf.d", "/etc/xfrmd/xfrmd.json", "/usr/sbin/xfrmd",
    "/usr/lib/systemd/system/xfrmd.service", "/usr/lib/systemd/system/xfrmd.socket",
    "/usr/lib/sysusers.d/xfrmd.conf", "/usr/lib/tmpfiles.d/xfrmd.conf",
    "/usr/share/bash-completion/completions/xfrmd", "/usr/share/xfrmd", "/usr/share/xfrmd/xfrmd.schema.json",
    "/usr/share/man/man5/xfrmd.json.5.gz", "/usr/share/man/man8/xfrmd.8.gz",
}
# What it may hold beside: licence and README, what RPM finds debug symbols by, the control command's, the catalogue.
BESIDE = ("/usr/share/doc/", "/usr/share/licenses/", "/usr/lib/.build-id", "/usr/bin/xfrmctl",
          "/usr/share/man/man8/xfrmctl.8", "/usr/share/bash-completion/completions/xfrmctl", "/usr/lib/systemd/catalog/")
SCRIPTLETS = ("preinstall", "postinstall", "preuninstall", "postuninstall")
OWNERS = {"etc/xfrmd": (0o2750, "xfrmd"), "etc/xfrmd/conf.d": (0o2750, "xfrmd"), "etc/xfrmd/xfrmd.json": (0o640, "xfrmd"),
          "usr/sbin/xfrmd": (0o755, "root")}


def check(suite: debian_root.Suite) -> int:
    """Prints what was looked at; 0 if all holds."""
    found = list(packages.PACKAGES.glob("xfrmd-*.x86_64.rpm"))
    if not found:
        subprocess.run([CHECKOUT / "packaging/build", "rpm"], check=True)
        found = list(packages.PACKAGES.glob("xfrmd-*.x86_64.rpm"))
    try:
        for name, action in (("contents", contents), ("scriptlets", scriptlets), ("rpmlint", lint)):
            print(f"ok       {name}: {action(found[0])}", flush=True)
        with changeable(suite, "rpm") as root:
            print(f"ok       install, verify, upgrade, erase: {come_and_go(found[0], root)}", flush=True)
    except Failure as reason:
        print(f"FAILED   {reason}")
        return 1
    return 0


def contents(package: Path) -> str:
    """All that it shall have and nothing else."""
    files = set(run("rpm", "--query", "--list", "--package", package).split())
    expect(not CONTENTS - files, f"missing: {sorted(CONTENTS - files)}")
    others = {file for file in files - CONTENTS if not file.startswith(BESIDE)}
    expect(not others, f"too much: {sorted(others)}")
    configuration = run("rpm", "--query", "--configfiles", "--package", package).split()
    expect(configuration == ["/etc/xfrmd/xfrmd.json"], f"configuration files: {configuration}")
    return f"{len(files)} files"


def scriptlets(package: Path) -> str:
    """All four, each a valid script, and none that touches the kernel's state itself."""
    shown = run("rpm", "--query", "--scripts", "--package", package)
    for name in SCRIPTLETS:
        expect(f"{name} scriptlet" in shown, f"no {name} scriptlet")
    run("/bin/sh", "-n", stdin="\n".join(line for line in shown.splitlines() if "scriptlet (using" not in line))
    expect("xfrm " not in shown and "flush" not in shown, "a scriptlet touches the kernel's IPsec")
    return ", ".join(SCRIPTLETS)


def lint(package: Path) -> str:
    """rpmlint's last line."""
    return run("rpmlint", "--strict", "--config", CHECKOUT / "packaging/rpmlint.toml", package).strip().splitlines()[-1].strip()


def come_and_go(package: Path, root: Path) -> str:
    """Installs it into a root, has RPM verify it, installs it again as an upgrade, and erases it."""
    rpm = ("rpm", "--root", root)
    before = leftovers(root)
    run(*rpm, "--install", "--nodeps", package)
    accounts = {line.split(":")[0]: int(line.split(":")[2])
                for line in (root / "etc/group").read_text().splitlines()}
    expect("xfrmd" in accounts, "no user was made")
    for path, (mode, group) in OWNERS.items():
        status = os.stat(root / path)
        expect(status.st_mode & 0o7777 == mode and status.st_gid == accounts[group],
               f"/{path} is {status.st_mode & 0o7777:o}, group {status.st_gid}")
    expect(not run(*rpm, "--verify", "--nodeps", "xfrmd", check=False).strip(), "RPM finds its files changed")
    checked = inside(root, "xfrmd --check && xfrmd --version")
    expect(checked.returncode == 0, checked.stdout)
    run(*rpm, "--upgrade", "--replacepkgs", "--nodeps", package)
    run(*rpm, "--erase", "--nodeps", "xfrmd")
    left = leftovers(root) - before
    expect(not left, f"left behind: {sorted(left)}")
    return checked.stdout.strip()


def leftovers(root: Path) -> set[str]:
    """All paths in the root that bear the package's name."""
    return set(run("find", root / "etc", root / "usr", root / "var", "-name", "*xfrmd*").split())
