/* Other programs, run without a shell: their output and their time are bounded.
 * SPDX-License-Identifier: MIT */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define OUTPUT_MAX ((size_t)256 * 1024)
#define GRACE_MS   1000 /* between being asked to end and being made to */

extern char **environ;

static const char late_output[] = "it takes too long";
static const char late_end[] = "it does not end";

struct pipe_ends {
	int read, write;
};

static void close_pipe(struct pipe_ends *p)
{
	file_close(&p->read);
	file_close(&p->write);
}
#define AUTO_PIPE __attribute__((cleanup(close_pipe))) struct pipe_ends

static bool open_pipe(struct pipe_ends *p)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return false;
	*p = (struct pipe_ends){ fds[0], fds[1] };
	return true;
}

/* What ignoring SIGPIPE is for us must not be inherited. In a group of its own, so that what
 * it started can be ended with it. */
static int spawn(const char *const *argv, const int fds[3], pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	int r = posix_spawn_file_actions_init(&actions);

	if (r)
		return r;
	r = posix_spawnattr_init(&attributes);
	if (r) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return r;
	}
	for (int i = 0; i < 3 && !r; i++)
		r = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	if (!r)
		r = posix_spawnattr_setsigdefault(&attributes, &set);
	if (!r)
		r = posix_spawnattr_setpgroup(&attributes, 0);
	if (!r)
		r = posix_spawnattr_setflags(
			&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	if (!r) /* the strings are not changed; the type is older than const */
		r = posix_spawn(ret, argv[0], &actions, &attributes,
			(char *const *)(uintptr_t)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return r;
}

static int left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_now().boot_ms;

	return left > 0 ? (int)left : 0;
}

/* Reads what is there; false: it is closed, or has said too much. */
static bool take(struct pollfd *fd, struct text *to)
{
	char buffer[4096];
	ssize_t n = read(fd->fd, buffer, sizeof(buffer));

	if (n < 0 && errno == EINTR)
		return true;
	if (n > 0)
		text_add_bytes(to, buffer, (size_t)n);
	if (n <= 0)
		fd->fd = -1;
	return to->len <= OUTPUT_MAX;
}

/* Until both are closed. NULL, or why not. */
static const char *collect(struct run *r, int out, int err, int64_t deadline_ms)
{
	struct pollfd fds[2] = { { out, POLLIN, 0 }, { err, POLLIN, 0 } };
	struct text *texts[2] = { &r->out, &r->err };

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		int n = poll(fds, 2, left_ms(deadline_ms));

		if (n == 0)
			return late_output;
		if (n < 0 && errno != EINTR)
			return strerror(errno);
		for (int i = 0; i < 2 && n > 0; i++)
			if (fds[i].fd >= 0 && fds[i].revents && !take(&fds[i], texts[i]))
				return "it says too much";
	}
	return NULL;
}

/* Waits for its end. NULL, or why not: ECHILD is that of whoever ignores SIGCHLD, and takes
 * the status with it. */
static const char *reap(pid_t pid, int64_t deadline_ms, int *ret_status)
{
	for (;;) {
		pid_t n = waitpid(pid, ret_status, WNOHANG);

		if (n == pid)
			return NULL;
		if (n < 0 && errno != EINTR)
			return strerror(errno);
		if (left_ms(deadline_ms) == 0)
			return late_end;
		clock_sleep(1);
	}
}

/* It and all that it started. */
static void end(pid_t pid)
{
	int status;

	(void)kill(-pid, SIGTERM);
	if (reap(pid, clock_now().boot_ms + GRACE_MS, &status) == late_end) {
		(void)kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	(void)kill(-pid, SIGKILL); /* what outlived the first */
}

static enum mitok_code cannot(const struct run *r, const char *why, struct mitok_err *e)
{
	bool late = why == late_output || why == late_end;

	return err_set(e, late ? MITOK_E_LATER : MITOK_E_BUG, "cannot run '%s': %s",
		r->argv[0], why);
}

enum mitok_code run(struct run *r, struct mitok_err *e)
{
	AUTO_PIPE in = { -1, -1 };
	AUTO_PIPE out = { -1, -1 };
	AUTO_PIPE err = { -1, -1 };
	int64_t deadline_ms = clock_now().boot_ms + r->timeout_ms;
	size_t len = r->input ? strlen(r->input) : 0;
	const char *why;
	int status = 0, n;
	pid_t pid = -1;

	if (len > RUN_INPUT_MAX)
		return cannot(r, "its input is too long", e);
	if (!open_pipe(&in) || !open_pipe(&out) || !open_pipe(&err))
		return cannot(r, strerror(errno), e);
	if (len && !file_write_all(in.write, r->input, len))
		return cannot(r, strerror(errno), e);
	n = spawn(r->argv, (const int[3]){ in.read, out.write, err.write }, &pid);
	if (n)
		return cannot(r, strerror(n), e);
	close_pipe(&in);
	file_close(&out.write);
	file_close(&err.write);
	why = collect(r, out.read, err.read, deadline_ms);
	if (!why)
		why = reap(pid, deadline_ms, &status);
	if (why) {
		end(pid);
		return cannot(r, why, e);
	}
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return text_ok(&r->out) && text_ok(&r->err) ? MITOK_OK : err_memory(e);
}

void run_free(struct run *r)
{
	text_free(&r->out);
	text_free(&r->err);
}

bool run_find(const char *name, char ret[PATH_MAX])
{
	const char *at = secure_getenv("PATH");

	for (size_t len; at; at = at[len] ? at + len + 1 : NULL) {
		int n;

		len = strcspn(at, ":");
		if (*at != '/') /* what is in the current folder is anybody's */
			continue;
		n = snprintf(ret, PATH_MAX, "%.*s/%s", (int)len, at, name);
		if (n > 0 && n < PATH_MAX && access(ret, X_OK) == 0)
			return true;
	}
	return false;
}
