/*
 * arch/x86_64/start.S: the first instructions of a program, and the last of a signal handler.
 *
 * The kernel jumps here with rsp at argc and nothing else promised: rdx is a function to register at exit only
 * when a dynamic linker ran before us, and none did. [psABI 3.4.1, Process Initialization]
 *
 * Assembly passes the stack pointer; C does the rest. The two addresses are taken relative to rip, the one kind of
 * reference that is right before the program has relocated itself.
 */
	.text
	.globl _start
	.hidden _start
	.type _start, @function
_start:
	xorl	%ebp, %ebp			/* the outermost frame: backtraces end here */
	movq	%rsp, %rdi
	leaq	__ehdr_start(%rip), %rsi	/* where the kernel put us: the load base */
	leaq	_DYNAMIC(%rip), %rdx
	andq	$-16, %rsp
	callq	crt_start			/* does not return */
	ud2
	.size _start, . - _start

/*
 * A signal handler's `ret` lands here: the kernel pushed this address because the action names it as its restorer, which
 * x86-64 demands. At this point rsp is at the frame that rt_sigreturn expects. [sigreturn(2)]
 */
	.section .text.signal_restorer, "ax", @progbits
	.globl signal_restorer
	.hidden signal_restorer
	.type signal_restorer, @function
signal_restorer:
	movl	$15, %eax			/* __NR_rt_sigreturn */
	syscall
	.size signal_restorer, . - signal_restorer

	.section .note.GNU-stack, "", @progbits
