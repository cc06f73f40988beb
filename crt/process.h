// crt/process.h: what a process is given at its start, and the function that it gives in return.
//
// All of it is written once, before main, and read-only from then on: it lies in the part of the data that RELRO seals.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The program. Its result is the exit status; the low 8 bits of it reach the parent. Nothing runs after it.
int main(int argc, char **argv, char **envp);

// One entry of the auxiliary vector: what the kernel tells a program about the machine. [getauxval(3)]
struct process_aux {
	unsigned long type; // AT_*, <linux/auxvec.h>
	unsigned long value;
};

struct process {
	char **envp;                    // "NAME=value" strings, then a null pointer
	const struct process_aux *auxv; // ends with AT_NULL
	uintptr_t base;                 // where address 0 of the file was loaded: runtime address minus file address
	size_t page_size;               // bytes: 4096 on x86_64; 4, 16 or 64 KiB on aarch64 [AT_PAGESZ]
};

extern struct process process;

// The value of an entry of the auxiliary vector; 0 where the kernel gave none. [getauxval(3)]
unsigned long process_aux(unsigned long type);

// The value of an environment variable, a NUL-ended string that lives as long as the process; null if it is not set.
const char *process_env(const char *name);
