#!/usr/bin/env python3
"""tests/ringinfo_probe.py FILE: holds ringinfo's JSON in FILE to what the kernel tells this program, which shares nothing with
the library: it makes the system calls itself, and has the names of <linux/io_uring.h> (the folder INCLUDE, from argv[2])
from the header's own text."""

import ctypes
import json
import pathlib
import re
import struct
import sys

SETUP, REGISTER = 425, 427  # on every machine
PROBE, QUERY = 8, 35
EINVAL = 22
libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return -ctypes.get_errno() if result < 0 else result


report = json.load(open(sys.argv[1], encoding="ascii"))
header = (pathlib.Path(sys.argv[2]) / "linux/io_uring.h").read_text()

params = ctypes.create_string_buffer(120)
fd = call(SETUP, 4, params)
assert fd >= 0, fd
features = struct.unpack_from("I", params, 20)[0]

probe = ctypes.create_string_buffer(16 + 256 * 8)
assert call(REGISTER, fd, PROBE, probe, 256) == 0
operations = [struct.unpack_from("BBHI", probe, 16 + 8 * i)[2] & 1 for i in range(256)]


def offered(section):
    return {name for name, about in report[section].items() if about["offered"]}


def flags(prefix, value):
    """The names of the bits of a value."""
    known = re.findall(rf"#define IORING_{prefix}_(\w+)\s+\(1U << (\d+)\)", header)
    assert known, prefix
    return {name for name, bit in known if value >> int(bit) & 1}


body = re.search(r"enum io_uring_op \{(.*?)IORING_OP_LAST", header, re.S)[1]
names = [name.lower() for name in re.findall(r"^\s*IORING_OP_(\w+)", body, re.M)]
assert list(report["operations"])[:len(names)] == names
assert offered("operations") == {names[i] if i < len(names) else f"unknown{i}" for i in range(256) if operations[i]}
assert offered("features") == flags("FEAT", features), features

answer = (ctypes.c_uint32 * 64)()
query = ctypes.create_string_buffer(struct.pack("QQIIi3I", 0, ctypes.addressof(answer), 0, 48, 0, 0, 0, 0), 40)
if call(REGISTER, -1, QUERY, query, 0) == 0:
    count = answer[1]
    features, setup, enter, entry = struct.unpack_from("4Q", bytes(answer), 8)
    assert offered("enter_flags") == flags("ENTER", enter)
    assert len(offered("sqe_flags")) == entry.bit_count()
    body = re.search(r"enum io_uring_register_op \{(.*?)IORING_REGISTER_LAST", header, re.S)[1]
    registers = re.findall(r"^\s*IORING_(\w+)\s*= (\d+)", body, re.M)
    assert offered("registrations") == {name.lower() for name, number in registers if int(number) < count}
    assert offered("setup_flags") == flags("SETUP", setup)
    print(f"queried: {count} registrations")
else:
    assert report["registrations"] is None and report["enter_flags"] is None and report["sqe_flags"] is None

struct.pack_into("10I", params, 0, 0xffffffff, 0xffffffff, 1 << 4 | 1 << 3, 0, 0, 0, 0, 0, 0, 0)  # CLAMP, CQSIZE
assert call(SETUP, 0x7fffffff, params) >= 0
assert [report["limits"]["entries"], report["limits"]["cq_entries"]] == list(struct.unpack_from("2I", params, 0))
print(f"{sum(operations)} operations, {len(offered('features'))} features, {len(offered('setup_flags'))} flags of set-up")
