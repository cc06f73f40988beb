// arch/errno.c: the names and words of errors, in tables that need no relocation.
//
// An array of pointers to strings would cost a relocation an entry, at every start of every program. So the strings lie one
// after another in a structure of arrays, and a table of 16-bit offsets leads into it.
#include "arch/errno.h"

#include <stddef.h>
#include <stdint.h>

// Every error of <asm-generic/errno.h>, which the three machines share. Where the words are empty, the name is all.
// clang-format off
#define ERRORS(E) \
	E(EPERM, "not permitted") \
	E(ENOENT, "no such file or directory") \
	E(ESRCH, "no such process") \
	E(EINTR, "interrupted by a signal") \
	E(EIO, "the device reports an input or output error") \
	E(ENXIO, "no such device or address") \
	E(E2BIG, "too many arguments") \
	E(ENOEXEC, "not a program for this machine") \
	E(EBADF, "not an open descriptor") \
	E(ECHILD, "no child to wait for") \
	E(EAGAIN, "not possible now, try again") \
	E(ENOMEM, "out of memory") \
	E(EACCES, "permission denied") \
	E(EFAULT, "bad address") \
	E(ENOTBLK, "") \
	E(EBUSY, "busy") \
	E(EEXIST, "exists already") \
	E(EXDEV, "leads to another file system or out of the folder") \
	E(ENODEV, "no such device") \
	E(ENOTDIR, "not a directory") \
	E(EISDIR, "is a directory") \
	E(EINVAL, "invalid argument") \
	E(ENFILE, "the system has too many open files") \
	E(EMFILE, "this process has too many open files (ulimit -n)") \
	E(ENOTTY, "not a terminal, or not a request for this device") \
	E(ETXTBSY, "the program is running") \
	E(EFBIG, "the file would be too large") \
	E(ENOSPC, "no space left on the device") \
	E(ESPIPE, "cannot seek here") \
	E(EROFS, "read-only file system") \
	E(EMLINK, "too many links") \
	E(EPIPE, "nobody reads the other end") \
	E(EDOM, "") \
	E(ERANGE, "out of range") \
	E(EDEADLK, "") \
	E(ENAMETOOLONG, "the name is too long") \
	E(ENOLCK, "") \
	E(ENOSYS, "the kernel does not have this call, or it is forbidden") \
	E(ENOTEMPTY, "the directory is not empty") \
	E(ELOOP, "too many symbolic links, or one that is not allowed") \
	E(ENOMSG, "") \
	E(EIDRM, "") \
	E(ECHRNG, "") \
	E(EL2NSYNC, "") \
	E(EL3HLT, "") \
	E(EL3RST, "") \
	E(ELNRNG, "") \
	E(EUNATCH, "") \
	E(ENOCSI, "") \
	E(EL2HLT, "") \
	E(EBADE, "") \
	E(EBADR, "") \
	E(EXFULL, "") \
	E(ENOANO, "") \
	E(EBADRQC, "") \
	E(EBADSLT, "") \
	E(EBFONT, "") \
	E(ENOSTR, "") \
	E(ENODATA, "") \
	E(ETIME, "the time is over") \
	E(ENOSR, "") \
	E(ENONET, "") \
	E(ENOPKG, "") \
	E(EREMOTE, "") \
	E(ENOLINK, "") \
	E(EADV, "") \
	E(ESRMNT, "") \
	E(ECOMM, "") \
	E(EPROTO, "") \
	E(EMULTIHOP, "") \
	E(EDOTDOT, "") \
	E(EBADMSG, "") \
	E(EOVERFLOW, "the value is too large") \
	E(ENOTUNIQ, "") \
	E(EBADFD, "") \
	E(EREMCHG, "") \
	E(ELIBACC, "") \
	E(ELIBBAD, "") \
	E(ELIBSCN, "") \
	E(ELIBMAX, "") \
	E(ELIBEXEC, "") \
	E(EILSEQ, "not a valid sequence of bytes") \
	E(ERESTART, "") \
	E(ESTRPIPE, "") \
	E(EUSERS, "") \
	E(ENOTSOCK, "not a socket") \
	E(EDESTADDRREQ, "no destination given") \
	E(EMSGSIZE, "the message is too long") \
	E(EPROTOTYPE, "wrong protocol for this socket") \
	E(ENOPROTOOPT, "no such socket option") \
	E(EPROTONOSUPPORT, "protocol not supported") \
	E(ESOCKTNOSUPPORT, "") \
	E(EOPNOTSUPP, "not supported") \
	E(EPFNOSUPPORT, "") \
	E(EAFNOSUPPORT, "this kind of address is not supported") \
	E(EADDRINUSE, "the address is in use") \
	E(EADDRNOTAVAIL, "no interface of this machine has that address") \
	E(ENETDOWN, "the network is down") \
	E(ENETUNREACH, "the network cannot be reached") \
	E(ENETRESET, "") \
	E(ECONNABORTED, "the connection was aborted") \
	E(ECONNRESET, "the other end reset the connection") \
	E(ENOBUFS, "no buffer left") \
	E(EISCONN, "connected already") \
	E(ENOTCONN, "not connected") \
	E(ESHUTDOWN, "") \
	E(ETOOMANYREFS, "") \
	E(ETIMEDOUT, "the other end did not answer in time") \
	E(ECONNREFUSED, "nobody listens there") \
	E(EHOSTDOWN, "") \
	E(EHOSTUNREACH, "the host cannot be reached") \
	E(EALREADY, "in progress already") \
	E(EINPROGRESS, "in progress") \
	E(ESTALE, "the file is gone from the server") \
	E(EUCLEAN, "") \
	E(ENOTNAM, "") \
	E(ENAVAIL, "") \
	E(EISNAM, "") \
	E(EREMOTEIO, "") \
	E(EDQUOT, "the quota is used up") \
	E(ENOMEDIUM, "") \
	E(EMEDIUMTYPE, "") \
	E(ECANCELED, "canceled") \
	E(ENOKEY, "") \
	E(EKEYEXPIRED, "") \
	E(EKEYREVOKED, "") \
	E(EKEYREJECTED, "") \
	E(EOWNERDEAD, "") \
	E(ENOTRECOVERABLE, "") \
	E(ERFKILL, "") \
	E(EHWPOISON, "this memory is broken")
