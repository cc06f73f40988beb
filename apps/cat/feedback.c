// apps/cat/feedback.c: positions in a file that is input and output at once.
//
//	cat a >>a      | bytes of a          |        reading begins at 0, writing at the end: every byte that is read
//	               read -->              write--> puts another one in front of the reader
//
//	cat a 1<>a     | bytes of a          |        both begin at 0: each byte is written over itself, and the end stays
//	               read --> write -->             where it is
//
//	cat a >a       |                              the shell has emptied a: nothing to read, nothing to write
//
// So the copy is endless exactly where there is something to read and writing begins behind reading. Only that is refused.
#include "apps/cat/feedback.h"

#include "arch/sys.h"

static bool is_same_file(const struct statx *left, const struct statx *right)
{
	return left->stx_ino == right->stx_ino && left->stx_dev_major == right->stx_dev_major &&
	       left->stx_dev_minor == right->stx_dev_minor;
}

bool feedback(int input, const struct statx *output)
{
	if ((output->stx_mode & S_IFMT) != S_IFREG)
		return false;
	struct statx about;
	if (sys_statx(input, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &about) != 0 || !is_same_file(&about, output))
		return false;

	int64_t size = (int64_t)about.stx_size;
	int64_t reads_at = sys_lseek(input, 0, SEEK_CUR);
	int64_t writes_at = sys_lseek(SYS_STDOUT, 0, SEEK_CUR);
	long flags = sys_fcntl(SYS_STDOUT, F_GETFL, 0);
	if (flags >= 0 && (flags & O_APPEND) != 0)
		writes_at = size; // at the end, wherever the position is [open(2), O_APPEND]
	return reads_at >= 0 && reads_at < size && reads_at < writes_at;
}
