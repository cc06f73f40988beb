// qemu/kernel/headers.h: what most files of the kernel include, directly or not. cc, beside this file, tells what for. A header
// in which KBUILD_MODNAME is more than part of a macro cannot be here, since that is another one in every file.
// clang-format off: not to be sorted
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/interrupt.h>
#include <linux/init.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/skbuff.h>
#include <linux/netdevice.h>
// clang-format on
