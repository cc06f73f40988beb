// apps/cat/copy.h: moving the bytes of one descriptor to standard output.
#pragma once

// How a copy ended. Both zero: at the end of the input. At most one of them is an error, as -errno: reading and writing are
// told apart, because after the one there may be other inputs, and after the other there is nowhere to go.
struct copied {
	long read_error;
	long write_error;
};

// Copies `input`, from where it stands, to standard output until its end or an error. Each read is written before another
// byte is waited for, so nothing is delayed: that is what cat -u asks for. Goes on after short writes and after signals, and
// waits, without spinning, where a descriptor is non-blocking.
//
// `private`: nobody else knows this descriptor's position, since we have opened it ourselves. Only such an input is read ahead
// of what is written; after a write error, and only then, a read of it may still be in flight into memory of this
// module, so the process should end.
[[nodiscard]] struct copied copy(int input, bool private);
