/* A line for the machine's log, from inside a process that is somebody else's.
 * SPDX-License-Identifier: MIT */
#include "base/journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/file.h"

/* This is not done by syslog(3), because what it does is the program's, not ours: the name
 * and the options that the program gave to openlog() (LOG_PERROR would write to its stderr)
 * and its setlogmask() would hold for our line, and where it has not opened the log, ours
 * would leave a descriptor open in it and fix the name of all its later lines. It waits
 * when the log is full, and holds a lock that a fork() in another thread leaves locked for
 * ever. One datagram by a socket of our own has none of that, and nothing to be kept or
 * cleaned up.
 *
 * There is no time in it, as RFC 3164, section 4.3.2 allows: whoever receives it puts in his
 * own, and we need not ask the C library for the time zone. */

/* One try with one kind of socket; 0 or errno. */
static int send_as(int kind, const struct sockaddr_un *to, const char *packet, size_t len)
{
	AUTO_FD fd = socket(AF_UNIX, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ssize_t sent;

	if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		return errno;
	/* In a stream, records end with NUL. */
	sent = send(fd, packet, kind == SOCK_STREAM ? len + 1 : len, MSG_NOSIGNAL);
	return sent < 0 ? errno : 0;
}

int journal_send(const char *path, bool warning, const char *line)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char packet[JOURNAL_MAX + 64];
	int error;

	if (!TEXT_COPY(to.sun_path, path))
		return ENAMETOOLONG;
	(void)snprintf(packet, sizeof(packet), "<%d>mi-token[%d]: %.*s",
		LOG_AUTHPRIV | (warning ? LOG_WARNING : LOG_INFO), (int)getpid(),
		JOURNAL_MAX, line);
	error = send_as(SOCK_DGRAM, &to, packet, strlen(packet));
	if (error == EPROTOTYPE) /* syslog-ng can be told to listen like that */
		error = send_as(SOCK_STREAM, &to, packet, strlen(packet));
	return error;
}
