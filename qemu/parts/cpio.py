"""qemu/parts/cpio.py: the newc form of cpio, which the kernel unpacks as its first file system.

    header, 110 bytes   "070701" and 13 numbers of 8 hexadecimal digits
    name, NUL           padded to a multiple of 4, counted from the header
    content             padded to a multiple of 4

in the order of ENTRY below, ended by an entry named TRAILER!!!.
[Linux Documentation/driver-api/early-userspace/buffer-format.rst; init/initramfs.c]

It knows the form and its limits. It does not know what belongs into an image.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from parts.said import Problem

MAGIC = b"070701"
HEADER_BYTES = 110
TRAILER = b"TRAILER!!!"
# The kernel skips, in silence, an entry with a longer name, its NUL included, or a longer target. [init/initramfs.c,
# do_header]
PATH_MAX = 4096
NAME_MAX = 255  # of one component, in the ramfs or tmpfs that it is unpacked into [limits.h]
SIZE_MAX = 0xFFFFFFFF


@dataclass
class Entry:
    """One thing in an image. `source` (a file to copy) or `data` is its content; a link's data is its target."""

    name: bytes  # without a slash in front
    mode: int  # type and permissions, as in stat(2)
    uid: int = 0
    gid: int = 0
    data: bytes = b""
    source: Path | None = None
    device: tuple[int, int] = (0, 0)


def shown(name):
    return "'" + os.fsdecode(b"/" + name).encode("utf-8", "backslashreplace").decode() + "'"


def check(entry):
    if len(entry.name) + 1 > PATH_MAX:
        raise Problem(
            f"the name {shown(entry.name[:60])}... is longer than the {PATH_MAX - 1} bytes that the kernel unpacks;"
            " use a shorter one."
        )
    for part in entry.name.split(b"/"):
        if part in (b"", b".", b".."):
            raise Problem(f"the name {shown(entry.name)} has an empty, '.' or '..' part; write it without.")
        if len(part) > NAME_MAX:
            raise Problem(
                f"the name {shown(part[:60])}... is longer than the {NAME_MAX} bytes that a name may have; shorten it."
            )
    if entry.name == TRAILER:
        raise Problem(f"the name {shown(entry.name)} ends a cpio archive and cannot be in one; use another.")
    if stat.S_ISLNK(entry.mode) and not 0 < len(entry.data) <= PATH_MAX - 1:
        raise Problem(
            f"the link {shown(entry.name)} has an empty target, or one longer than the {PATH_MAX - 1} bytes that"
            " the kernel unpacks; use another."
        )


def pad(out, count):
    out.write(bytes(-count % 4))


def header(out, name, inode, mode, uid, gid, links, mtime, size, device):
    numbers = (inode, mode, uid, gid, links, mtime, size, 0, 0, *device, len(name) + 1, 0)
    out.write(MAGIC + b"".join(b"%08x" % number for number in numbers) + name + b"\0")
    pad(out, HEADER_BYTES + len(name) + 1)


def copy(out, entry, size):
    left = size
    with open(entry.source, "rb") as source:
        while chunk := source.read(1 << 20):
            left -= len(chunk)
            if left < 0:
                break
            out.write(chunk)
    if left != 0:
        raise Problem(f"{entry.source} changed its size while it was read; try again when nobody writes to it.")


def write(out, entries, mtime):
    """Writes the entries, a dict by name, to the binary file `out`. All get the time `mtime`, in seconds since 1970."""
    # By components, so that a folder comes before what is in it; inodes count in that order.
    for inode, name in enumerate(sorted(entries, key=lambda name: name.split(b"/")), 1):
        entry = entries[name]
        check(entry)
        try:
            size = entry.source.stat().st_size if entry.source else len(entry.data)
            if size > SIZE_MAX:
                raise Problem(
                    f"{entry.source} is larger than the 4 GiB less one byte that a file in a newc archive can have;"
                    " leave it out."
                )
            links = 2 if stat.S_ISDIR(entry.mode) else 1
            header(out, name, inode, entry.mode, entry.uid, entry.gid, links, mtime, size, entry.device)
            if entry.source:
                copy(out, entry, size)
            else:
                out.write(entry.data)
        except OSError as error:
            if entry.source is None or error.filename is None:
                raise  # it is the output that cannot be written
            raise Problem(f"{entry.source} cannot be read: {error.strerror}.") from None
        pad(out, size)
    header(out, TRAILER, 0, 0, 0, 0, 1, 0, 0, (0, 0))


def read(data):
    """Yields (name, content) of every entry of an archive, or of several behind one another, as the kernel takes
    them."""
    at = 0
    while at < len(data):
        if data[at] == 0:  # padding between archives
            at += 1
            continue
        if data[at : at + 6] != MAGIC:
            raise ValueError(f"no newc header at {at}")
        size, name_bytes = (int(data[at + 6 + 8 * field : at + 14 + 8 * field], 16) for field in (6, 11))
        name = data[at + HEADER_BYTES : at + HEADER_BYTES + name_bytes - 1]
        start = at + HEADER_BYTES + name_bytes
        start += -start % 4
        if name != TRAILER:
            yield name, data[start : start + size]
        at = start + size
        at += -at % 4
