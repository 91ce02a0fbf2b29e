/* The program that one of ours stands in front of in PATH.
 * SPDX-License-Identifier: MIT */
#include "real.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* Scripts that start us, and that we start, do so at most so often. */
#define COUNT_MAX 8

/* What a mark says: which process of ours became which file, for the how many-th time. */
struct mark {
	unsigned long long pid, count, dev, ino;
};

/* The number at *at, up to the character that ends it, which is passed too. */
static bool read_number(const char **at, int base, char end, unsigned long long *ret)
{
	char *rest;

	if (text_hex_digit(**at) < 0) /* nor a sign nor a space, which strtoull() takes */
		return false;
	errno = 0;
	*ret = strtoull(*at, &rest, base);
	if (errno || rest == *at || *rest != end)
		return false;
	*at = rest + 1;
	return true;
}

static struct mark read_mark(const char *name)
{
	const char *at = secure_getenv(name);
	struct mark m = { .pid = 0 };

	if (at &&
		(!read_number(&at, 10, '.', &m.pid) ||
			!read_number(&at, 10, '.', &m.count) ||
			!read_number(&at, 16, ':', &m.dev) ||
			!read_number(&at, 16, '\0', &m.ino)))
		m.count = COUNT_MAX; /* it is none of ours */
	return m;
}

static bool write_mark(const char *name, const struct mark *before, const char *path)
{
	char text[96];
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	(void)snprintf(text, sizeof(text), "%ld.%llu.%llx:%llx", (long)getpid(),
		before->count + 1, (unsigned long long)st.st_dev,
		(unsigned long long)st.st_ino);
	return setenv(name, text, 1) == 0;
}

/* A file that is passed by. */
struct file {
	unsigned long long dev, ino;
};

/* The program in one folder of PATH; false: there is none, or the folder is relative, which
 * is another one tomorrow. */
static bool look_in(
	const char *folder, const char *name, char ret[PATH_MAX], struct file *f)
{
	int n = snprintf(
		ret, PATH_MAX, "%.*s/%s", (int)strcspn(folder, ":"), folder, name);
	struct stat st;

	if (ret[0] != '/' || n < 0 || n >= PATH_MAX || stat(ret, &st) < 0 ||
		!S_ISREG(st.st_mode) || access(ret, X_OK) != 0)
		return false;
	*f = (struct file){ st.st_dev, st.st_ino };
	return true;
}

static const char *next_folder(const char *folder)
{
	folder += strcspn(folder, ":");
	return *folder ? folder + 1 : NULL;
}

/* What follows the last place of one of the files in PATH, or all of it when they have none:
 * who only ever goes on never comes back. NULL: nothing follows. */
static const char *start_in(
	const char *path, const char *name, const struct file passed[2])
{
	const char *start = path;
	char way[PATH_MAX];
	struct file f;

	for (const char *p = path; p; p = next_folder(p))
		for (int i = 0; i < 2 && look_in(p, name, way, &f); i++)
			if (f.dev == passed[i].dev && f.ino == passed[i].ino)
				start = next_folder(p);
	return start;
}

bool real_find(const char *name, const char *mark, char ret[PATH_MAX])
{
	const char *path = secure_getenv("PATH");
	struct mark m = read_mark(mark);
	struct file passed[2] = { { 0, 0 } }, f;
	struct stat us;

	if (m.count >= COUNT_MAX || stat("/proc/self/exe", &us) < 0)
		return false;
	passed[0] = (struct file){ us.st_dev, us.st_ino };
	/* A process that became a script and is us again goes past that as well. */
	passed[1] = m.pid == (unsigned long long)getpid() ? (struct file){ m.dev, m.ino }
							  : passed[0];
	path = start_in(path ? path : "/usr/bin:/bin", name, passed);
	for (; path; path = next_folder(path))
		if (look_in(path, name, ret, &f) &&
			(f.dev != passed[0].dev || f.ino != passed[0].ino))
			return write_mark(mark, &m, ret);
	return false;
}

void real_become(const char *name, const char *mark, char **argv)
{
	char path[PATH_MAX];

	if (real_find(name, mark, path))
		(void)execv(path, argv);
}
