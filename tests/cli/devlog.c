/* Listens where a system's log does, and keeps what comes.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

static int die(const char *what)
{
	fprintf(stderr, "devlog: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Records into the file, each ended by a newline; a byte in them that would look like one
 * is made visible. */
static void keep(int out, const char *data, size_t len)
{
	char line[8192];
	size_t used = 0;

	for (size_t i = 0; i < len && used < sizeof(line) - 1; i++)
		line[used++] = (char)(data[i] == '\n' ? '\v' : data[i]);
	line[used++] = '\n';
	if (!file_write_all(out, line, used))
		die("write");
}

/* One connection of a stream, whose records end with NUL. */
static void keep_stream(int listener, int out)
{
	AUTO_FD fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	char data[8192], *at = data;
	ssize_t n = 0;
	size_t len = 0;

	while (fd >= 0 && (n = read(fd, data + len, sizeof(data) - 1 - len)) > 0)
		len += (size_t)n;
	data[len] = '\0';
	for (; at < data + len; at += strlen(at) + 1)
		keep(out, at, strlen(at));
}

/* The child goes on, without the terminal and what the caller waits for. */
static void background(void)
{
	pid_t child = fork();
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (child < 0 || null < 0)
		die("fork");
	if (child > 0) {
		printf("%d\n", (int)child);
		exit(0);
	}
	for (int i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			_exit(1);
}

int main(int argc, char **argv)
{
	bool stream = argc == 4 && strcmp(argv[1], "stream") == 0;
	bool deaf = argc == 4 && strcmp(argv[1], "deaf") == 0;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char data[8192];
	int fd, out;

	if (argc != 4 || !TEXT_COPY(at.sun_path, argv[2])) {
		fputs("usage: devlog datagram|stream|deaf SOCKET FILE\n"
		      "Each record becomes a line of FILE; deaf: none is ever read, and "
		      "there is room for few.\n"
		      "Goes into the background when it listens and prints its process "
		      "id.\n",
			stderr);
		return 2;
	}
	fd = socket(AF_UNIX, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	out = open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	(void)unlink(at.sun_path);
	if (fd < 0 || out < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
		chmod(at.sun_path, 0666) < 0 || (stream && listen(fd, 8) < 0))
		die(argv[2]);
	background();
	for (;;) {
		ssize_t n;

		if (deaf) {
			(void)pause();
		} else if (stream) {
			keep_stream(fd, out);
		} else {
			n = recv(fd, data, sizeof(data), 0);
			if (n >= 0)
				keep(out, data, (size_t)n);
		}
	}
}
