// tests/bench/nop/peer.c: what peers/ is linked with: the harness, and nothing else.
#include "work.h"
