// apps/cat/feedback.h: whether a copy would read what it writes, and so never end.
#pragma once

#include <linux/stat.h>

// `output`: what statx knows of standard output. True if `input` is the same regular file, and reading it from where
// it stands would come to the place where writing begins. False also where the kernel does not tell.
[[nodiscard]] bool feedback(int input, const struct statx *output);
