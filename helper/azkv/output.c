/* Where results go: stdout, or a file that is never half written.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../process.h"
#include "azkv.h"
#include "base/file.h"

/* As the file that it replaces. */
static bool take_after(int fd, const char *path, mode_t mask)
{
	struct stat st;

	if (stat(path, &st))
		return fchmod(fd, 0666 & ~mask) == 0;
	return fchown(fd, st.st_uid, st.st_gid) == 0 &&
		fchmod(fd, st.st_mode & 07777) == 0;
}

static bool fill(const char *draft, const char *path, const struct options *o,
	const struct text *content)
{
	AUTO_FD fd =
		open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd >= 0 && file_write_all(fd, text_peek(content), content->len) &&
		take_after(fd, path, o->umask) && fsync(fd) == 0 &&
		rename(draft, path) == 0;
}

enum mitok_code replace_file(const char *path, const struct options *o,
	const struct text *content, struct mitok_err *e)
{
	AUTO_TEXT draft = { 0 };
	int error;

	text_addf(&draft, "%s.mi-token-%ld", path, (long)getpid());
	if (!text_ok(&draft) || !text_ok(content))
		return err_memory(e);
	if (fill(text_peek(&draft), path, o, content))
		return MITOK_OK;
	error = errno;
	(void)unlink(text_peek(&draft));
	return err_set(e, MITOK_E_CONF, "cannot write '%s': %s", path, strerror(error));
}

/* A device or a pipe is written to, as any program does. */
static enum mitok_code write_into(
	const char *path, const char *p, size_t len, struct mitok_err *e)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && file_write_all(fd, p, len))
		return MITOK_OK;
	return err_set(e, MITOK_E_CONF, "cannot write '%s': %s", path, strerror(errno));
}

enum mitok_code write_output(
	const struct options *o, const char *p, size_t len, struct mitok_err *e)
{
	char path[PATH_MAX];
	AUTO_TEXT content = { 0 };
	struct stat st;

	if (!o->output)
		return process_print(p, len, e);
	if (stat(o->output, &st) == 0 && !S_ISREG(st.st_mode))
		return write_into(o->output, p, len, e);
	text_add_bytes(&content, p, len);
	/* What a symbolic link leads to is replaced, not the link. */
	return replace_file(realpath(o->output, path) ? path : o->output, o, &content, e);
}
