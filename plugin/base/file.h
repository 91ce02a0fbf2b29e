/* Files read with suspicion: checked on the opened descriptor, bounded, never followed
 * into a FIFO or device.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_FILE_H
#define MI_TOKEN_BASE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/secret.h"
#include "base/text.h"

/* What a file must be before a byte of it is believed. */
enum file_rule {
	FILE_ROOT_OR_US = 1 << 0, /* owned by root or by the effective user */
	FILE_OURS = 1 << 1,       /* owned by the effective user */
	FILE_NO_WRITERS = 1 << 2, /* group and others may not write */
	FILE_PRIVATE = 1 << 3,    /* group and others may do nothing */
	FILE_NO_SYMLINK = 1 << 4, /* the last component is no symbolic link */
	FILE_ONE_LINK = 1 << 5,   /* it has one name only */
};

/* What is to be read. */
struct file_ask {
	const char *path;
	unsigned rules; /* of enum file_rule */
	size_t limit;   /* in bytes, at most SECRET_MAX */
	int *ret_errno; /* errno when a system call refused, else 0; NULL: not wanted */
};

/* Reads the regular file whole; dir is AT_FDCWD or a directory. The error names the path
 * and what is wrong. */
enum mitok_code file_read(int dir, const struct file_ask *ask, struct secret *ret,
	struct mitok_err *e) MUST_CHECK;

/* The names in the directory ask->path but those that begin with '.': each ended by NUL,
 * one after the other, in the order of strcmp(). The rules are the directory's. */
enum mitok_code file_list(
	const struct file_ask *ask, struct text *ret, struct mitok_err *e) MUST_CHECK;

/* Writes all bytes; false with errno set. */
bool file_write_all(int fd, const char *data, size_t len) MUST_CHECK;

void file_close(int *fd); /* keeps errno; *fd may be -1 and is -1 afterwards */
#define AUTO_FD __attribute__((cleanup(file_close))) int

#endif
