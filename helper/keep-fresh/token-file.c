/* A file with a token in it, which is never half written and never another's.
 * SPDX-License-Identifier: MIT */
#include "token-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

/* Beside the file, always of the same name: what a kill leaves is replaced the next time. */
static bool name_draft(const char *path, struct text *ret)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	text_add_bytes(ret, path, (size_t)(name - path));
	text_addf(ret, ".%s.mi-token", name);
	return *name && text_ok(ret);
}

static bool fill(struct token_file *f, const char *draft, const char *p, size_t len)
{
	AUTO_FD fd =
		open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !file_write_all(fd, p, len) ||
		rename(draft, f->path))
		return false;
	f->is_ours = true;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	return true;
}

enum mitok_code token_file_write(
	struct token_file *f, const char *p, size_t len, struct mitok_err *e)
{
	AUTO_TEXT draft = { 0 };
	int error;

	if (!name_draft(f->path, &draft))
		return err_set(e, MITOK_E_ARG, "'%s' is no path of a file", f->path);
	(void)unlink(text_peek(&draft));
	if (fill(f, text_peek(&draft), p, len))
		return MITOK_OK;
	error = errno;
	(void)unlink(text_peek(&draft));
	return err_set(
		e, MITOK_E_CONF, "cannot write '%s': %s", f->path, strerror(error));
}

void token_file_remove(struct token_file *f)
{
	struct stat st;

	if (f->is_ours && lstat(f->path, &st) == 0 && st.st_dev == f->dev &&
		st.st_ino == f->ino)
		(void)unlink(f->path);
	f->is_ours = false;
}
