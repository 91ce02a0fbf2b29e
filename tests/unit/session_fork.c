/* Sessions over fork(): the child lets go of its parent's connection, and the parent does
 * not notice.
 * SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "kept.h"
#include "server.h"
#include "test.h"

static struct cert cert;
static struct kept server;

/* Each test runs over TLS and without. */
static const struct {
	const struct cert *cert;
} ways[] = { { NULL }, { &cert } };

static void start(size_t way, const enum kept_step *steps, unsigned count)
{
	server.cert = ways[way].cert;
	server.steps = steps;
	server.count = count;
	kept_start(&server);
}

static struct http_session *begin(void)
{
	struct http_session *s = NULL;

	CHECK(http_session_new(&s, NULL) == MITOK_OK && s);
	return s;
}

static enum mitok_code ask(struct http_session *s, struct http_reply *ret)
{
	char url[64];
	struct http_request rq = { .session = s,
		.method = "GET",
		.url = url,
		.flags = HTTP_LOCAL,
		.timeout_ms = 20000 };

	(void)snprintf(url, sizeof(url), "%s://localhost:%d/x",
		server.cert ? "https" : "http", server.port);
	rq.ca = server.cert ? server.cert->pem : NULL;
	return http_exchange(NULL, &rq, ret, NULL);
}

static bool goes_on(struct http_session *s, bool is_reused)
{
	AUTO_REPLY r = { 0 };

	return ask(s, &r) == MITOK_OK && r.status == 200 && r.was_reused == is_reused;
}

