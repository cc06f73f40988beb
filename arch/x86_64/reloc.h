// arch/x86_64/reloc.h: the one relocation that a program without imports has: "add the load base to this word".
#pragma once

#define RELOC_RELATIVE 8u // R_X86_64_RELATIVE [psABI x86-64 4.4.1]
