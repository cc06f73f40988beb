// crt/run.h: what stands between the start of a process and its main: nothing (run.c), or, for the first process of a machine,
// the care of the machine (pid1/run.c). Which of the two a program has is decided when it is linked.
#pragma once

// Runs main and returns its status.
int run(int argc, char **argv, char **envp);

// Ends the process with this status, whatever it is in the middle of. crt/panic.h ends here too: where process 1 ends, so
// does its machine, and somebody must be told.
[[noreturn]] void run_exit(int status);

// Whether main was started as the program of its own machine: nothing else runs there, and whoever can reach the machine
// reaches the program. A program that would serve this machine alone may then serve all who ask.
[[nodiscard]] bool run_owns_machine(void);
