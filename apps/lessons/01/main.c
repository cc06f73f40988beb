// Lesson 1: the smallest program. It ends, and says how it ended.
//
//	./zigw build && zig-out/x86_64/bin/lesson01; echo $?
//
// What has happened before main?
//
// 1. The shell forked, and its child asked the kernel: execve("zig-out/x86_64/bin/lesson01", argv, envp). [execve(2)]
// 2. The kernel read the first bytes of the file (the ELF header), mapped its segments at an address drawn by lot, made a new
//    stack, and laid argc, argv, envp and the auxiliary vector on it. The old program was gone. It then set the stack
//    pointer and jumped to the file's entry, which is _start in arch/<machine>/start.S. There was no libc and no dynamic
//    linker: `readelf -l` shows no INTERP.
// 3. _start passed the stack pointer to crt_start in crt/start.c. That added the load address to every pointer in the
//    program's data, since no one could know it before; drew the stack protector's guard from 16 random bytes that the
//    kernel had left on the stack; sealed the pages with both against writing; and called main.
//
// What happens after? crt_start hands main's result to exit_group(2). The kernel keeps the low 8 bits until the shell asks
// for them by wait4(2), and `echo $?` prints them.
//
// To see all of it: strace zig-out/x86_64/bin/lesson01. Three lines, of which the middle one seals.
//
// Try: return 300, and explain what the shell prints. Return -1. Then make main write through a null pointer.
#include "crt/process.h"

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	return 42;
}
