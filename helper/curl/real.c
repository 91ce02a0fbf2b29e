/* The curl that we stand in front of, and a start for it as if we were not there.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "curl.h"

/* Two installations of this program, each the first that the other finds, would call each
 * other for ever: who was here before stands in it, as "device:inode,". */
static const char mark[] = "MI_TOKEN_CURL_SEEN";

void surroundings_save(struct surroundings *s)
{
	struct sigaction old;

	s->umask = umask(077);
	s->posix = secure_getenv("POSIXLY_CORRECT");
	s->sigpipe = sigaction(SIGPIPE, NULL, &old) == 0 ? old.sa_handler : SIG_DFL;
	for (int fd = 0; fd <= 2; fd++)
		s->was_closed[fd] = fcntl(fd, F_GETFD) < 0;
}

void surroundings_restore(const struct surroundings *s)
{
	(void)umask((mode_t)s->umask);
	if (s->posix)
		(void)setenv("POSIXLY_CORRECT", s->posix, 1);
	(void)signal(SIGPIPE, s->sigpipe);
	for (int fd = 0; fd <= 2; fd++)
		if (s->was_closed[fd])
			(void)close(fd);
}

static void add_name(struct text *t, const struct stat *st)
{
	text_addf(t, "%llx:%llx,", (unsigned long long)st->st_dev,
		(unsigned long long)st->st_ino);
}

/* Whether the file is one of those in the list. */
static bool is_among(const char *list, const struct stat *st)
{
	AUTO_TEXT name = { 0 };
	const char *at = list;

	add_name(&name, st);
	while (text_ok(&name) && (at = strstr(at, text_peek(&name)))) {
		if (at == list || at[-1] == ',')
			return true;
		at++;
	}
	return !text_ok(&name);
}

static bool is_in(const char *folder, int len, const char *name, const char *list,
	char ret[PATH_MAX])
{
	int n = snprintf(ret, PATH_MAX, "%.*s/%s", len, folder, name);
	struct stat st;

	/* A relative folder is another one tomorrow; no token goes there. */
	return n > 0 && n < PATH_MAX && ret[0] == '/' && stat(ret, &st) == 0 &&
		S_ISREG(st.st_mode) && access(ret, X_OK) == 0 && !is_among(list, &st);
}

enum mitok_code real_find(const char *name, char ret[PATH_MAX], struct mitok_err *e)
{
	const char *path = secure_getenv("PATH");
	const char *before = secure_getenv(mark);
	AUTO_TEXT list = { 0 };
	struct stat st;

	if (before)
		text_add(&list, before);
	if (stat("/proc/self/exe", &st) == 0)
		add_name(&list, &st);
	if (!text_ok(&list) || setenv(mark, text_peek(&list), 1) < 0)
		return err_memory(e);
	for (path = path ? path : "/usr/bin:/bin"; path; path = strchr(path, ':')) {
		path += *path == ':';
		if (is_in(path, (int)strcspn(path, ":"), name, text_peek(&list), ret))
			return MITOK_OK;
	}
	return err_hint(e, err_set(e, MITOK_E_CONF, "there is no %s in PATH", name),
		"install it; relative folders do not count");
}
