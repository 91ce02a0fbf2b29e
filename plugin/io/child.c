/* A program of the user's that is run for what it prints, and for no longer than there is
 * time.
 * SPDX-License-Identifier: MIT */
#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

/* How long to wait for output between two looks whether the child has ended: somebody else
 * may hold its output open. */
#define LOOK_MS    50

/* How long one that was killed may take to be gone. */
#define STOP_MS    1000

/* What is read of complaints at once, in pieces: all that a pipe has room for. Whoever never
 * stops complaining would otherwise keep us beyond the deadline. */
#define ERR_PIECES 64
#define ERR_PIECE  1024

extern char **environ;

void child_reply_wipe(struct child_reply *r)
{
	secret_wipe(&r->out);
	secret_wipe(&r->err);
	*r = (struct child_reply){ .end = CHILD_EXITED };
}

/* A child on its way. */
struct child {
	const struct child_ask *ask;
	pid_t pid;
	bool is_over; /* its end is known, or somebody else has taken it */
	int out, err; /* our ends; -1: at their end */
	int64_t deadline_ms;
};

static void done_child(struct child *c)
{
	file_close(&c->out);
	file_close(&c->err);
}

/* The environment with the mark in it; the array alone is the caller's. */
static char **marked(const char *mark)
{
	size_t count = 0, n = 0, name = strcspn(mark, "=") + 1;
	char **made;

	while (environ && environ[count])
		count++;
	made = calloc(count + 2, sizeof(*made));
	for (size_t i = 0; made && i < count; i++)
		if (strncmp(environ[i], mark, name) != 0)
			made[n++] = environ[i];
	if (made)
		made[n] = (char *)(uintptr_t)mark; /* only read */
	return made;
}

/* The descriptors and the folder of the child. A Python that is told to run a module looks
 * for it where it stands, which may be a hostile clone. */
static int prepare_files(posix_spawn_file_actions_t *files, int out, int err)
{
	int r = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);

	if (!r)
		r = posix_spawn_file_actions_adddup2(files, out, 1);
	if (!r)
		r = posix_spawn_file_actions_adddup2(files, err, 2);
	if (!r)
		r = posix_spawn_file_actions_addclosefrom_np(files, 3);
	return r ? r : posix_spawn_file_actions_addchdir_np(files, "/");
}

/* A group of its own, and none of this process's signals. */
static int prepare_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int r;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	r = posix_spawnattr_setpgroup(attr, 0);
	if (!r)
		r = posix_spawnattr_setsigmask(attr, &none);
	if (!r)
		r = posix_spawnattr_setsigdefault(attr, &all);
	return r ? r
		 : posix_spawnattr_setflags(attr,
			   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
				   POSIX_SPAWN_SETSIGDEF);
}

