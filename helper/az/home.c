/* Whose settings these are: home, and what lies in it.
 * SPDX-License-Identifier: MIT */
#include "home.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

const char *home_env(const char *name)
{
	const char *value = secure_getenv(name);

	return value && *value ? value : NULL;
}

bool home_find(char *ret, size_t size)
{
	const char *home = home_env("HOME");
	struct passwd pw, *found = NULL;
	char buffer[4096];

	if (home && *home == '/')
		return text_copy(ret, size, home);
	return getpwuid_r(geteuid(), &pw, buffer, sizeof(buffer), &found) == 0 && found &&
		pw.pw_dir[0] == '/' && text_copy(ret, size, pw.pw_dir);
}

static bool join(char *ret, size_t size, const char *folder, const char *below)
{
	int n = snprintf(ret, size, "%s%s", folder, below);

	return n > 0 && (size_t)n < size;
}

bool home_state(char *ret, size_t size)
{
	const char *own = home_env("AZURE_CONFIG_DIR"),
		   *state = home_env("XDG_STATE_HOME");
	char home[PATH_MAX];

	if (own)
		return join(ret, size, own, "/mi-token-az");
	if (state && *state == '/')
		return join(ret, size, state, "/mi-token/az");
	return home_find(home, sizeof(home)) &&
		join(ret, size, home, "/.local/state/mi-token/az");
}

bool home_config(char *ret, size_t size)
{
	const char *own = home_env("AZURE_CONFIG_DIR");
	char home[PATH_MAX];

	if (own)
		return join(ret, size, own, "/config");
	return home_find(home, sizeof(home)) && join(ret, size, home, "/.azure/config");
}

/* The folders above the file that are not there. */
static void make_folders(const char *path)
{
	char folder[PATH_MAX];

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(p - path), path);
		(void)mkdir(folder, 0700);
	}
}

static enum mitok_code cannot(const char *path, struct mitok_err *e)
{
	return err_set(e, MITOK_E_CONF, "cannot write '%s': %s", path, strerror(errno));
}

enum mitok_code home_write(
	const char *path, const char *text, size_t len, struct mitok_err *e)
{
	char next[PATH_MAX];
	int n = snprintf(next, sizeof(next), "%s.%ld", path, (long)getpid());
	AUTO_FD fd = -1;

	if (n < 0 || n >= (int)sizeof(next)) {
		errno = ENAMETOOLONG;
		return cannot(path, e);
	}
	make_folders(path);
	(void)unlink(next); /* of a process that had our number and died */
	fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot(path, e);
	if (!file_write_all(fd, text, len) || rename(next, path) < 0) {
		(void)cannot(path, e);
		(void)unlink(next);
		return MITOK_E_CONF;
	}
	return MITOK_OK;
}
