"""The initramfs: a static busybox, the few modules that the root file system needs, and the script `init`."""

import gzip
import lzma
import stat
from pathlib import Path

INIT = Path(__file__).with_name("init")
BUSYBOX = Path("/bin/busybox")
NEEDED = ("virtio_pci", "9pnet_virtio", "9p", "overlay")


def load_order(modules: Path) -> list[Path]:
    """The files of the modules in NEEDED and their dependencies, each after those it depends on."""
    needs = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        file, _, dependencies = line.partition(":")
        needs[file] = dependencies.split()
    by_name = {module_name(file): file for file in needs}
    order: list[str] = []

    def visit(file: str) -> None:
        for dependency in needs[file]:
            visit(dependency)
        if file not in order:
            order.append(file)

    for name in NEEDED:
        if name in by_name:  # else it is built into the kernel
            visit(by_name[name])
    return [modules / file for file in order]


def module_name(file: str) -> str:
    """`kernel/fs/9p/9p.ko.xz` is the module `9p`."""
    return Path(file).name.split(".ko")[0].replace("-", "_")


def module_bytes(file: Path) -> bytes:
    """A module's ELF octets; some kernels have their modules compressed."""
    octets = file.read_bytes()
    return lzma.decompress(octets) if file.suffix == ".xz" else octets


def entry(name: str, mode: int, octets: bytes, inode: int) -> bytes:
    """One member of a cpio archive in the "newc" format: 13 numbers of 8 hex digits, name, content."""
    encoded = name.encode() + b"\0"
    numbers = (inode, mode, 0, 0, 1, 0, len(octets), 0, 0, 0, 0, len(encoded), 0)
    header = b"070701" + b"".join(b"%08x" % number for number in numbers) + encoded
    return header + bytes(-len(header) % 4) + octets + bytes(-len(octets) % 4)


def build(target: Path, modules: Path, version: str) -> None:
    """Writes the compressed archive; the modules lie in /lib in their load order."""
    members = [(folder, stat.S_IFDIR | 0o755, b"")
               for folder in ("bin", "dev", "lib", "low", "mnt", "peers", "proc", "rw")]
    members.append(("bin/busybox", stat.S_IFREG | 0o755, BUSYBOX.read_bytes()))
    members.append(("init", stat.S_IFREG | 0o755, INIT.read_bytes()))
    for number, file in enumerate(load_order(modules)):
        members.append((f"lib/{number:02}-{module_name(file.name)}.ko", stat.S_IFREG | 0o644, module_bytes(file)))
    members.append(("version", stat.S_IFREG | 0o644, version.encode()))
    members.append(("TRAILER!!!", 0, b""))
    archive = b"".join(entry(*member, inode) for inode, member in enumerate(members, start=1))
    target.write_bytes(gzip.compress(archive, compresslevel=6))
