/* mi-token git: what git says, what helpers are called, URLs, programs that run too long.
 * SPDX-License-Identifier: MIT */
#include "../../helper/git/git.h"
#include "../../helper/git-admin/helper.h"
#include "../../helper/git-admin/url.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "test.h"

static void versions(void)
{
	static const struct {
		const char *line;
		int number; /* 0: it is no version */
		const char *version;
	} rows[] = {
		{ "git version 2.39.5\n", 239, "2.39.5" },
		{ "git version 2.34.1", 234, "2.34.1" },
		{ "git version 2.54.0.rc1\n", 254, "2.54.0.rc1" },
		{ "git version 2.50.1 (Apple Git-155)\n", 250, "2.50.1" },
		{ "git version 2.55.0.12.g1a3e64c\n", 255, "2.55.0.12.g1a3e64c" },
		{ "git version 3.0\n", 300, "3.0" },
		{ "git version 2\n", 0, "" },
		{ "git version 2.\n", 0, "" },
		{ "git version 2.x\n", 0, "" },
		{ "git version -2.1\n", 0, "" },
		{ "git version 999999999999999999999.1\n", 0, "" },
		{ "git version \n", 0, "" },
		{ "git 2.39.5\n", 0, "" },
		{ "", 0, "" },
		{ "git version "
		  "2.1.00000000000000000000000000000000000000000000000000000000000000",
			0, "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct git g = { .number = 0 };

		CHECK_ROW(rows[i].line,
			git_parse_version(rows[i].line, &g) == (rows[i].number != 0));
		CHECK_ROW(rows[i].line, g.number == rows[i].number);
		CHECK_ROW(rows[i].line, strcmp(g.version, rows[i].version) == 0);
	}
}

static void add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s) + 1);
}

static void entries(void)
{
	AUTO_TEXT t = { 0 };
	AUTO_TEXT url = { 0 };
	struct git_entry e;
	size_t at = 0;

	add(&t, "system");
	add(&t, "file:/etc/gitconfig");
	add(&t, "credential.https://dev.azure.com/a.b.helper\nmi-token\n--odd");
	add(&t, "command");
	add(&t, "command line:");
	add(&t, "credential.helper\n");
	add(&t, "local");
	add(&t, "file:.git/config");
	add(&t, "credential.helper");
	CHECK(git_entry_next(&t, &at, &e));
	CHECK_TEXT(e.scope, "system");
	CHECK_TEXT(e.origin, "file:/etc/gitconfig");
	CHECK_TEXT(e.value, "mi-token\n--odd");
	CHECK(git_entry_url(&e, &url));
	CHECK_TEXT(text_peek(&url), "https://dev.azure.com/a.b");
	CHECK(git_entry_next(&t, &at, &e));
	CHECK_TEXT(e.scope, "command");
	CHECK_TEXT(e.key, "credential.helper");
	CHECK_TEXT(e.value, "");
	CHECK(!git_entry_url(&e, &url));
	CHECK(git_entry_next(&t, &at, &e));
	CHECK(e.value == NULL);
	CHECK(!git_entry_next(&t, &at, &e));
}

static void broken_entries(void)
{
	static const char all[] = "system\0file:/x\0credential.helper\nstore";

	for (size_t len = 0; len < sizeof(all) - 1; len++) {
		AUTO_TEXT t = { 0 };
		struct git_entry e;
		size_t at = 0;

		text_add_bytes(&t, all, len);
		CHECK(!git_entry_next(&t, &at, &e));
		CHECK(!git_entry_next(&t, &at, &e));
	}
}

