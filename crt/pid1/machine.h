// crt/pid1/machine.h: a machine from its first process on: what is mounted and loaded at the beginning, and what is told and
// put away at the end.
//
// Nothing here stops the machine because something is missing: a kernel without a file system, a module that does not fit, a
// console that is not there are each told in a sentence, and the program decides what it can do without.
#pragma once

#include "arch/span.h"

// Whether this process, number 1, is the first of a machine and not of a container. May mount /proc to find out.
[[nodiscard]] bool machine_is_ours(void);

// Mounts what programs expect, opens the console as the standard streams, loads the modules.
void machine_open(void);

// The kernel's command line, ended by NUL. [proc(5), /proc/cmdline]
const char *machine_command_line(void);

// What stands behind `name` and "=" in the command line; empty where it is not there. [words.h]
[[nodiscard]] struct str machine_word(struct str name);

// Tells who waits outside (ringlet.status=TOKEN in the command line) that the console is the program's from here on.
void machine_tell_start(void);

// What waitpid(2) told about `program`, as a shell's status: its own, or 128 and the number of the signal that ended it, which is
// said too.
[[nodiscard]] int machine_status(const char *program, int how);

// Ends every process, tells `status` to who waits for it outside (ringlet.status=TOKEN in the command line), writes
// everything out, unmounts, and switches the machine off: or starts it anew where the command line has reboot=t, which is how a
// machine without a power switch ends (QEMU's microvm, with -no-reboot).
[[noreturn]] void machine_close(int status);
