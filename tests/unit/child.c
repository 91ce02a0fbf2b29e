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
	{ "what cannot be started is told", not_started },
	{ "a status that nobody keeps is not known", status_lost },
	{ "no memory is an error, and answers are wiped", without_memory },
	{ "a program is found in absolute folders, past our own", found },
};
TEST_MAIN(tests)
