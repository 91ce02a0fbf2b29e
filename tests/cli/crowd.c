/* Starts a command many times at the same moment, and tells how it went.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

static int die(const char *what)
{
	fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void open_as(const char *dir, long n, const char *suffix, int as)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%ld.%s", dir, n, suffix);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, as) < 0)
		die(path);
}

/* A child waits for the end of the pipe, which all children see together. */
static void start(const char *dir, long n, const int gate[2], char *const *argv)
{
	pid_t child = fork();
	char byte;

	if (child < 0)
		die("fork");
	if (child > 0)
		return;
	(void)close(gate[1]);
	open_as(dir, n, "out", STDOUT_FILENO);
	open_as(dir, n, "err", STDERR_FILENO);
	while (read(gate[0], &byte, 1) < 0 && errno == EINTR)
		continue;
	execvp(argv[0], argv);
	die(argv[0]);
}

int main(int argc, char **argv)
{
	long count = argc > 3 ? strtol(argv[1], NULL, 10) : 0, statuses[256] = { 0 };
	int64_t begin;
	int gate[2], status;

	if (count < 1) {
		fputs("usage: crowd COUNT DIRECTORY COMMAND [ARGUMENT]...\n"
		      "Leaves N.out and N.err there; prints `COUNT with status S` for "
		      "each status\nand the milliseconds until the last one ended.\n",
			stderr);
		return 2;
	}
	if (pipe2(gate, O_CLOEXEC) < 0)
		die("pipe");
	for (long n = 0; n < count; n++)
		start(argv[2], n, gate, argv + 3);
	begin = clock_now().boot_ms;
	(void)close(gate[1]);
	while (wait(&status) > 0)
		statuses[WIFEXITED(status) ? WEXITSTATUS(status)
					   : 128 + WTERMSIG(status)]++;
	for (int i = 0; i < 256; i++)
		if (statuses[i])
			printf("%ld with status %d\n", statuses[i], i);
	printf("%lld\n", (long long)(clock_now().boot_ms - begin));
	return 0;
}
