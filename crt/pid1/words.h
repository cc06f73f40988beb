// crt/pid1/words.h: the kernel's command line, cut into words as the kernel cuts it.
//
//	quiet ip=dhcp note="two words" "other=two words" -- init's own
//
// White space ends a word, but not within double quotes. Quotes around a whole word or a whole value do not belong to it; there
// is no other way to write one, and none to escape one. "--" ends what is the kernel's; what follows are the arguments of
// init. [Linux lib/cmdline.c, next_arg; kernel/params.c, parse_args]
//
// It makes no system call. That the words which no part of the kernel knows become init's environment is the kernel's own doing.
#pragma once

#include "arch/span.h"

struct word {
	struct str name;
	struct str value; // what stands behind "="; empty where there is none
};

// Cuts the next word off `line`; both of its parts point into it. False: there are no more, or "--" has come.
[[nodiscard]] bool word_next(struct str *line, struct word *word);

// The value of the first word of this name; empty where it is not there.
[[nodiscard]] struct str word_value(struct str line, struct str name);