/* Runs do_it in a child with this process's session; true when that returned true. */
static bool in_child(bool (*do_it)(struct http_session *s), struct http_session *s)
{
	int status = -1;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)alarm(20);
		_exit(do_it(s) ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool abandons(struct http_session *s)
{
	struct http_session *own;
	bool good;

	http_session_abandon(s);
	good = kept_client(&server) < 0;
	own = begin();
	good = good && goes_on(own, false) && goes_on(own, true);
	http_session_free(own);
	return good && kept_client(&server) < 0;
}

static bool frees(struct http_session *s)
{
	http_session_free(s);
	return kept_client(&server) < 0;
}

/* What a daemon does: all descriptors are closed, the numbers stand for other files. */
static bool closes_first(struct http_session *s)
{
	int number = kept_client(&server), file = memfd_create("other", MFD_CLOEXEC);
	bool good = number >= 0 && file >= 0 && dup2(file, number) == number;

	http_session_abandon(s);
	good = good && fcntl(number, F_GETFD) >= 0 && lseek(number, 0, SEEK_END) == 0;
	return good && kept_client(&server) < 0;
}

static bool closes(struct http_session *s)
{
	(void)close(kept_client(&server));
	http_session_abandon(s);
	return kept_client(&server) < 0;
}

/* There is no descriptor for what should stand in for the connection. */
static bool has_no_more(struct http_session *s)
{
	const struct rlimit none = { 3, 3 };

	if (setrlimit(RLIMIT_NOFILE, &none))
		return false;
	http_session_abandon(s);
	return kept_client(&server) < 0;
}

static bool goes_on_with_it(struct http_session *s)
{
	AUTO_REPLY r = { 0 };

	return ask(s, &r) == MITOK_E_BUG;
}

static void children(void)
{
	static const struct {
		const char *what;
		bool (*do_it)(struct http_session *s);
		unsigned connections; /* of its own */
	} rows[] = {
		{ "abandons", abandons, 1 },
		{ "frees", frees, 0 },
		{ "has closed the descriptor, which is another file's", closes_first, 0 },
		{ "has closed the descriptor", closes, 0 },
		{ "has no more descriptors", has_no_more, 0 },
		{ "goes on as if it was its own", goes_on_with_it, 0 },
	};

	for (size_t i = 0; i < COUNT(rows) * COUNT(ways); i++) {
		const char *what = rows[i / 2].what;
		struct http_session *s = begin();

		start(i % 2, NULL, 0);
		CHECK_ROW(what, goes_on(s, false));
		CHECK_ROW(what, in_child(rows[i / 2].do_it, s));
		CHECK_ROW(what, goes_on(s, true));
		CHECK_ROW(what, in_child(rows[i / 2].do_it, s));
		CHECK_ROW(what, goes_on(s, true));
		http_session_free(s);
		CHECK_ROW(
			what, kept_wait(&server.closed, 1 + 2 * rows[i / 2].connections));
		kept_end(&server);
		CHECK_ROW(what,
			kept_count(&server.connections) ==
				1 + 2 * rows[i / 2].connections);
		CHECK_ROW(what, server.broken == 0);
		CHECK_ROW(
			what, server.notified == (server.cert ? server.connections : 0));
	}
}

/* Each generation has a connection of its own. */
static bool has_a_child(struct http_session *s)
{
	struct http_session *own = begin();
	bool good = goes_on(own, false);

	http_session_abandon(s);
	good = good && in_child(abandons, own) && goes_on(own, true);
	http_session_free(own);
	return good;
}

static void grandchildren(void)
{
	for (size_t i = 0; i < COUNT(ways); i++) {
		struct http_session *s = begin();

		start(i, NULL, 0);
		CHECK(goes_on(s, false));
		CHECK(in_child(has_a_child, s));
		CHECK(goes_on(s, true));
		http_session_free(s);
		CHECK(kept_wait(&server.closed, 3));
		CHECK(kept_count(&server.connections) == 3);
		CHECK(kept_count(&server.broken) == 0);
		kept_end(&server);
	}
}

static void *wait_for_answer(void *arg)
{
	return goes_on(arg, true) ? arg : NULL;
}

/* The fork comes while another thread waits for its answer. */
static void in_the_middle(void)
{
	static const enum kept_step steps[] = { KEPT_ANSWER, KEPT_HOLD };

	for (size_t i = 0; i < COUNT(ways); i++) {
		struct http_session *s = begin();
		pthread_t thread;
		void *well = NULL;

		start(i, steps, 2);
		CHECK(goes_on(s, false));
		CHECK(pthread_create(&thread, NULL, wait_for_answer, s) == 0);
		CHECK(kept_wait(&server.requests, 2));
		CHECK(in_child(abandons, s));
		CHECK(kept_wait(&server.closed, 1)); /* so that the poke is not its */
		kept_poke(&server);
		CHECK(pthread_join(thread, &well) == 0 && well);
		CHECK(goes_on(s, true));
		http_session_free(s);
		CHECK(kept_wait(&server.closed, 2));
		CHECK(kept_count(&server.connections) == 2);
		CHECK(kept_count(&server.broken) == 0);
		kept_end(&server);
	}
}

static int descriptors; /* that were open before there was a session */

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static bool has_no_other(struct http_session *s)
{
	http_session_abandon(s);
	return count_descriptors() == descriptors;
}

/* In programs built with the address sanitizer. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static bool abandons_cleanly(struct http_session *s)
{
	return abandons(s) && __lsan_do_recoverable_leak_check() == 0;
}

static bool leaves_cleanly(struct http_session *s)
{
	return closes_first(s) && __lsan_do_recoverable_leak_check() == 0;
}

/* The server in a process of its own: with threads about, a child has their memory. */
static pid_t serve_apart(size_t way)
{
	int ready[2], port = 0;
	pid_t pid;

	CHECK(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		start(way, NULL, 0);
		(void)!write(ready[1], &server.port, sizeof(int));
		for (;;)
			(void)pause();
	}
	CHECK(pid > 0 && read(ready[0], &port, sizeof(port)) == sizeof(port));
	(void)close(ready[0]);
	(void)close(ready[1]);
	server.cert = ways[way].cert;
	server.port = port;
	return pid;
}

static void leaks(void)
{
	for (size_t i = 0; i < COUNT(ways); i++) {
		struct http_session *s = begin();
		pid_t pid = serve_apart(i);

		descriptors = count_descriptors();
		CHECK(goes_on(s, false));
		CHECK(in_child(has_no_other, s));
		if (__lsan_do_recoverable_leak_check) {
			CHECK(in_child(abandons_cleanly, s));
			CHECK(in_child(leaves_cleanly, s));
		}
		CHECK(goes_on(s, true));
		http_session_free(s);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
}

static const struct test tests[] = {
	{ "a child that lets go leaves nothing to find", leaks },
	{ "a child lets go of the connection, and the parent goes on", children },
	{ "a child of a child does the same", grandchildren },
	{ "a child lets go of a connection that is at work", in_the_middle },
};

int main(void)
{
	int status;

	(void)server_isolate();
	cert_new(&cert, 1, 1);
	status = test_run(tests, COUNT(tests));
	cert_free(&cert);
	return status;
}
