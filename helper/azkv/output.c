/* Where results go: stdout, or a file that is never half written.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

enum mitok_code write_output(
	const struct options *o, const char *p, size_t len, struct mitok_err *e)
{
	AUTO_TEXT content = { 0 };

	if (!o->output)
		return process_print(p, len, e);
	text_add_bytes(&content, p, len);
	return replace_file(o->output, o, &content, e);
}
