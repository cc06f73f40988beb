// crt/reloc.c: a program moves itself to where it was loaded.
//
// A static PIE imports nothing, so it has one kind of relocation: "add the load base to the word here". The linker lists
// those words in one or both of two forms. RELA spends 24 bytes a word. RELR spends a bit: an even entry is the address of
// a word; an odd one that follows is a map of the next 63 words, lowest bit first after the mark.
//
//	RELR:  [ address A ] [ map: ...0110 1 ] [ map ... 1 ] [ address B ] ...
//	         word A        A+8 no, A+16 and A+24 yes ...
//
// This runs before anything is right: no switch (jump tables are relocated data), no static pointer, no call outside.
// [gABI, Dynamic Section and Relative Relocation Table]
#include "reloc.h"
#include "crt/start.h"

#define RELR_BITS 63 // a map's lowest bit says that it is a map

// <linux/elf.h> knows neither; the numbers are the gABI's.
#ifndef DT_RELRSZ
#define DT_RELRSZ 35
#define DT_RELR 36
#endif

void crt_relocate(uintptr_t base, const Elf64_Dyn *dynamic)
{
	uintptr_t value[DT_RELR + 1]; // what the dynamic section says, by its tag
	for (size_t i = 0; i <= DT_RELR; i++)
		value[i] = 0;
	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		if ((uint64_t)dynamic->d_tag <= DT_RELR)
			value[dynamic->d_tag] = (uintptr_t)dynamic->d_un.d_val;
	}

	const Elf64_Rela *rela = (const Elf64_Rela *)(base + value[DT_RELA]);
	const Elf64_Rela *rela_end = (const Elf64_Rela *)((uintptr_t)rela + value[DT_RELASZ]);
	for (; rela < rela_end; rela++) {
		if (rela->r_info == RELOC_RELATIVE) // the symbol, in the upper half, is none
			*(uintptr_t *)(base + rela->r_offset) = base + (uintptr_t)rela->r_addend;
	}

	uintptr_t *next = nullptr; // the word after those that the last entry covered
	const uintptr_t *relr = (const uintptr_t *)(base + value[DT_RELR]);
	const uintptr_t *relr_end = (const uintptr_t *)((uintptr_t)relr + value[DT_RELRSZ]);
	for (; relr < relr_end; relr++) {
		if ((*relr & 1) == 0) {
			next = (uintptr_t *)(base + *relr);
			*next++ += base;
			continue;
		}
		uintptr_t *word = next;
		for (uintptr_t map = *relr >> 1; map != 0; map >>= 1, word++) {
			if (map & 1)
				*word += base;
		}
		next += RELR_BITS;
	}
}
