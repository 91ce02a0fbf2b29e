/* The audit trail: what its lines say, when they are written, and how they get to the log.
 * SPDX-License-Identifier: MIT */
#include "core/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/journal.h"
#include "test.h"
#include "world.h"

#define GUID "11111111-2222-3333-4444-555555555555"

static const struct source source = { .name = "test" };

/* The line about a want for that resource, without who asked; lent until the next call. */
static const char *line(const char *resource, const struct identity *who,
	const struct mitok_token *t, const struct mitok_err *e)
{
	static char kept[JOURNAL_MAX + 1];
	struct want w = { .source = &source };
	struct audit_event event = { .want = &w, .token = t, .error = e };
	AUTO_TEXT text = { 0 };

	CHECK(TEXT_COPY(w.resource.value, resource));
	if (who)
		w.identity = *who;
	audit_format(&event, &text);
	CHECK(text_ok(&text) && text.len < JOURNAL_MAX);
	CHECK(text_starts(text_peek(&text), "audit uid="));
	CHECK(!text_has_control(text_peek(&text)));
	(void)snprintf(kept, sizeof(kept), "%s", strstr(text_peek(&text), " identity="));
	return kept;
}

static void facts(void)
{
	const struct identity who = { .kind = IDENTITY_CLIENT_ID, .id = GUID };
	const struct identity federated = {
		.kind = IDENTITY_SYSTEM, .app_id = GUID, .app_tenant_id = GUID
	};
	struct mitok_token t = {
		.claims = { .client_id = GUID, .object_id = "o", .token_id = "uti" },
		.expires_s = 1727279999
	};
	struct mitok_err e = {
		.code = MITOK_E_DENIED, .http_status = 400, .aadsts = 700016
	};

	CHECK_TEXT(line("https://vault.azure.net", &who, &t, NULL),
		" identity=\"client-id:" GUID "\" resource=\"https://vault.azure.net\" "
		"source=\"test\" outcome=\"ok\" http=0 aadsts=0 uti=\"uti\" "
		"client_id=\"" GUID
		"\" object_id=\"o\" expires=\"2024-09-25T15:59:59Z\"");
	CHECK_TEXT(line("r", &federated, NULL, &e),
		" identity=\"federate:" GUID "@" GUID " by system\" resource=\"r\" "
		"source=\"federate\" outcome=\"denied\" http=400 aadsts=700016 "
		"uti=\"\" client_id=\"\" object_id=\"\" expires=\"\"");
	CHECK_TEXT(line("r", &who, NULL, &e),
		" identity=\"client-id:" GUID "\" resource=\"r\" source=\"test\" "
		"outcome=\"denied\" http=400 aadsts=700016 uti=\"\" client_id=\"\" "
		"object_id=\"\" expires=\"\"");
}

