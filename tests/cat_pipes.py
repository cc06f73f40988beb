"""tests/cat_pipes.py: pipes between cat and a person with a clock.

    python3 tests/cat_pipes.py BIG CAT...

CAT is the command that starts cat, BIG a file that no pipe holds. cat.bats runs it, under a time limit. Three things are shown:
what is read is written before more is asked for; a non-blocking input that is empty, and a non-blocking output that is
full, are waited for asleep; and what comes out afterwards is right.
"""

import hashlib
import os
import signal
import subprocess
import sys
import time

BIG, CAT = sys.argv[1], sys.argv[2:]


def wait_until(process, wanted):
    """Until the state, the third field of stat, is `wanted` and stays so for a while. [proc_pid_stat(5)]"""
    seen = 0
    deadline = time.monotonic() + 20
    while seen < 20:
        with open(f"/proc/{process.pid}/stat") as stat:
            line = stat.read()
        state = line.rpartition(")")[2].split()[0]
        seen = seen + 1 if state == wanted else 0
        assert time.monotonic() < deadline, f"not {wanted}: {line}"
        time.sleep(0.001)


def wait_until_asleep(process):
    """A process that spins runs or is ready to run; one that waits is asleep. A stop and a start do not wake it."""
    wait_until(process, "S")
    process.send_signal(signal.SIGSTOP)
    wait_until(process, "T")
    process.send_signal(signal.SIGCONT)
    wait_until(process, "S")


def pipe(nonblocking_end=None):
    ends = os.pipe()
    if nonblocking_end is not None:
        os.set_blocking(ends[nonblocking_end], False)
    return ends


def no_delay(nonblocking_end, *options):
    """A byte in, a byte out, and the input stays open."""
    input_, output = pipe(nonblocking_end), pipe()
    process = subprocess.Popen([*CAT, *options], stdin=input_[0], stdout=output[1])
    os.close(input_[0])
    os.close(output[1])
    for byte in (b"a", b"b", b"c"):
        wait_until_asleep(process)
        os.write(input_[1], byte)
        assert os.read(output[0], 10) == byte
    os.close(input_[1])
    assert os.read(output[0], 10) == b""
    assert process.wait() == 0


def full_output(operands, stdin):
    """Nobody reads until the pipe is full."""
    output = pipe(1)
    process = subprocess.Popen([*CAT, *operands], stdin=stdin, stdout=output[1])
    os.close(output[1])
    wait_until_asleep(process)
    with os.fdopen(output[0], "rb") as reader:
        got = hashlib.sha256(reader.read()).digest()
    assert process.wait() == 0
    with open(BIG, "rb") as wanted:
        assert got == hashlib.sha256(wanted.read()).digest()


no_delay(None)
no_delay(None, "-u")
no_delay(0)
no_delay(0, "-u", "-")
full_output([BIG], subprocess.DEVNULL)
with open(BIG, "rb") as big:
    full_output([], big)
