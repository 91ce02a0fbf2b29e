/* Processes in the background that end with somebody else's.
 * SPDX-License-Identifier: MIT */
#include "lifeline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

enum mitok_code lifeline_parse(const char *text, int *ret, struct mitok_err *e)
{
	int64_t fd = -1;

	if (text &&
		(!text_to_number(text, 3, 1 << 20, &fd) ||
			fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0))
		return err_set(e, MITOK_E_ARG,
			"--lifeline wants the number of an open descriptor from 3 on");
	*ret = (int)fd;
	return MITOK_OK;
}

void lifeline_close_others(int keep, int also)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		int64_t fd;

		if (text_to_number(entry->d_name, 3, INT32_MAX, &fd) && fd != keep &&
			fd != also && fd != dirfd(d))
			(void)close((int)fd);
	}
	if (d)
		(void)closedir(d);
}

void lifeline_detach(bool keep_stderr)
{
	static const int deaf[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGPIPE };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	for (size_t i = 0; i < sizeof(deaf) / sizeof(*deaf); i++)
		(void)signal(deaf[i], SIG_IGN);
	for (int fd = 0; fd <= (keep_stderr ? 1 : 2); fd++)
		if (null < 0 || dup2(null, fd) < 0)
			(void)close(fd);
	if (null > 2)
		(void)close(null);
}

bool lifeline_wait(int lifeline, int also, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = lifeline, .events = POLLIN },
		{ .fd = also, .events = POLLIN } };

	if (poll(fds, 2, timeout_ms) < 0)
		return errno != EINTR && errno != EAGAIN;
	return fds[0].revents != 0;
}
