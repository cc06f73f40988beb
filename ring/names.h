// ring/names.h: what the numbers and bits of io_uring are called, and which kernel brought each.
//
// A name is the kernel's own in <linux/io_uring.h> without the prefix, operations and registrations in small letters. A number
// that these headers do not know has the empty name: a newer kernel has things that nobody here has heard of.
//
// Compiles as C11 and C++17.
#pragma once

#include "arch/span.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ring_name {
	struct str text; // empty: there is none. Never changes
	unsigned major;  // the first kernel that has it: 6 and 12 for Linux 6.12; zeros where there is no name
	unsigned minor;
};

struct ring_name ring_operation_name(unsigned opcode); // IORING_OP_*: "read"
struct ring_name ring_register_name(unsigned opcode);  // IORING_REGISTER_* and its kin: "register_buffers"

// Each is asked for a bit's number, from 0: "LINK" for 2, which is IOSQE_IO_LINK.
struct ring_name ring_sqe_flag_name(unsigned bit);   // IOSQE_*
struct ring_name ring_cqe_flag_name(unsigned bit);   // IORING_CQE_F_*: "MORE"
struct ring_name ring_setup_flag_name(unsigned bit); // IORING_SETUP_*: "SQPOLL"
struct ring_name ring_enter_flag_name(unsigned bit); // IORING_ENTER_*: "GETEVENTS"
struct ring_name ring_feature_name(unsigned bit);    // IORING_FEAT_*: "NODROP"

#ifdef __cplusplus
}
#endif
