/* Running a program: its answer, its end, its time, and whom it is found by.
 * SPDX-License-Identifier: MIT */
#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#include "test.h"

static enum mitok_code run(const char *script, int64_t timeout_ms,
	struct child_reply *ret, struct mitok_err *e)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	const struct child_ask ask = { .path = "/bin/sh",
		.argv = argv,
		.mark = "CHILD_TEST=on",
		.timeout_ms = timeout_ms,
		.out_max = 100000 };

	return child_run(&ask, ret, e);
}

static void answers(void)
{
	static const struct {
		const char *script, *out, *err;
		int status;
	} rows[] = {
		{ "echo out; echo err >&2", "out\n", "err\n", 0 },
		{ "exit 3", "", "", 3 },
		{ "kill -9 $$", "", "", 137 },
		{ "echo $CHILD_TEST; pwd; cat", "on\n/\n", "", 0 },
		/* The fourth is that of the folder itself. */
		{ "ls /proc/self/fd | wc -l", "4\n", "", 0 },
		{ "head -c 90000 /dev/zero | tr '\\0' x | wc -c", "90000\n", "", 0 },
		/* Who keeps its output open does not keep us. */
		{ "sleep 20 & echo done", "done\n", "", 0 },
		{ "exec >&- 2>&-; sleep 0.1; exit 4", "", "", 4 },
	};
	int inherited = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_CHILD r = { .end = CHILD_EXITED };
		struct mitok_err e = { 0 };

		CHECK_ROW(rows[i].script, run(rows[i].script, 15000, &r, &e) == MITOK_OK);
		CHECK_ROW(rows[i].script,
			r.end == CHILD_EXITED && r.status == rows[i].status);
		CHECK_TEXT(secret_peek(&r.out), rows[i].out);
		CHECK_TEXT(secret_peek(&r.err), rows[i].err);
	}
	(void)close(inherited);
}

/* The group that pid leads has nobody left: what was killed needs a moment to go. */
static bool is_gone(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		if (kill(-pid, 0) < 0 && errno == ESRCH)
			return true;
		clock_sleep(10);
	}
	return false;
}

static void killed(void)
{
	int64_t start = clock_now().boot_ms;
	AUTO_CHILD r = { .end = CHILD_EXITED };
	AUTO_CHILD s = { .end = CHILD_EXITED };
	struct mitok_err e = { 0 };

	CHECK(run("trap '' TERM; sleep 30 & echo $$; sleep 30; echo late", 300, &r, &e) ==
		MITOK_OK);
	CHECK(r.end == CHILD_TIMEOUT);
	CHECK(clock_now().boot_ms - start < 10000);
	CHECK(is_gone((pid_t)strtol(secret_peek(&r.out), NULL, 10)));
	CHECK(run("yes", 15000, &s, &e) == MITOK_OK && s.end == CHILD_TOO_MUCH);
}

static void long_complaints(void)
{
	AUTO_CHILD r = { .end = CHILD_EXITED };
	struct mitok_err e = { 0 };

	CHECK(run("head -c 300000 /dev/zero | tr '\\0' e >&2; echo ok", 15000, &r, &e) ==
		MITOK_OK);
	CHECK(r.err.len == CHILD_ERR_MAX);
	CHECK_TEXT(secret_peek(&r.out), "ok\n");
}

/* Complaints without end: there is always something to read. */
static void endless_complaints(void)
{
	int64_t start = clock_now().boot_ms;
	AUTO_CHILD r = { .end = CHILD_EXITED };
	struct mitok_err e = { 0 };

	CHECK(run("for i in 1 2 3 4; do cat /dev/zero >&2 & done; wait", 300, &r, &e) ==
		MITOK_OK);
	CHECK(r.end == CHILD_TIMEOUT);
	CHECK(clock_now().boot_ms - start < 5000);
}

/* Daemons close the first three, and other descriptors get their numbers. */
static void without_standard_descriptors(void)
{
	AUTO_CHILD r = { .end = CHILD_EXITED };
	struct mitok_err e = { 0 };
	int kept[3];
	enum mitok_code code;

	for (int i = 0; i < 3; i++) {
		kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		(void)close(i);
	}
	code = run("echo out; echo err >&2; ls /proc/self/fd | wc -l", 15000, &r, &e);
	for (int i = 0; i < 3; i++) {
		(void)dup2(kept[i], i);
		(void)close(kept[i]);
	}
	CHECK(code == MITOK_OK && r.status == 0);
	CHECK_TEXT(secret_peek(&r.out), "out\n4\n");
	CHECK_TEXT(secret_peek(&r.err), "err\n");
}

/* As another user, who runs a program that becomes root, as sudo does. */
static bool ends_in_time(const char *program)
{
	const char *argv[] = { "x", "--reuid", "0", "--regid", "0", "--clear-groups",
		"sleep", "3", NULL };
	const struct child_ask ask = { .path = program,
		.argv = argv,
		.mark = "A=1",
		.timeout_ms = 300,
		.out_max = 10 };
	int64_t start = clock_now().boot_ms;
	struct child_reply r = { .end = CHILD_EXITED };

	return setgid(65534) == 0 && setuid(65534) == 0 &&
		child_run(&ask, &r, NULL) == MITOK_OK && r.end == CHILD_TIMEOUT &&
		clock_now().boot_ms - start < 2500;
}