/* The value of resource in the line. */
static void escaped(void)
{
	static const struct {
		const char *what, *resource, *want;
	} rows[] = {
		{ "a line", "a\nb\r", "a\\x0ab\\x0d" },
		{ "a quote", "\" uid=0", "\\x22 uid=0" },
		{ "a backslash", "\\x22", "\\x5cx22" },
		{ "escape and DEL", "\033[2J\177", "\\x1b[2J\\x7f" },
		{ "C1 in UTF-8", "\xc2\x9b", "\\xc2\\x9b" },
		{ "letters that turn round", "\xe2\x80\xae", "\\xe2\\x80\\xae" },
		{ "no UTF-8", "\xff", "\\xff" },
		{ "a token", "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln", "***" },
		{ "percent", "%s%n", "%s%n" },
		{ "nothing", "", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char want[128];

		(void)snprintf(
			want, sizeof(want), " resource=\"%s\" source=", rows[i].want);
		CHECK_ROW(rows[i].what,
			strstr(line(rows[i].resource, NULL, NULL, NULL), want));
	}
}

/* Where every value is as long as it can be, and each byte of it needs four. */
static void bounded(void)
{
	struct mitok_token t = { .expires_s = CLOCK_MAX_S };
	struct identity who = { .kind = IDENTITY_RESOURCE_ID };
	struct mitok_err e = { .code = MITOK_E_NOIDENTITY,
		.http_status = -2147483647,
		.aadsts = -2147483647 };
	char id[600], resource[1024];
	const char *text;

	memset(id, '"', sizeof(id));
	id[sizeof(id) - 1] = '\0';
	who.id = id;
	memset(resource, '\n', sizeof(resource));
	resource[sizeof(resource) - 1] = '\0';
	memset(t.claims.token_id, '\\', sizeof(t.claims.token_id) - 1);
	memset(t.claims.client_id, 1, sizeof(t.claims.client_id) - 1);
	memset(t.claims.object_id, 127, sizeof(t.claims.object_id) - 1);
	text = line(resource, &who, &t, &e);
	CHECK(strlen(text) < 1400 - 300); /* 300: the longest program, and who it was */
	CHECK(strstr(text, "\\x22...\" resource=\"\\x0a\\x0a"));
	CHECK(strstr(text, "\\x0a...\" source="));
	CHECK(strstr(text, "\\x5c...\" client_id="));
}

/* A context whose administrator wants to know. */
static struct mitok *audited(void)
{
	struct mitok *m = world_context();

	free(m->conf.audit.text);
	m->conf.audit.text = strdup("true");
	CHECK(m->conf.audit.text);
	return m;
}

static void when(void)
{
	const struct want forced = { .refresh = true };
	struct mitok_token *t = NULL;
	struct mitok_err e;
	struct mitok *m;

	world_begin();
	m = world_context();
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK && world.lines == 0);
	mitok_token_free(t);
	mitok_free(m);
	m = audited();
	CHECK(world_get(m, "s", NULL, &t, &e) == MITOK_OK && world.lines == 1);
	CHECK(!world.warning && strstr(world.line, " outcome=\"ok\""));
	mitok_token_free(t);
	CHECK(world_get(m, "s", NULL, &t, &e) == MITOK_OK && world.lines == 1);
	mitok_token_free(t);
	world.refusal = MITOK_E_LATER;
	world.status = 503;
	world.clock.boot_ms += 1000; /* what came in the same instant is new enough */
	CHECK(world_get(m, "s", &forced, &t, &e) == MITOK_E_LATER);
	CHECK(world.lines == 2 && world.warning);
	CHECK(strstr(world.line, " outcome=\"temporary\" http=503 "));
	CHECK(strstr(world.line, " expires=\"\""));
	mitok_free(m);
	CHECK(world.fetches == 3);
	CHECK(!strstr(world.line, SPY_MARK));
	world_end();
}

/* The log is full, or memory is out for the line: the request does not mind. */
static void never_fails(void)
{
	struct mitok_token *t = NULL;
	struct mitok_err e;
	struct mitok *m;

	world_begin();
	m = audited();
	world.log_errno = EAGAIN;
	CHECK(world_get(m, "r", NULL, &t, &e) == MITOK_OK);
	mitok_token_free(t);
	for (unsigned n = 1; n < 60; n++) {
		enum mitok_code r;

		t = NULL;
		spy_fail(n);
		r = world_get(m, "r", &(struct want){ .refresh = true }, &t, &e);
		spy_fail(0);
		CHECK(r == MITOK_OK || r == MITOK_E_BUG);
		CHECK((r == MITOK_OK) == (t != NULL));
		mitok_token_free(t);
	}
	mitok_free(m);
	CHECK(spy_leaks == 0);
	world_end();
}

/* A socket of that kind that a log might listen on; closed by the test. */
static int listen_as(int kind, char *path, size_t size)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, kind | SOCK_CLOEXEC, 0);

	(void)snprintf(path, size, "/tmp/mi-token-log-%d", (int)getpid());
	(void)unlink(path);
	CHECK(TEXT_COPY(at.sun_path, path));
	CHECK(bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	CHECK(kind != SOCK_STREAM || listen(fd, 4) == 0);
	return fd;
}

