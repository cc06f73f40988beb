// arch/aarch64/reloc.h: the one relocation that a program without imports has: "add the load base to this word".
#pragma once

#define RELOC_RELATIVE 1027u // R_AARCH64_RELATIVE [AAELF64, Dynamic relocations]
