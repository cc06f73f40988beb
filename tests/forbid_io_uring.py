#!/usr/bin/env python3
"""tests/forbid_io_uring.py: runs a program that the kernel refuses io_uring, as a container's seccomp profile would.

    tests/forbid_io_uring.py CALL=HOW PROGRAM [ARGUMENT]...

CALL is setup, enter or register. HOW is the name of the error that the call then gives, such as EPERM or ENOSYS; or
kill, so that a program which calls it at all ends by SIGSYS. Nothing on the machine changes: the filter is the process's
own, and its children's.

SIGPIPE and SIGXFSZ have their default action in the program, since Python ignores them and does not remember what was before.
"""

import ctypes
import errno
import os
import signal
import struct
import sys

CALLS = {"setup": 425, "enter": 426, "register": 427}  # the same on every machine [Linux scripts/syscall.tbl]
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2  # [prctl(2)]
RET_ALLOW, RET_ERRNO, RET_KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000  # [seccomp(2)]
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # [Linux include/uapi/linux/bpf_common.h]


def forbid(number, verdict):
    """From now on the call `number` gets the verdict; every other is allowed."""
    steps = [
        (LOAD_WORD, 0, 0, 0),  # the number is the first word of struct seccomp_data
        (JUMP_IF_EQUAL, 0, 1, number),
        (RETURN, 0, 0, verdict),
        (RETURN, 0, 0, RET_ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0)):
        arguments = [each if isinstance(each, ctypes.Array) else ctypes.c_ulong(each) for each in call]
        if libc.prctl(*arguments) != 0:
            sys.exit("forbid_io_uring: prctl: " + os.strerror(ctypes.get_errno()))


def main():
    try:
        call, how = sys.argv[1].split("=")
        number, program = CALLS[call], sys.argv[2]
        verdict = RET_KILL_PROCESS if how == "kill" else RET_ERRNO | getattr(errno, how)
    except (AttributeError, IndexError, KeyError, ValueError):
        sys.exit("usage: forbid_io_uring.py setup|enter|register=ERROR|kill PROGRAM [ARGUMENT]...")
    for each in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(each, signal.SIG_DFL)
    forbid(number, verdict)
    os.execvp(program, sys.argv[2:])


main()
