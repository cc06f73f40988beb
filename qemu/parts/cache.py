"""qemu/parts/cache.py: what was fetched or found out once, kept below ${XDG_CACHE_HOME:-~/.cache}/ringlet.

An entry is a folder or a file with a name that says what it was made from. It appears whole, by a rename, or not at
all; of two that want the same entry at once, the second waits for the first and takes what that one made.
"""

import contextlib
import fcntl
import os
import shutil
from pathlib import Path

from parts.said import Problem


def folder(*names):
    """The folder below the project's cache with these names; it is made where there is none."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = os.environ.get("HOME", "")
    if os.path.isabs(base):  # others count as unset [XDG Base Directory Specification]
        path = Path(base)
    elif os.path.isabs(home):
        path = Path(home, ".cache")
    else:
        raise Problem("there is no place for what is downloaded: set HOME or XDG_CACHE_HOME to an absolute path.")
    path = path.joinpath("ringlet", *names)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"the cache {path} cannot be made: {error.strerror}; XDG_CACHE_HOME chooses another place."
        ) from None
    return path


@contextlib.contextmanager
def locked(path, waiting):
    """Holds a lock on the file `path`, which stays. Calls waiting() if somebody else has it."""
    with open(path, "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield  # closing the file gives the lock back


def entry(parent, name, make, waiting):
    """The folder parent/name. If it is not there yet, make(path) fills an empty one, which then gets that name."""
    final = parent / name
    if final.is_dir():
        return final
    with locked(parent / f"{name}.lock", waiting):
        if final.is_dir():
            return final
        partial = parent / f"{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
        partial.mkdir()
        try:
            make(partial)
            partial.rename(final)
        except OSError as error:
            raise Problem(f"{final} cannot be made: {error.strerror or error}.") from None
        finally:
            shutil.rmtree(partial, ignore_errors=True)  # not there any more if all went well
    return final
