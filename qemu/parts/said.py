"""qemu/parts/said.py: how the commands of qemu/ end when something is wrong: one sentence on standard error, and a
status.

Statuses: 2, called wrongly; 1, cannot be done; what else a command uses, its own help says.
"""

import argparse
import signal
import sys


class Problem(Exception):
    """One sentence for the person: the thing, the cause, the cure."""

    def __init__(self, sentence, status=1):
        super().__init__(sentence)
        self.status = status


class Options(argparse.ArgumentParser):
    """argparse whose complaints are one sentence, without the usage in front of them; options are not abbreviated."""

    def __init__(self, prog, doc, **more):
        super().__init__(
            prog=prog, description=doc, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **more
        )

    def error(self, message):
        raise Problem(f"{message}; {self.prog} --help tells how it is called.", 2)


def run(name, main):
    """Runs main(), whose result is the exit status; ends the process."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))  # so that `finally` and `with` clean up
    try:
        status = main()
        sys.stdout.flush()
    except Problem as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        status = problem.status
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except BrokenPipeError:
        sys.stdout = None  # nobody reads it; Python must not try once more at the end
        status = 128 + signal.SIGPIPE
    sys.exit(status)
