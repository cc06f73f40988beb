// tests/unit/ring_scale.h: how much of a long test is run: all of it natively, a twentieth where the environment has
// RINGLET_SLOW=1, as the machines and emulators of qemu/ set it.
#pragma once

#include "crt/process.h"
#include "crt/str.h"

static inline bool is_slow(void)
{
	const char *value = process_env("RINGLET_SLOW");
	return value != nullptr && str_equal(str_from_cstr(value), STR("1"));
}

static inline unsigned scaled(unsigned count)
{
	return is_slow() ? count / 20 : count;
}
