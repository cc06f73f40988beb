// ring/archive.h: what compilers call behind one's back, in libring.a.
//
// A compiler makes calls of memcpy and its kin out of copies of structures, and nothing in C can give those calls another
// name. In the archive they must have one: were ours called memcpy, a program that has a libc would be linked with two, and
// without it the archive would need one from outside. So here the assembler is told, when the call has been made, whom it
// means. build.zig includes this before each file of the archive, and compiles crt/mem.c under these names.
#pragma once

__asm__(".set memcpy, ring_memcpy\n"
	".set memmove, ring_memmove\n"
	".set memset, ring_memset\n"
	".set memcmp, ring_memcmp\n");