/* errno, or 0. */
static int spawn(struct child *c, int out, int err)
{
	AUTO_FREE char **env = marked(c->ask->mark);
	char *const *argv = (char *const *)(uintptr_t)c->ask->argv; /* only read */
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int r;

	if (!env || posix_spawn_file_actions_init(&files))
		return ENOMEM;
	r = posix_spawnattr_init(&attr);
	if (r) {
		(void)posix_spawn_file_actions_destroy(&files);
		return r;
	}
	r = prepare_files(&files, out, err);
	if (!r)
		r = prepare_signals(&attr);
	if (!r)
		r = posix_spawn(&c->pid, c->ask->path, &files, &attr, argv, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	return r;
}

/* A pipe: our end, which does not block, and the child's. That may not be one of the three,
 * which it is copied to: daemons close them, and new descriptors get their numbers. */
static int open_pipe(int *ret_ours, int *ret_childs)
{
	int ends[2], r = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	*ret_ours = ends[0];
	*ret_childs = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
	if (*ret_childs < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		r = errno;
	(void)close(ends[1]);
	return r;
}

static int start(struct child *c)
{
	AUTO_FD out = -1;
	AUTO_FD err = -1;
	int r = open_pipe(&c->out, &out);

	if (!r)
		r = open_pipe(&c->err, &err);
	return r ? r : spawn(c, out, err);
}

/* Whether its end is known; *ret_status as in struct child_reply. */
static bool is_over(struct child *c, int *ret_status)
{
	int status = 0;
	pid_t pid;

	if (c->is_over)
		return true;
	do
		pid = waitpid(c->pid, &status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	c->is_over = pid != 0;
	if (c->is_over)
		*ret_status = pid < 0       ? -1
			: WIFEXITED(status) ? WEXITSTATUS(status)
					    : 128 + WTERMSIG(status);
	return c->is_over;
}

/* The rest of what there is to read now; false: memory is out, or it is too much. */
static bool drain_out(struct child *c, struct child_reply *ret)
{
	while (c->out >= 0) {
		char *room = secret_room(&ret->out, 4096);
		ssize_t n = room ? read(c->out, room, 4096) : -1;

		if (!room)
			return false;
		if (n > 0)
			secret_grow(&ret->out, (size_t)n);
		if (ret->out.len > c->ask->out_max)
			return false;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (n <= 0)
			file_close(&c->out);
	}
	return true;
}

/* false: memory is out. */
static bool drain_err(struct child *c, struct child_reply *ret)
{
	char bytes[ERR_PIECE];
	bool kept = true;

	for (unsigned i = 0; kept && c->err >= 0 && i < ERR_PIECES; i++) {
		ssize_t n = read(c->err, bytes, sizeof(bytes));
		size_t room = CHILD_ERR_MAX - ret->err.len;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0)
			file_close(&c->err);
		else
			kept = secret_add(
				&ret->err, bytes, (size_t)n < room ? (size_t)n : room);
	}
	explicit_bzero(bytes, sizeof(bytes));
	return kept;
}

/* One that has become another user, as sudo does, may not be killed, and one that waits for
 * a dead file server does not go: whoever asked us is not kept by either. */
static void stop(struct child *c, enum child_end end, struct child_reply *ret)
{
	int status;

	ret->end = end;
	/* It was there just now, and is not waited for yet: its number is nobody else's. */
	if (!is_over(c, &status))
		(void)kill(-c->pid, SIGKILL);
	for (int ms = 0; !is_over(c, &status) && ms < STOP_MS; ms++)
		clock_sleep(1);
}

/* Until it has ended, or has to. */
static void attend(struct child *c, struct child_reply *ret)
{
	for (;;) {
		struct pollfd fds[2] = { { c->out, POLLIN, 0 }, { c->err, POLLIN, 0 } };
		int64_t left = c->deadline_ms - clock_now().boot_ms;
		bool over;

		if (left <= 0)
			return stop(c, CHILD_TIMEOUT, ret);
		if (c->out < 0 && c->err < 0 && left > 2)
			left = 2; /* it has closed them, and is about to end */
		(void)poll(fds, 2, (int)(left < LOOK_MS ? left : LOOK_MS));
		over = is_over(c, &ret->status);
		if (!drain_err(c, ret) || !drain_out(c, ret))
			return stop(c, CHILD_TOO_MUCH, ret);
		if (over)
			return;
	}
}

enum mitok_code child_run(
	const struct child_ask *a, struct child_reply *ret, struct mitok_err *e)
{
	__attribute__((cleanup(done_child))) struct child c = { .ask = a,
		.out = -1,
		.err = -1,
		.deadline_ms = clock_now().boot_ms + a->timeout_ms };
	int error = start(&c);

	if (error)
		return err_set(
			e, MITOK_E_CONF, "cannot run '%s': %s", a->path, strerror(error));
	attend(&c, ret);
	return MITOK_OK;
}

/* Ours are called mi-token-az and so on where all links end. */
static bool is_ours(const char *path)
{
	char real[PATH_MAX];
	const char *name = realpath(path, real) ? strrchr(real, '/') : NULL;

	return !name || text_starts(name + 1, "mi-token");
}

bool child_find(const char *path, const char *name, char ret[PATH_MAX])
{
	struct stat st;

	for (size_t len; *path; path += len + (path[len] == ':')) {
		int n;

		len = strcspn(path, ":");
		n = snprintf(ret, PATH_MAX, "%.*s/%s", (int)len, path, name);
		if (path[0] == '/' && n > 0 && n < PATH_MAX && stat(ret, &st) == 0 &&
			S_ISREG(st.st_mode) && access(ret, X_OK) == 0 && !is_ours(ret))
			return true;
	}
	return false;
}
