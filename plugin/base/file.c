/* Files read with suspicion: checked on the opened descriptor, bounded, never followed
 * into a FIFO or device.
 * SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Why this file or directory is not to be believed, or NULL. */
static const char *distrust(const struct stat *st, unsigned rules)
{
	uid_t us = geteuid();

	if ((rules & FILE_OURS) && st->st_uid != us)
		return "belongs to another user";
	if ((rules & FILE_ROOT_OR_US) && st->st_uid != us && st->st_uid != 0)
		return "belongs neither to root nor to you";
	if ((rules & FILE_NO_WRITERS) && (st->st_mode & 022))
		return "can be written by others (chmod go-w)";
	if ((rules & FILE_PRIVATE) && (st->st_mode & 077))
		return "can be used by others (chmod go=)";
	if ((rules & FILE_ONE_LINK) && st->st_nlink != 1)
		return "has more than one name";
	return NULL;
}

/* Reads to the end; false with errno 0 when there are more than limit bytes. */
static bool read_whole(int fd, size_t limit, struct secret *ret)
{
	for (;;) {
		char *room = secret_room(ret, 4096);
		ssize_t n;

		errno = ENOMEM;
		if (!room)
			return false;
		n = read(fd, room, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			return true;
		secret_grow(ret, (size_t)n);
		errno = 0;
		if (ret->len > limit)
			return false;
	}
}

/* One place for "the system refused": errno into the sentence and to the caller. */
static enum mitok_code refused(
	const struct file_ask *ask, const char *what, struct mitok_err *e)
{
	int error = errno;

	if (ask->ret_errno)
		*ask->ret_errno = error;
	if (!e) /* strerror() would load what nobody reads */
		return MITOK_E_CONF;
	return err_set(
		e, MITOK_E_CONF, "cannot %s '%s': %s", what, ask->path, strerror(error));
}

enum mitok_code file_read(
	int dir, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
		(ask->rules & FILE_NO_SYMLINK ? O_NOFOLLOW : 0);
	AUTO_SECRET bytes = { 0 };
	AUTO_FD fd = openat(dir, ask->path, flags);
	const char *why;
	struct stat st;

	if (ask->ret_errno)
		*ask->ret_errno = 0;
	if (fd < 0)
		return refused(ask, "open", e);
	if (fstat(fd, &st) < 0)
		return refused(ask, "examine", e);
	why = S_ISREG(st.st_mode) ? distrust(&st, ask->rules) : "is not a regular file";
	if (why)
		return err_set(e, MITOK_E_CONF, "'%s' %s", ask->path, why);
	if (!read_whole(fd, ask->limit, &bytes)) {
		if (errno)
			return refused(ask, "read", e);
		return err_set(e, MITOK_E_CONF, "'%s' is larger than %zu bytes",
			ask->path, ask->limit);
	}
	*ret = secret_move(&bytes);
	return MITOK_OK;
}

static void close_directory(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

static int compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* The count names, which at has room for, in order. */
static bool sort_names(
	const struct text *names, const char **at, size_t count, struct text *ret)
{
	AUTO_TEXT sorted = { 0 };
	size_t n = 0;

	for (const char *p = names->p; n < count; p += strlen(p) + 1)
		at[n++] = p;
	qsort(at, count, sizeof(*at), compare_names);
	for (size_t i = 0; i < count; i++)
		text_add_bytes(&sorted, at[i], strlen(at[i]) + 1);
	if (!text_ok(&sorted))
		return false;
	*ret = sorted;
	sorted = (struct text){ 0 };
	return true;
}

static bool give_names(const struct text *names, struct text *ret)
{
	size_t count = 0;
	const char **at;
	bool sorted;

	for (size_t i = 0; i < names->len; i++)
		count += names->p[i] == '\0';
	at = calloc(count + 1, sizeof(*at));
	sorted = at && text_ok(names) && sort_names(names, at, count, ret);
	free(at);
	return sorted;
}

enum mitok_code file_list(
	const struct file_ask *ask, struct text *ret, struct mitok_err *e)
{
	__attribute__((cleanup(close_directory))) DIR *d = opendir(ask->path);
	AUTO_TEXT names = { 0 };
	struct dirent *entry;
	const char *why;
	struct stat st;

	if (ask->ret_errno)
		*ask->ret_errno = 0;
	if (!d)
		return refused(ask, "open", e);
	if (fstat(dirfd(d), &st) < 0)
		return refused(ask, "examine", e);
	why = distrust(&st, ask->rules);
	if (why)
		return err_set(e, MITOK_E_CONF, "'%s' %s", ask->path, why);
	for (errno = 0; (entry = readdir(d)); errno = 0)
		if (entry->d_name[0] != '.')
			text_add_bytes(&names, entry->d_name, strlen(entry->d_name) + 1);
	if (errno)
		return refused(ask, "list", e);
	return give_names(&names, ret) ? MITOK_OK : err_memory(e);
}

bool file_write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return true;
}

void file_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}