// clang-format on

#define NAME_MEMBER(name, words) char name##_name[sizeof(#name)];
#define TEXT_MEMBER(name, words) char name##_text[sizeof(words)];
#define NAME_STRING(name, words) .name##_name = #name,
#define TEXT_STRING(name, words) .name##_text = words,
#define NAME_OFFSET(name, words) [name] = 1 + offsetof(struct names, name##_name),
#define TEXT_OFFSET(name, words) [name] = 1 + offsetof(struct texts, name##_text),

struct names {
	ERRORS(NAME_MEMBER)
};
struct texts {
	ERRORS(TEXT_MEMBER)
};
static const struct names names = {ERRORS(NAME_STRING)};
static const struct texts texts = {ERRORS(TEXT_STRING)};
static_assert(sizeof(names) < UINT16_MAX && sizeof(texts) < UINT16_MAX);

// Offsets are one too high, so that 0, which the gaps between the numbers get, says "no such error".
static const uint16_t name_offsets[] = {ERRORS(NAME_OFFSET)};
static const uint16_t text_offsets[] = {ERRORS(TEXT_OFFSET)};

static struct str at(const char *table, const uint16_t *offsets, size_t count, long error)
{
	// Through unsigned: negating the most negative long would overflow.
	unsigned long number = error < 0 ? -(unsigned long)error : (unsigned long)error;
	if (number >= count || offsets[number] == 0)
		return (struct str){0};

	const char *start = table + offsets[number] - 1;
	size_t len = 0;
	while (start[len] != 0)
		len++;
	return (struct str){start, len};
}

struct str errno_name(long error)
{
	return at((const char *)&names, name_offsets, sizeof(name_offsets) / sizeof(*name_offsets), error);
}

struct str errno_text(long error)
{
	return at((const char *)&texts, text_offsets, sizeof(text_offsets) / sizeof(*text_offsets), error);
}