static void complaints(void)
{
	static const struct {
		const char *said, *want;
	} rows[] = {
		{ "fatal: bad config line 1\n", "bad config line 1" },
		{ "warning: x\nerror: could not lock\n", "could not lock" },
		{ "one\ntwo", "two" },
		{ "fatal: \x01", "?" },
		{ "", "exit status 128" },
		{ "\n", "exit status 128" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_RUN r = { .status = 128 };
		char why[64];

		text_add(&r.err, rows[i].said);
		git_complaint(&r, why, sizeof(why));
		CHECK_TEXT(why, rows[i].want);
	}
}

static void names(void)
{
	static const struct {
		const char *value, *name, *shown;
		bool is_ours;
	} rows[] = {
		{ "mi-token", "mi-token", "mi-token", true },
		{ "mi-token --gcm", "mi-token", "mi-token --gcm", true },
		{ "/usr/bin/git-credential-mi-token", "mi-token",
			"/usr/bin/git-credential-mi-token", true },
		{ "/a\\ b/git-credential-mi-token -x", "mi-token",
			"/a\\ b/git-credential-mi-token -x", true },
		{ "mi-tokens", "mi-tokens", "mi-tokens", false },
		{ "store --file x", "store", "store", false },
		{ "/usr/lib/git-core/git-credential-store", "store", "store", false },
		{ "\"/opt/a b/git-credential-manager\"", "manager", "manager", false },
		{ "!git credential-store", "store", "a line of shell that runs store",
			false },
		{ "!git-credential-mi-token", "mi-token",
			"a line of shell that runs mi-token", false },
		{ "!echo password=x", "", "a line of shell", false },
		{ "", "", "", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT shown = { 0 };
		char name[64];

		helper_name(rows[i].value, name);
		helper_show(rows[i].value, &shown);
		CHECK_TEXT(name, rows[i].name);
		CHECK_TEXT(text_peek(&shown), rows[i].shown);
		CHECK_ROW(
			rows[i].value, helper_is_ours(rows[i].value) == rows[i].is_ours);
	}
}

static void options(void)
{
	static const struct {
		const char *value, *identity; /* NULL: it has none */
		enum auth auth;
		bool gcm;
	} rows[] = {
		{ "mi-token --identity=system", "system", AUTH_AUTO, false },
		{ "mi-token --identity system --gcm", "system", AUTH_AUTO, true },
		{ "mi-token -i b", "b", AUTH_AUTO, false },
		{ "mi-token -ib --ident c", "c", AUTH_AUTO, false },
		{ "mi-token --gc --identity='a b'", "a b", AUTH_AUTO, true },
		{ "mi-token --identity=\"a\\\"b\"", "a\"b", AUTH_AUTO, false },
		{ "mi-token --identity=a\\(1\\)", "a(1)", AUTH_AUTO, false },
		{ "mi-token --auth bearer", NULL, AUTH_BEARER, false },
		{ "/a\\ b/git-credential-mi-token --auth=basic -i ''", "", AUTH_BASIC,
			false },
		{ "mi-token", NULL, AUTH_AUTO, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_LINE l = { .args = { .auth = AUTH_AUTO } };

		CHECK_ROW(
			rows[i].value, helper_parse(rows[i].value, &l, NULL) == MITOK_OK);
		CHECK_ROW(rows[i].value,
			(l.args.identity != NULL) == (rows[i].identity != NULL));
		CHECK_TEXT(l.args.identity ? l.args.identity : "",
			rows[i].identity ? rows[i].identity : "");
		CHECK_ROW(rows[i].value, l.args.auth == rows[i].auth);
		CHECK_ROW(rows[i].value, l.args.gcm == rows[i].gcm);
	}
}

#define MANY \
	"mi-token 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4"

static void bad_options(void)
{
	static const char *const rows[] = { "mi-token --identity", "mi-token --bogus",
		"mi-token -Z", "mi-token --auth=x", "mi-token store", MANY };

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_LINE l = { .args = { .auth = AUTH_AUTO } };
		struct mitok_err e = { .code = MITOK_OK };

		CHECK_ROW(rows[i], helper_parse(rows[i], &l, &e) == MITOK_E_ARG);
		CHECK_ROW(rows[i], e.message[0]);
	}
}

/* One letter a line: m ours, s another, - empty; a capital is of the scope asked for. */
static void effects(void)
{
	static const struct {
		const char *lines;
		bool asked, asked_there;
		int reset; /* -1: none */
	} rows[] = {
		{ "", false, false, -1 },
		{ "S", false, false, -1 },
		{ "_", false, false, -1 },
		{ "M", true, true, -1 },
		{ "_M", true, true, -1 },
		{ "_MS", true, true, -1 },
		{ "_M_", false, false, 2 },
		{ "_M_S", false, false, 2 },
		{ "_M_S_", false, false, 4 },
		{ "_M_M", true, true, -1 },
		{ "_M-", false, true, 2 },
		{ "m_", false, false, 1 },
		{ "_M_m", true, false, -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct git_list list = { .count = strlen(rows[i].lines) };
		const struct git_entry *reset;

		for (size_t j = 0; j < list.count; j++) {
			char c = rows[i].lines[j];

			list.rows[j].scope = strchr("MS_", c) ? "global" : "local";
			list.rows[j].value = strchr("-_", c) ? ""
				: strchr("mM", c)            ? "mi-token"
							     : "store";
		}
		CHECK_ROW(rows[i].lines,
			helper_in_effect(&list, "global", &reset) == rows[i].asked_there);
		CHECK_ROW(rows[i].lines,
			helper_in_effect(&list, NULL, &reset) == rows[i].asked);
		CHECK_ROW(rows[i].lines,
			(reset ? (int)(reset - list.rows) : -1) == rows[i].reset);
	}
}

/* What a shell makes of it is what was meant. */
static void escapes(void)
{
	static const char *const rows[] = { "system", "a b", "$(id)", "`id`", "it's",
		"a\"b\\c", "#x;y|z&<>*?[]{}~!", "\xc3\xa4" };

	char dir[] = "/tmp/mi-token-XXXXXX", program[64];
	AUTO_TEXT path = { 0 };
	int fd;

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(program, sizeof(program), "%s/" HELPER_PROGRAM, dir);
	fd = open(program, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	CHECK(fd >= 0 && close(fd) == 0);
	text_add(&path, secure_getenv("PATH"));
	CHECK(setenv("PATH", dir, 1) == 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_TEXT value = { 0 };
		AUTO_TEXT line = { 0 };
		AUTO_RUN r = { .timeout_ms = 10000 };

		CHECK(helper_write_path(rows[i], &value, NULL) == MITOK_OK);
		text_addf(&line, "set -- %s; printf %%s \"$2\"", text_peek(&value));
		r.argv = (const char *const[]){ "/bin/sh", "-c", text_peek(&line), NULL };
		CHECK(run(&r, NULL) == MITOK_OK);
		CHECK(text_starts(text_peek(&r.out), "--identity="));
		CHECK_TEXT(text_peek(&r.out) + strlen("--identity="), rows[i]);
	}
	CHECK(setenv("PATH", text_peek(&path), 1) == 0);
	CHECK(unlink(program) == 0 && rmdir(dir) == 0);
}

static void urls(void)
{
	static const struct {
		const char *url, *host, *path;
	} rows[] = {
		{ "https://dev.azure.com", "dev.azure.com", "" },
		{ "https://dev.azure.com/", "dev.azure.com", "" },
		{ "HTTPS://DEV.azure.com:443/o/p%20q/_git/r", "DEV.azure.com:443",
			"o/p q/_git/r" },
		{ "https://org.visualstudio.com/p", "org.visualstudio.com", "p" },
		{ "https://dev.azure.com:8443/o", "dev.azure.com:8443", "o" },
		{ "https://visualstudio.com", "visualstudio.com", "" },
		{ "https://a.b.visualstudio.com", "a.b.visualstudio.com", "" },
		{ "https://org.visualstudio.com.evil.com",
			"org.visualstudio.com.evil.com", "" },
		{ "https://example.com/x", "example.com", "x" },
		{ "http://dev.azure.com", NULL, NULL },
		{ "https://u@dev.azure.com", "dev.azure.com", "" },
		{ "https://o-1@dev.azure.com:443/o/p", "dev.azure.com:443", "o/p" },
		{ "https://u:@dev.azure.com", NULL, NULL },
		{ "https://u@v@dev.azure.com", NULL, NULL },
		{ "https://u\"@dev.azure.com", NULL, NULL },
		{ "https://u:p@dev.azure.com/x", NULL, NULL },
		{ "https://dev.azure.com/x@y", "dev.azure.com", "x@y" },
		{ "https://dev.azure.com:/", NULL, NULL },
		{ "https://dev.azure.com:70000/", NULL, NULL },
		{ "https://[::1]/", NULL, NULL },
		{ "https://dev.azure.com/%2", NULL, NULL },
		{ "https://dev.azure.com/%00", NULL, NULL },
		{ "https://dev.azure.com/%ff", NULL, NULL },
		{ "https://dev.azure.com/a\nb", NULL, NULL },
		{ "https://", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct url u = { .text = "" };
		bool good = url_parse(rows[i].url, &u, NULL) == MITOK_OK;

		CHECK_ROW(rows[i].url, good == (rows[i].host != NULL));
		if (!good)
			continue;
		CHECK_TEXT(u.host, rows[i].host);
		CHECK_TEXT(u.path, rows[i].path);
	}
}

static enum mitok_code shell(const char *line, struct run *r, struct mitok_err *e)
{
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };

	r->argv = argv;
	if (!r->timeout_ms)
		r->timeout_ms = 10000;
	return run(r, e);
}

static void runs(void)
{
	AUTO_RUN r = { .input = "in" };
	AUTO_RUN killed = { 0 };

	CHECK(shell("cat; echo err >&2; exit 3", &r, NULL) == MITOK_OK);
	CHECK(r.status == 3);
	CHECK_TEXT(text_peek(&r.out), "in");
	CHECK_TEXT(text_peek(&r.err), "err\n");
	CHECK(shell("kill -PIPE $$", &killed, NULL) == MITOK_OK);
	CHECK(killed.status == 128 + 13);
}

static void bounds(void)
{
	static const struct {
		const char *line, *why;
		int timeout_ms;
		enum mitok_code want;
	} rows[] = {
		{ "exec sleep 60", "it takes too long", 100, MITOK_E_LATER },
		{ "exec >&- 2>&-; exec sleep 60", "it does not end", 100, MITOK_E_LATER },
		{ "trap '' TERM; exec sleep 60", "it takes too long", 100,
			MITOK_E_LATER },
		{ "exec yes", "it says too much", 10000, MITOK_E_BUG },
		{ "exec yes >&2", "it says too much", 10000, MITOK_E_BUG },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_RUN r = { .timeout_ms = rows[i].timeout_ms };
		struct mitok_err e = { .code = MITOK_OK };
		int64_t started_ms = clock_now().boot_ms;

		CHECK_ROW(rows[i].line, shell(rows[i].line, &r, &e) == rows[i].want);
		CHECK_ROW(rows[i].line, strstr(e.message, rows[i].why) != NULL);
		CHECK_ROW(rows[i].line, clock_now().boot_ms - started_ms < 9000);
		CHECK_ROW(rows[i].line, waitpid(-1, NULL, WNOHANG) < 0);
	}
}

/* Whether the process, which is ours to reap, ends within a second. */
static bool is_gone(pid_t pid)
{
	pid_t n = 0;

	for (int i = 0; i < 100 && n == 0; i++) {
		n = waitpid(pid, NULL, WNOHANG);
		clock_sleep(10);
	}
	return n == pid;
}

static void groups(void)
{
	static const char *const lines[] = {
		"sleep 60 & echo $!; wait",
		"(trap '' TERM; exec sleep 60) & echo $!; wait",
		"trap '' TERM; sleep 60 & echo $!; wait; wait",
	};

	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	for (size_t i = 0; i < COUNT(lines); i++) {
		AUTO_RUN r = { .timeout_ms = 200 };
		long pid;

		CHECK_ROW(lines[i], shell(lines[i], &r, NULL) == MITOK_E_LATER);
		pid = strtol(text_peek(&r.out), NULL, 10);
		CHECK_ROW(lines[i], pid > 1 && is_gone((pid_t)pid));
	}
}

static void lost(void)
{
	AUTO_RUN r = { 0 };
	struct mitok_err e = { .code = MITOK_OK };

	CHECK(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	CHECK(shell("exit 3", &r, &e) == MITOK_E_BUG);
	CHECK_TEXT(e.message, "cannot run '/bin/sh': No child processes");
	CHECK(signal(SIGCHLD, SIG_DFL) != SIG_ERR);
}

static void missing(void)
{
	const char *const argv[] = { "/nowhere/program", NULL };
	AUTO_RUN r = { .argv = argv, .timeout_ms = 1000 };
	AUTO_TEXT large = { 0 };
	struct mitok_err e = { .code = MITOK_OK };
	char path[PATH_MAX];

	CHECK(run(&r, &e) == MITOK_E_BUG);
	CHECK_TEXT(e.message, "cannot run '/nowhere/program': No such file or directory");
	for (size_t i = 0; i <= RUN_INPUT_MAX; i++)
		text_add(&large, "x");
	r.input = text_peek(&large);
	CHECK(run(&r, &e) == MITOK_E_BUG);
	CHECK(setenv("PATH", ":.:bin:/nowhere:/bin", 1) == 0);
	CHECK(run_find("sh", path));
	CHECK_TEXT(path, "/bin/sh");
	CHECK(!run_find("no-such-program", path));
	CHECK(unsetenv("PATH") == 0);
	CHECK(!run_find("sh", path));
}

static const struct test tests[] = {
	{ "git's version is read strictly", versions },
	{ "lines of git's configuration are taken apart", entries },
	{ "a list that breaks off gives no entry", broken_entries },
	{ "git's complaint is its last line", complaints },
	{ "helpers are known by their names, and lines of shell are not shown", names },
	{ "the helper's options are read as a shell and it read them", options },
	{ "options that the helper refuses are refused", bad_options },
	{ "the line that takes ours back is found, in one scope and in all", effects },
	{ "what is written for a shell is what it reads", escapes },
	{ "URLs are https, plain, and decoded as git decodes them", urls },
	{ "a program gets its input and gives its output and status", runs },
	{ "a program that runs too long or says too much is ended", bounds },
	{ "what it started is ended with it", groups },
	{ "a status that nobody can tell is a failure", lost },
	{ "what cannot be run is told, and PATH is absolute folders", missing },
};

TEST_MAIN(tests)
