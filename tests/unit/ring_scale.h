// tests/unit/ring_scale.h: how much of a long test is run: all of it natively, a twentieth where the environment has
// RINGLET_SLOW=1, as the machines and emulators of qemu/ set it.
#pragma once

#include "arch/sys.h"
#include "tests/unit/unit.h"

static inline bool is_slow(void)
{
	static int answer = -1;
	if (answer >= 0)
		return answer != 0;
	static const char wanted[] = "RINGLET_SLOW=1";
	answer = 0;
	int fd = sys_openat(AT_FDCWD, "/proc/self/environ", O_RDONLY | O_CLOEXEC, 0);
	static char buffer[16384];
	size_t matched = 0; // of this variable; sizeof(wanted): it is another one
	for (long got; (got = sys_read(fd, buffer, sizeof(buffer))) > 0;) {
		for (long i = 0; i < got; i++) {
			bool matches = matched < sizeof(wanted) && buffer[i] == wanted[matched];
			matched = matches ? matched + 1 : sizeof(wanted) + 1;
			if (matched == sizeof(wanted))
				answer = 1;
			if (buffer[i] == '\0')
				matched = 0;
		}
	}
	(void)sys_close(fd);
	return answer != 0;
}

static inline unsigned scaled(unsigned count)
{
	return is_slow() ? count / 20 : count;
}
