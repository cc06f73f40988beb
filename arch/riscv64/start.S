/*
 * arch/riscv64/start.S: the first instructions of a program.
 *
 * The kernel jumps here with sp at argc, 16-byte aligned as always. Nothing else is promised: gp is ours to set, and
 * we leave it unset, because we are linked without gp relaxation. [riscv-elf-psabi, Integer Calling Convention]
 *
 * Assembly passes the stack pointer; C does the rest. The two addresses are taken relative to the program counter
 * (lla: auipc and addi), the one kind of reference that is right before the program has relocated itself.
 *
 * A signal handler's `ret` needs nothing from us: the kernel's struct sigaction has no restorer on this machine, and ra
 * leads to the vDSO's rt_sigreturn. [Linux arch/riscv/kernel/signal.c, setup_rt_frame]
 */
	.text
	.globl _start
	.hidden _start
	.type _start, @function
_start:
	li	s0, 0				/* the outermost frame: backtraces end here */
	li	ra, 0
	mv	a0, sp
	lla	a1, __ehdr_start		/* where the kernel put us: the load base */
	lla	a2, _DYNAMIC
	andi	sp, sp, -16
	call	crt_start			/* does not return */
	unimp
	.size _start, . - _start

	.section .note.GNU-stack, "", @progbits
