/*
 * arch/aarch64/start.S: the first instructions of a program, and the last of a signal handler.
 *
 * The kernel jumps here with sp at argc, 16-byte aligned as always, and the other registers zero. [Linux
 * arch/arm64/include/asm/processor.h, start_thread]
 *
 * Assembly passes the stack pointer; C does the rest. The two addresses are taken relative to the program counter
 * (adrp gives the page, lo12 the rest), the one kind of reference that is right before the program has relocated itself.
 */
	.text
	.globl _start
	.hidden _start
	.type _start, @function
_start:
	mov	x29, #0				/* the outermost frame: backtraces end here */
	mov	x30, #0
	mov	x0, sp
	adrp	x1, __ehdr_start		/* where the kernel put us: the load base */
	add	x1, x1, :lo12:__ehdr_start
	adrp	x2, _DYNAMIC
	add	x2, x2, :lo12:_DYNAMIC
	bl	crt_start			/* does not return */
	brk	#1
	.size _start, . - _start

/*
 * A signal handler's `ret` lands here: the kernel loads this address into x30 because the action names it as its restorer.
 * (Without one it uses the vDSO's; naming it keeps the three machines alike and needs no vDSO.) [sigreturn(2)]
 */
	.section .text.signal_restorer, "ax", @progbits
	.globl signal_restorer
	.hidden signal_restorer
	.type signal_restorer, @function
signal_restorer:
	mov	x8, #139			/* __NR_rt_sigreturn */
	svc	#0
	.size signal_restorer, . - signal_restorer

	.section .note.GNU-stack, "", @progbits
