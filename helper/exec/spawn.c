/* Starts the programs of ours that stay in the background while a command runs.
 * SPDX-License-Identifier: MIT */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../process.h"
#include "base/file.h"
#include "lifeline.h"

bool spawn_find(const char *name, char ret[PATH_MAX])
{
	char folder[PATH_MAX];
	const char *const folders[] = { process_folder(folder) ? folder : NULL,
		MI_TOKEN_PROGRAMS };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		int n = folders[i] ? snprintf(ret, PATH_MAX, "%s/%s", folders[i], name)
				   : 0;

		if (n > 0 && n < PATH_MAX && access(ret, X_OK) == 0)
			return true;
	}
	return false;
}

enum mitok_code spawn_lifeline(int *ret, struct mitok_err *e)
{
	int ends[2];

	*ret = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (*ret >= 0)
		return MITOK_OK; /* it is closed when the command begins */
	if (pipe(ends) || fcntl(ends[0], F_SETFD, FD_CLOEXEC))
		return err_set(e, MITOK_E_BUG, "cannot make a pipe: %s", strerror(errno));
	*ret = ends[0];
	return MITOK_OK;
}

/* Ends as soon as it can, so that nothing of ours is left in the child. */
static void become(const char *path, const char *const *argv, int lifeline, int out)
{
	char number[16];
	const char *full[64];
	size_t n = 0;

	(void)snprintf(number, sizeof(number), "%d", lifeline);
	full[n++] = argv[0];
	full[n++] = "--lifeline";
	full[n++] = number;
	for (argv++; *argv && n < sizeof(full) / sizeof(*full) - 1; argv++)
		full[n++] = *argv;
	full[n] = NULL;
	if (*argv || fcntl(lifeline, F_SETFD, 0) || dup2(out, STDOUT_FILENO) < 0)
		return;
	(void)execv(path, (char *const *)(uintptr_t)full);
}

static bool read_all(int fd, struct secret *ret)
{
	for (;;) {
		char *room = secret_room(ret, 1024);
		ssize_t n = room ? read(fd, room, 1024) : 0;

		if (n > 0)
			secret_grow(ret, (size_t)n);
		else if (!room || n == 0 || errno != EINTR)
			return room && n == 0;
	}
}

/* The exit status, as a code; whoever ignores SIGCHLD gets none. */
static int wait_for(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* SIGCHLD may be ignored by who called us, and is to stay so for the command. */
static pid_t fork_waitable(struct sigaction *ret_old)
{
	const struct sigaction plain = { .sa_handler = SIG_DFL };

	(void)sigaction(SIGCHLD, &plain, ret_old);
	return fork();
}

enum mitok_code spawn(
	const char *const *argv, int lifeline, struct secret *ret, struct mitok_err *e)
{
	char path[PATH_MAX];
	struct sigaction old;
	bool whole;
	int ends[2], status;
	pid_t child;

	if (!spawn_find(argv[0], path)) {
		(void)err_set(e, MITOK_E_BUG, "there is no %s", argv[0]);
		return err_hint(
			e, MITOK_E_BUG, "install the part of mi-token that has it");
	}
	if (pipe2(ends, O_CLOEXEC))
		return err_set(e, MITOK_E_BUG, "cannot make a pipe: %s", strerror(errno));
	child = fork_waitable(&old);
	if (child == 0) {
		become(path, argv, lifeline, ends[1]);
		_exit(MITOK_E_BUG);
	}
	(void)close(ends[1]);
	whole = child > 0 && read_all(ends[0], ret);
	(void)close(ends[0]);
	status = child > 0 ? wait_for(child) : -1;
	(void)sigaction(SIGCHLD, &old, NULL);
	if (status < 0 || (!status && !whole))
		return err_set(e, MITOK_E_BUG, "cannot run %s", argv[0]);
	return (enum mitok_code)status;
}

enum mitok_code spawn_self(bool *ret_is_new, struct mitok_err *e)
{
	struct sigaction old;
	pid_t child = fork_waitable(&old);
	bool failed;

	*ret_is_new = child == 0;
	if (child == 0) {
		child = fork();
		if (child)
			_exit(child < 0);
		lifeline_detach(false);
		return MITOK_OK;
	}
	failed = child < 0 || wait_for(child) != 0;
	(void)sigaction(SIGCHLD, &old, NULL);
	return failed ? err_set(e, MITOK_E_LATER, "cannot start a process") : MITOK_OK;
}