/* What has come there, with NUL behind it. */
static ssize_t heard(int fd, char *ret, size_t size)
{
	ssize_t n = recv(fd, ret, size - 1, MSG_DONTWAIT);

	ret[n < 0 ? 0 : n] = '\0';
	return n;
}

static void packets(void)
{
	char path[64], got[JOURNAL_MAX + 100], want[100], long_line[JOURNAL_MAX + 50];
	AUTO_FD fd = listen_as(SOCK_DGRAM, path, sizeof(path));
	ssize_t n;

	CHECK(journal_send(path, false, "a %s line") == 0);
	n = heard(fd, got, sizeof(got));
	(void)snprintf(want, sizeof(want), "<86>mi-token[%d]: a %%s line", (int)getpid());
	CHECK_TEXT(got, want);
	CHECK(n == (ssize_t)strlen(want)); /* no NUL, no newline */
	CHECK(journal_send(path, true, "x") == 0);
	CHECK(heard(fd, got, sizeof(got)) > 0 && text_starts(got, "<84>mi-token["));
	memset(long_line, 'x', sizeof(long_line));
	long_line[sizeof(long_line) - 1] = '\0';
	CHECK(journal_send(path, false, long_line) == 0);
	CHECK(heard(fd, got, sizeof(got)) > JOURNAL_MAX);
	CHECK(strlen(strchr(got, ' ') + 1) == JOURNAL_MAX);
	(void)unlink(path);
}

static void streams(void)
{
	char path[64], got[200];
	AUTO_FD fd = listen_as(SOCK_STREAM, path, sizeof(path));
	AUTO_FD peer = -1;

	CHECK(journal_send(path, false, "line") == 0);
	peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	CHECK(heard(peer, got, sizeof(got)) == (ssize_t)strlen(got) + 1);
	CHECK(text_ends_nocase(got, "]: line"));
	(void)unlink(path);
}

static void nobody_there(void)
{
	char path[64], long_path[300];
	struct moment before, after;
	int fd = listen_as(SOCK_DGRAM, path, sizeof(path)), error = 0;

	before = clock_now();
	for (int i = 0; i < 100000 && !error; i++)
		error = journal_send(path, false, "never read");
	after = clock_now();
	CHECK(error == EAGAIN);
	CHECK(after.boot_ms - before.boot_ms < 20000);
	file_close(&fd);
	CHECK(journal_send(path, false, "x") == ECONNREFUSED);
	(void)unlink(path);
	CHECK(journal_send(path, false, "x") == ENOENT);
	CHECK(journal_send("/dev/null", false, "x") == ECONNREFUSED);
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	CHECK(journal_send(long_path, false, "x") == ENAMETOOLONG);
}

/* Nothing is left open, and a child needs nothing of what its parent had. */
static void good_guest(void)
{
	char path[64], got[200], want[64];
	AUTO_FD fd = listen_as(SOCK_DGRAM, path, sizeof(path));
	int before = dup(0), after, status = -1;
	pid_t child;

	(void)close(before);
	CHECK(journal_send(path, false, "x") == 0);
	after = dup(0);
	(void)close(after);
	CHECK(before == after);
	CHECK(heard(fd, got, sizeof(got)) > 0);
	child = fork();
	if (child == 0)
		_exit(journal_send(path, false, "x"));
	CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
	CHECK(heard(fd, got, sizeof(got)) > 0);
	(void)snprintf(want, sizeof(want), "<86>mi-token[%d]: x", (int)child);
	CHECK_TEXT(got, want);
	(void)unlink(path);
}

static const struct test tests[] = {
	{ "a line has its facts in their order", facts },
	{ "no value can end its quotes or its line", escaped },
	{ "a line is bounded, whatever is in it", bounded },
	{ "each request to a source is a line, a cached token is none", when },
	{ "what cannot be written never fails a request", never_fails },
	{ "a record is as RFC 3164 wants it, one datagram", packets },
	{ "a log that listens on a stream gets it with NUL", streams },
	{ "a full, dead or missing log is told at once", nobody_there },
	{ "nothing is left open, and children write for themselves", good_guest },
};
TEST_MAIN(tests)
