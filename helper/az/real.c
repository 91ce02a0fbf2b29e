/* Microsoft's own az, for what ours does not know.
 * SPDX-License-Identifier: MIT */
#include "real.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "home.h"

/* In the environment of what we become: by which process, and how often by now. */
#define MARK     "MI_TOKEN_AZ"
#define MARK_MAX 8 /* a script called az that calls us, which calls it */

/* Whether this is a way to our own file: another name, or a link. */
static bool is_us(const char *path, const struct stat *us)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_dev == us->st_dev && st.st_ino == us->st_ino;
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The way of one folder of PATH to the program; false: there is none, or it is relative. */
static bool path_in(const char *folder, size_t len, const char *name, char ret[PATH_MAX])
{
	int n = snprintf(ret, PATH_MAX, "%.*s/%s", (int)len, folder, name);

	return *folder == '/' && n > 0 && n < PATH_MAX && is_program(ret);
}

/* What follows our last place in PATH, or all of it when we have none there: who only ever
 * goes on never comes back. */
static const char *start_in(const char *path, const char *name, const struct stat *us)
{
	const char *start = path;
	char way[PATH_MAX];

	for (const char *p = path; *p; p += strcspn(p, ":"), p += *p == ':')
		if (path_in(p, strcspn(p, ":"), name, way) && is_us(way, us))
			start = p + strcspn(p, ":");
	return start;
}

/* Whether we were started by one of us in this very process, or over and over. */
static bool comes_again(bool in_path, unsigned *ret_count)
{
	const char *mark = home_env(MARK), *dot = mark ? strchr(mark, '.') : NULL;
	char digits[24] = "";
	int64_t pid = 0, count = 0;

	if (dot)
		(void)snprintf(digits, sizeof(digits), "%.*s", (int)(dot - mark), mark);
	if (mark &&
		(!text_to_number(digits, 1, INT32_MAX, &pid) ||
			!text_to_number(dot + 1, 1, MARK_MAX, &count)))
		count = MARK_MAX;
	*ret_count = (unsigned)count;
	return *ret_count >= MARK_MAX || (!in_path && pid == getpid());
}

void real_run(const char *name, char **argv)
{
	const char *path = home_env("PATH");
	char way[PATH_MAX], mark[64];
	const char *start;
	struct stat us;
	unsigned count;

	if (!path || stat("/proc/self/exe", &us) < 0)
		return;
	start = start_in(path, name, &us);
	if (comes_again(start != path, &count))
		return;
	(void)snprintf(mark, sizeof(mark), "%ld.%u", (long)getpid(), count + 1);
	for (const char *p = start; *p; p += strcspn(p, ":")) {
		p += *p == ':';
		if (!path_in(p, strcspn(p, ":"), name, way) || is_us(way, &us))
			continue;
		(void)setenv(MARK, mark, 1);
		(void)execv(way, argv);
		return;
	}
}
