// tests/programs-hosted/liburing_layout.c: the layout of liburing's handle.
#include <liburing.h>

#include "tests/programs-hosted/ring_layout.h"
