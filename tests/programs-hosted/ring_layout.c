// tests/programs-hosted/ring_layout.c: the layout of our handle. Links to no library of ours.
#include "ring/ring.h"

#include "tests/programs-hosted/ring_layout.h"
