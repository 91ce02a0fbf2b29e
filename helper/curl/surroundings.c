/* What a program is started with and we change for ourselves.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "curl.h"

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
