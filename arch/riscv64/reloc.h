// arch/riscv64/reloc.h: the one relocation that a program without imports has: "add the load base to this word".
#pragma once

#define RELOC_RELATIVE 3u // R_RISCV_RELATIVE [riscv-elf-psabi, Relocations]
