"""qemu/parts/console.py: the console of a machine, between QEMU's pipes and the person's streams.

Process 1 tells things to us by marked lines, TOKEN being of this run:

    \\x1eringlet TOKEN start\\n     the console is the program's from here on, and what is typed arrives
    \\x1eringlet TOKEN N\\n         the program has ended, with status N

What stands between the two is what the program wrote, byte for byte: the serial driver made "\\r\\n" of "\\n", and that
is undone. What stands before and behind is the firmware's and the kernel's, and no output; but what process 1 itself had
to say before, which begins with "pid1: ", goes to standard error. A program that is no such process 1 sends no marked
line; then everything is output.

In goes standard input. A terminal's keys go as they are, so Ctrl-C is the guest's; Ctrl-A x ends the machine. The end
of any other input becomes Ctrl-D. It knows nothing of QEMU but its pipes, and nothing of what runs in the machine.
"""

import contextlib
import os
import re
import select
import signal
import sys
import termios
import time

MINUTE_MS = 60000
MARK = b"\x1e"  # ASCII's record separator
INTERRUPT, END_OF_FILE = b"\x03", b"\x04"
ESCAPE = 0x01  # Ctrl-A, as in QEMU
BUFFER_BYTES = 65536
INTERRUPT_SECONDS = 5  # from a signal, which becomes Ctrl-C, to the end of the machine
# A second signal ends the machine, unless it is the first one's twin: timeout(1) sends to its child, and to the group.
TWIN_SECONDS = 0.3
POWER_OFF_SECONDS = 10  # from the status to the end of the machine
# Input that comes before the console is open is lost in the serial port. So it waits for the start line; if the program
# is one that sends none, for its first output, or for this long.
READY_SECONDS = 20


class Cutter:
    """Undoes "\\r\\n" and cuts out the marked lines, in whatever pieces the bytes come. Sorts what is output from what
    is not."""

    def __init__(self, token, is_marked):
        self.begin = MARK + b"ringlet " + token.encode() + b" "
        self.line = re.compile(re.escape(self.begin) + rb"(start|[0-9]{1,3})\n")
        self.held_return = b""  # a "\r" that may turn out to stand before "\n"
        self.held = bytearray()  # what may become a marked line
        self.output = bytearray()  # for standard output; whoever writes it takes it away
        self.beside = bytearray()  # the firmware's and the kernel's; likewise
        self.is_output = not is_marked  # where the next byte goes
        self.is_started = False
        self.status = None

    def feed(self, data):
        """Takes bytes of the console."""
        data = self.held_return + data
        self.held_return = data[-1:] if data.endswith(b"\r") else b""
        self.held += data[: len(data) - len(self.held_return)].replace(b"\r\n", b"\n")
        while self.held:
            at = self.held.find(MARK)
            if at != 0:
                self.pass_on(len(self.held) if at < 0 else at)
            elif found := self.line.match(self.held):
                self.is_started = True
                self.is_output = found[1] == b"start"
                if not self.is_output:
                    self.status = int(found[1])
                del self.held[: found.end()]
            elif self.may_become_a_line():
                break
            else:
                self.pass_on(1)

    def pass_on(self, count):
        (self.output if self.is_output else self.beside).extend(self.held[:count])
        del self.held[:count]

    def may_become_a_line(self):
        begin, word = self.held[: len(self.begin)], self.held[len(self.begin) :]
        return self.begin.startswith(begin) and (b"start".startswith(word) or re.fullmatch(rb"[0-9]{1,3}", word))

    def end(self):
        """Nothing more comes: what was held is no marked line."""
        self.held += self.held_return
        self.held_return = b""
        self.pass_on(len(self.held))


@contextlib.contextmanager
def raw_keys(fd):
    """Lets the keys of a terminal come as they are. True if there is a terminal, and it is ours to read.

    Output stays as it is: "\\n" still begins a line at its left."""
    if not os.isatty(fd):
        yield False
        return
    try:
        if os.tcgetpgrp(fd) != os.getpgrp():
            yield False  # in the background, where reading would stop us
            return
        before = termios.tcgetattr(fd)
    except (OSError, termios.error):  # a terminal, but not the one that controls us
        yield False
        return
    wanted = termios.tcgetattr(fd)
    wanted[0] &= ~(termios.BRKINT | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON)
    wanted[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    termios.tcsetattr(fd, termios.TCSADRAIN, wanted)
    try:
        yield True
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


@contextlib.contextmanager
def caught_signals():
    """A file descriptor that gives the numbers of the signals which ask us to end, a byte each."""
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, lambda number, frame: None) for number in numbers]
    woken = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in zip(numbers, before):
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


