/* Where keys are kept from one run to the next.
 * SPDX-License-Identifier: MIT */
#include "shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define FILE_MAX ((size_t)256 * 1024)

/* Links are followed, as to what systemd gives a service with a user of its own: what counts is whose
 * the folder is. */
static int open_folder(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Whoever could write here could sign. */
static const char *distrust(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_uid != geteuid())
		return "belongs to another user";
	return st.st_mode & 022 ? "can be written by others (chmod go-w)" : NULL;
}

static int open_if_ours(const char *path)
{
	int fd = open_folder(path);

	if (fd >= 0 && distrust(fd))
		file_close(&fd);
	return fd;
}

static int open_default(void)
{
	const char *given = secure_getenv("CACHE_DIRECTORY");
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
	char path[PATH_MAX];
	int n = -1;

	if (given && *given == '/')
		n = snprintf(path, sizeof(path), "%.*s", (int)strcspn(given, ":"), given);
	else if (runtime && *runtime == '/')
		n = snprintf(path, sizeof(path), "%s/mi-token-verify", runtime);
	if (n <= 0 || n >= (int)sizeof(path))
		return -1;
	(void)mkdir(path, 0700); /* systemd has made its own */
	return open_if_ours(path);
}

/* Gives the descriptor away. */
static int give(int *fd)
{
	int given = *fd;

	*fd = -1;
	return given;
}

enum mitok_code shelf_open(const char *path, int *ret, struct mitok_err *e)
{
	const char *why;
	AUTO_FD fd = path ? open_folder(path) : open_default();

	if (path && fd < 0)
		return err_set(e, MITOK_E_CONF, "cannot open the folder '%s': %s", path,
			strerror(errno));
	why = path ? distrust(fd) : NULL;
	if (why)
		return err_set(e, MITOK_E_CONF, "'%s' %s", path, why);
	*ret = give(&fd);
	return MITOK_OK;
}

bool shelf_read(int dir, const char *name, struct secret *ret)
{
	const struct file_ask ask = { .path = name,
		.rules = FILE_OURS | FILE_NO_WRITERS | FILE_NO_SYMLINK | FILE_ONE_LINK,
		.limit = FILE_MAX };

	return dir >= 0 && file_read(dir, &ask, ret, NULL) == MITOK_OK;
}

void shelf_write(int dir, const char *name, const struct text *content)
{
	char fresh[300];
	bool written;
	int fd;

	if (dir < 0 || !text_ok(content) || content->len > FILE_MAX)
		return;
	(void)snprintf(fresh, sizeof(fresh), ".%s.%d", name, (int)getpid());
	(void)unlinkat(dir, fresh, 0); /* of another process that had our number */
	fd = openat(
		dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	written = file_write_all(fd, text_peek(content), content->len);
	file_close(&fd);
	if (!written || renameat(dir, fresh, dir, name) != 0)
		(void)unlinkat(dir, fresh, 0);
}