static void may_not_be_killed(void)
{
	char dir[] = "/tmp/mi-token-child-XXXXXX", path[512], script[1200];
	AUTO_CHILD r = { .end = CHILD_EXITED };
	int status = 0;
	pid_t pid;

	if (geteuid() != 0 || access("/usr/bin/setpriv", X_OK) < 0)
		return;
	CHECK(mkdtemp(dir) && chmod(dir, 0755) == 0);
	(void)snprintf(path, sizeof(path), "%s/x", dir);
	(void)snprintf(script, sizeof(script), "cp /usr/bin/setpriv %s && chmod 4755 %s",
		path, path);
	CHECK(run(script, 15000, &r, NULL) == MITOK_OK && r.status == 0);
	pid = fork();
	if (pid == 0)
		_exit(!ends_in_time(path));
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(unlink(path) == 0 && rmdir(dir) == 0);
}

static void not_started(void)
{
	const char *argv[] = { "x", NULL };
	const struct child_ask ask = { .path = "/nonexistent/x",
		.argv = argv,
		.mark = "A=1",
		.timeout_ms = 1000,
		.out_max = 10 };
	AUTO_CHILD r = { .end = CHILD_EXITED };
	struct mitok_err e = { 0 };

	CHECK(child_run(&ask, &r, &e) == MITOK_E_CONF);
	CHECK_TEXT(e.message, "cannot run '/nonexistent/x': No such file or directory");
}

/* A host program may not want to know how its children end. */
static void status_lost(void)
{
	AUTO_CHILD r = { .end = CHILD_EXITED };
	struct mitok_err e = { 0 };

	(void)signal(SIGCHLD, SIG_IGN);
	CHECK(run("echo out; exit 3", 15000, &r, &e) == MITOK_OK);
	(void)signal(SIGCHLD, SIG_DFL);
	CHECK(r.end == CHILD_EXITED && r.status == -1);
	CHECK_TEXT(secret_peek(&r.out), "out\n");
}

static void without_memory(void)
{
	spy_leaks = 0;
	for (unsigned n = 0;; n++) {
		AUTO_CHILD r = { .end = CHILD_EXITED };
		enum mitok_code code;
		unsigned count;

		spy_fail(n);
		code = run("echo " SPY_MARK, 15000, &r, NULL);
		count = spy_allocations;
		spy_fail(0);
		CHECK(n != 0 || (code == MITOK_OK && r.end == CHILD_EXITED));
		if (n && n > count)
			break;
	}
	CHECK(spy_leaks == 0);
}

static void make(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && fchmod(fd, mode) == 0);
	(void)close(fd);
}

static void found(void)
{
	char dir[] = "/tmp/mi-token-child-XXXXXX", path[512], ret[PATH_MAX];
	AUTO_CHILD r = { .end = CHILD_EXITED };

	CHECK(mkdtemp(dir) && chdir(dir) == 0);
	CHECK(mkdir("ours", 0700) == 0 && mkdir("plain", 0700) == 0);
	CHECK(mkdir("folder", 0700) == 0 && mkdir("folder/az", 0700) == 0);
	CHECK(mkdir("real", 0700) == 0);
	make("mi-token-az", 0700);
	make("plain/az", 0600);
	make("real/az", 0700);
	CHECK(symlink("../mi-token-az", "ours/az") == 0);
	(void)snprintf(path, sizeof(path), "real:%s:%s/ours::%s/plain:%s/folder:%s/real",
		dir, dir, dir, dir, dir);
	CHECK(child_find(path, "az", ret));
	(void)snprintf(path, sizeof(path), "%s/real/az", dir);
	CHECK_TEXT(ret, path);
	(void)snprintf(path, sizeof(path), "%s/ours:real:.", dir);
	CHECK(!child_find(path, "az", ret));
	CHECK(!child_find("", "az", ret));
	(void)snprintf(path, sizeof(path), "rm -r %s", dir);
	CHECK(chdir("/") == 0);
	CHECK(run(path, 15000, &r, NULL) == MITOK_OK && r.status == 0);
}

static const struct test tests[] = {
	{ "output, complaints and status come back", answers },
	{ "what takes too long or says too much is killed with its group", killed },
	{ "of long complaints the beginning is kept", long_complaints },
	{ "complaints without end take no longer than there is time",
		endless_complaints },
	{ "a host without standard descriptors is none to it",
		without_standard_descriptors },
	{ "what may not be killed is not waited for", may_not_be_killed },
	{ "what cannot be started is told", not_started },
	{ "a status that nobody keeps is not known", status_lost },
	{ "no memory is an error, and answers are wiped", without_memory },
	{ "a program is found in absolute folders, past our own", found },
};
TEST_MAIN(tests)
