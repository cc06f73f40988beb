"""qemu/parts/child.py: children that leave nothing behind, whatever ends us: no process, no core, no file."""

import ctypes
import os
import resource
import signal
from pathlib import Path

PR_SET_PDEATHSIG = 1  # [prctl(2)]
libc = ctypes.CDLL(None, use_errno=True)
parent = os.getpid()


def with_us():
    """For subprocess's preexec_fn: runs in the child, before the program."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.getppid() != parent:  # gone before the call above
        os._exit(1)


class Memory:
    """A file without a name, which is gone when the last one that has it open is. A child that is given `fd` (pass_fds)
    can open `path`. [memfd_create(2)]"""

    def __init__(self, name):
        self.fd = os.memfd_create(name)
        self.path = Path(f"/proc/self/fd/{self.fd}")

    def size(self):
        return os.fstat(self.fd).st_size
