/* Times two commands against each other.
 * SPDX-License-Identifier: MIT
 *
 * ratio RUNS -- COMMAND... -- COMMAND...: runs two commands in turn, so that whatever else
 * the machine does hits both, and prints
 *
 *	<median of the first, us> <of the second, us> <ratio> <peak memory of the second, KiB>
 *
 * The second is the one in question, the first its measure. Their stdout goes to /dev/null.
 * Each run reads a file on stdin from its beginning. A command that fails ends it with
 * status 1. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Every run's stdin and stdout. Ours is opened anew by its name: a descriptor would be at
 * the end of the file after the first run. */
static int redirect(posix_spawn_file_actions_t *ret)
{
	static char own[40]; /* kept by name */
	struct stat st;

	(void)posix_spawn_file_actions_init(ret);
	(void)posix_spawn_file_actions_addopen(
		ret, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (fstat(STDIN_FILENO, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	(void)snprintf(own, sizeof(own), "/proc/%d/fd/0", (int)getpid());
	return posix_spawn_file_actions_addopen(ret, STDIN_FILENO, own, O_RDONLY, 0);
}

/* The time from spawn to end; -1 when it failed. *peak_kib only grows. */
static double run(char **argv, const posix_spawn_file_actions_t *quiet, long *peak_kib)
{
	double start = now_us();
	struct rusage use;
	int status;
	pid_t pid;

	if (!argv[0] || posix_spawnp(&pid, argv[0], quiet, NULL, argv, environ) != 0 ||
		wait4(pid, &status, 0, &use) != pid || status != 0)
		return -1;
	if (use.ru_maxrss > *peak_kib)
		*peak_kib = use.ru_maxrss;
	return now_us() - start;
}

static int compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static int measure(char **first, char **second, size_t runs)
{
	posix_spawn_file_actions_t quiet;
	double *times[2] = { calloc(runs, sizeof(double)), calloc(runs, sizeof(double)) };
	char **commands[2] = { first, second };
	long peak_kib[2] = { 0, 0 };
	int r = redirect(&quiet) == 0 && times[0] && times[1] ? 0 : 1;

	for (size_t i = 0; i < runs && !r; i++)
		for (int which = 0; which < 2; which++) {
			times[which][i] = run(commands[which], &quiet, &peak_kib[which]);
			if (times[which][i] < 0) {
				fprintf(stderr, "ratio: %s failed\n", commands[which][0]);
				r = 1;
			}
		}
	if (!r) {
		qsort(times[0], runs, sizeof(double), compare);
		qsort(times[1], runs, sizeof(double), compare);
		printf("%.0f %.0f %.2f %ld\n", times[0][runs / 2], times[1][runs / 2],
			times[1][runs / 2] / times[0][runs / 2], peak_kib[1]);
	}
	(void)posix_spawn_file_actions_destroy(&quiet);
	free(times[0]);
	free(times[1]);
	return r;
}

int main(int argc, char **argv)
{
	char **second = NULL;
	long runs = argc > 4 ? strtol(argv[1], NULL, 10) : 0;

	for (int i = 3; i < argc && !second; i++)
		if (strcmp(argv[i], "--") == 0) {
			argv[i] = NULL;
			second = argv + i + 1;
		}
	if (runs < 1 || strcmp(argv[2], "--") != 0 || !argv[3] || !second || !*second) {
		fprintf(stderr, "usage: ratio RUNS -- COMMAND... -- COMMAND...\n");
		return 2;
	}
	return measure(argv + 3, second, (size_t)runs);
}
