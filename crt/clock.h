// crt/clock.h: what time it is, mostly without a system call.
//
// The kernel keeps the time in memory that every process may read, and the vDSO knows how to read it. The function is
// found at the first use. Where there is none (qemu-user 7.2 has no vDSO), or where it fails, the system call answers.
//
// Times count from the clock's own start: the epoch, 1970-01-01 00:00 UTC, for CLOCK_REALTIME; somewhere about the boot
// for CLOCK_MONOTONIC, which never goes back. This layer knows no calendar.
#pragma once

#include <linux/time.h>
#include <linux/time_types.h>
#include <stdint.h>

// Reads a clock, CLOCK_REALTIME, CLOCK_MONOTONIC or another. Returns zero, or -EINVAL for a clock that this kernel does
// not have; `now` is then as before. [clock_gettime(2)]
[[nodiscard]] int clock_now(int clock, struct __kernel_timespec *now);

// Nanoseconds that never go back: for deadlines and durations. They fit for 292 years of running.
int64_t clock_monotonic_ns(void);

// Seconds since the epoch: for dates. They jump when somebody sets the clock.
int64_t clock_realtime_s(void);

// Asks this vDSO from now on, or with null the system call only. `vdso`: an ELF image that stays mapped as long as
// clocks are read. The first clock_now calls it with the kernel's own; tests call it to choose.
void clock_source(const void *vdso);
