/* @file on az's command line: what the file holds takes its place.
 * SPDX-License-Identifier: MIT */
#include "expand.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "home.h"

/* All that comes; a pipe too, since people write @<(command). */
static bool read_all(int fd, struct secret *ret)
{
	ssize_t n = 1;

	while (n) {
		char *room = secret_room(ret, 4096);

		if (!room)
			return false;
		n = read(fd, room, 4096);
		if (n > 0)
			secret_grow(ret, (size_t)n);
		else if (n < 0 && errno != EINTR)
			return false;
	}
	return true;
}

static bool read_named(const char *name, struct secret *ret)
{
	char path[PATH_MAX], home[PATH_MAX];
	AUTO_FD fd = -1;

	if (strcmp(name, "-") == 0)
		return read_all(STDIN_FILENO, ret);
	if (text_starts(name, "~/") && home_find(home, sizeof(home))) {
		if (snprintf(path, sizeof(path), "%s%s", home, name + 1) >=
			(int)sizeof(path))
			return false;
		name = path;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read_all(fd, ret);
}

/* As az takes it: without a byte order mark and without the newlines at its end. */
static char *expanded(struct arena *a, const char *arg, size_t before, const char *name)
{
	AUTO_SECRET s = { 0 };
	const char *text;
	size_t len;
	char *ret;

	if (!read_named(name, &s))
		return NULL;
	text = secret_peek(&s);
	len = s.len;
	if (text_starts(text, "\xef\xbb\xbf")) {
		text += 3;
		len -= 3;
	}
	while (len && text[len - 1] == '\n')
		len--;
	if (memchr(text, '\0', len))
		return NULL;
	ret = arena_take(a, before + len + 1);
	if (!ret)
		return NULL;
	memcpy(ret, arg, before);
	memcpy(ret + before, text, len);
	return ret;
}

enum mitok_code expand_files(
	struct arena *a, char *const *argv, char *const **ret, struct mitok_err *e)
{
	size_t count = 0;
	char **copy;

	*ret = argv;
	while (argv[count])
		count++;
	copy = arena_take(a, (count + 1) * sizeof(*copy));
	if (!copy)
		return err_memory(e);
	for (size_t i = 0; i < count; i++) {
		const char *value = strchr(argv[i], '=');
		char *text = NULL;

		value = value ? value + 1 : argv[i];
		if (value[0] == '@' && value[1])
			text = expanded(a, argv[i], (size_t)(value - argv[i]), value + 1);
		copy[i] = text ? text : argv[i];
	}
	*ret = copy;
	return MITOK_OK;
}