class Relay:
    """One run of a machine. `process` is QEMU, with pipes to its console and to its complaints."""

    def __init__(self, process, token, is_marked, verbose):
        self.process = process
        self.cutter = Cutter(token, is_marked)
        self.is_marked = is_marked
        self.verbose = verbose
        self.to_guest, self.from_guest, self.complaints = (
            file.fileno() for file in (process.stdin, process.stdout, process.stderr)
        )
        os.set_blocking(self.to_guest, False)
        self.out = self.cutter.output
        self.into = bytearray()  # for the guest
        self.said = bytearray()  # what QEMU complained about
        self.is_ready = False  # for input
        self.input_open = True
        self.guest_open = True
        self.is_told = verbose  # what process 1 had to say
        self.last_input = b"\n"
        self.escaped = False
        self.ended_by = None  # the signal by which we were asked to end
        self.twin_until = float("-inf")  # until when the same signal again is the same request
        self.was_killed = False
        self.kill_at = None  # when it will be, in seconds of the monotonic clock
        self.ready_at = time.monotonic() + READY_SECONDS

    def run(self):
        """Relays until QEMU has ended. Returns the program's status, or None."""
        try:
            with caught_signals() as signals, raw_keys(0) as keys:
                self.input_open = keys or not os.isatty(0)
                while self.guest_open or self.out:
                    self.turn(signals, keys)
            while self.complaints >= 0:
                self.take_complaints()
            self.process.wait(POWER_OFF_SECONDS)  # its output has ended, so it is about to
        finally:
            self.process.kill()
            self.process.wait()
        return self.cutter.status

    def turn(self, signals, keys):
        """Waits until something can be done, and does it."""
        self.watch_clock()
        ready = self.is_ready
        poll = select.poll()
        poll.register(signals, select.POLLIN)
        if self.guest_open and len(self.out) < BUFFER_BYTES:
            poll.register(self.from_guest, select.POLLIN)
        if self.complaints >= 0:
            poll.register(self.complaints, select.POLLIN)
        if self.input_open and (ready or keys) and len(self.into) < BUFFER_BYTES:
            poll.register(0, select.POLLIN)
        if self.out:
            poll.register(1, select.POLLOUT)
        if self.into and ready and self.to_guest >= 0:
            poll.register(self.to_guest, select.POLLOUT)
        for fd, _ in poll.poll(self.wait_ms()):
            if fd == signals:
                self.signalled(os.read(signals, 64))
            elif fd == self.from_guest:
                self.take_output()
            elif fd == self.complaints:
                self.take_complaints()
            elif fd == 0:
                self.take_input(keys)
            elif fd == 1:
                with contextlib.suppress(BlockingIOError):
                    del self.out[
                        : os.write(1, self.out[: select.PIPE_BUF])
                    ]  # so little does not block when there is room
            else:
                self.give_input()

    def wait_ms(self):
        """Milliseconds until watch_clock has something to do, or None."""
        times = [at for at in (self.kill_at, self.ready_at) if at is not None]
        return min(max(0, min(times) - time.monotonic()) * 1000 + 1, MINUTE_MS) if times else None

    def watch_clock(self):
        now = time.monotonic()
        if self.ready_at is not None:
            began = self.cutter.is_started if self.is_marked else self.out
            if began or now >= self.ready_at:
                self.is_ready = True
                self.ready_at = None
        if self.cutter.status is not None and self.kill_at is None:
            self.kill_at = now + POWER_OFF_SECONDS
        if self.kill_at is not None and now >= self.kill_at:
            self.end_now()

    def end_now(self):
        self.kill_at = float("inf")  # done; what it has written is still read
        self.was_killed = True
        self.process.kill()

    def signalled(self, numbers):
        """Tells the program that it is to end; if that is not possible, or was in vain, ends the machine."""
        now = time.monotonic()
        for number in numbers:
            if self.ended_by is None and self.is_ready:
                self.into += INTERRUPT
                self.kill_at = now + INTERRUPT_SECONDS
                self.twin_until = now + TWIN_SECONDS
            elif not (number == self.ended_by and now < self.twin_until):
                self.end_now()
            self.ended_by = self.ended_by or number

    def take_output(self):
        data = os.read(self.from_guest, BUFFER_BYTES)
        if data:
            self.cutter.feed(data)
        else:
            self.guest_open = False
            self.cutter.end()
        if self.verbose:
            sys.stderr.buffer.write(self.cutter.beside)
            sys.stderr.flush()
            self.cutter.beside.clear()
        if self.cutter.is_started and not self.is_told:
            self.is_told = True
            sys.stderr.buffer.write(b"".join(re.findall(rb"^pid1: .*\n", self.cutter.beside, re.M)))
            sys.stderr.flush()
        del self.cutter.beside[:-BUFFER_BYTES]

    def take_complaints(self):
        data = os.read(self.complaints, BUFFER_BYTES)
        if data:
            self.complain(data)
        else:
            self.complaints = -1

    def complain(self, data):
        if self.verbose:
            sys.stderr.buffer.write(data)
            sys.stderr.flush()
        self.said += data
        del self.said[:-BUFFER_BYTES]

    def take_input(self, keys):
        try:
            data = os.read(0, 4096)
        except OSError:  # it was never open, or its terminal has gone
            data = b""
        if not data:
            self.input_open = False
            # In the middle of a line the first one only hands over what was typed so far. [termios(3), VEOF]
            self.into += END_OF_FILE if self.last_input == b"\n" else 2 * END_OF_FILE
            return
        if keys and INTERRUPT in data and not self.is_ready:
            self.signalled([signal.SIGINT])  # there is nobody yet whom it could interrupt
        self.last_input = data[-1:]
        self.into += self.unescape(data) if keys else data

    def unescape(self, data):
        """Obeys Ctrl-A: x ends the machine, Ctrl-A is itself, anything else is nothing."""
        keys = bytearray()
        for key in data:
            if self.escaped:
                self.escaped = False
                if key == ESCAPE:
                    keys.append(key)
                elif key in b"xX":
                    self.ended_by = signal.SIGINT
                    self.end_now()
            elif key == ESCAPE:
                self.escaped = True
            else:
                keys.append(key)
        return keys

    def give_input(self):
        try:
            with contextlib.suppress(BlockingIOError):
                del self.into[: os.write(self.to_guest, self.into)]
        except BrokenPipeError:
            self.into.clear()
            self.to_guest = -1
