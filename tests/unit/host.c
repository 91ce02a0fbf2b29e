/* The real outside world, as far as a test can touch it.
 * SPDX-License-Identifier: MIT */
#include "io/host.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

static const struct host_settings settings;

static void environment(void)
{
	struct host h = host_real(&settings);

	(void)setenv("MI_TOKEN_TEST", "x", 1);
	CHECK_TEXT(h.env(h.self, "MI_TOKEN_TEST"), "x");
	(void)setenv("MI_TOKEN_TEST", "", 1);
	CHECK(h.env(h.self, "MI_TOKEN_TEST") == NULL);
	(void)unsetenv("MI_TOKEN_TEST");
	CHECK(h.env(h.self, "MI_TOKEN_TEST") == NULL);
}

static void files(void)
{
	char path[] = "/tmp/mi-token-host-XXXXXX";
	struct host h = host_real(&settings);
	int fd = mkstemp(path), error = 0;
	const struct file_ask ours = { path, FILE_OURS, 100, &error };
	const struct file_ask four = { path, 0, 4, &error };
	AUTO_SECRET text = { 0 };
	AUTO_SECRET none = { 0 };
	struct mitok_err e = { 0 };

	CHECK(fd >= 0 && file_write_all(fd, "hello", 5));
	file_close(&fd);
	CHECK(h.exists(h.self, path) && h.exists(h.self, "/"));
	CHECK(h.read(h.self, &ours, &text, &e) == MITOK_OK);
	CHECK_TEXT(secret_peek(&text), "hello");
	CHECK(h.read(h.self, &four, &none, &e) == MITOK_E_CONF && error == 0);
	(void)unlink(path);
	CHECK(!h.exists(h.self, path));
	CHECK(h.read(h.self, &four, &none, &e) == MITOK_E_CONF);
	CHECK(error == ENOENT && none.len == 0);
}

static void clocks(void)
{
	struct host h = host_real(&settings);
	struct moment start = h.now(h.self), end;

	h.sleep(h.self, 20);
	h.sleep(h.self, -1);
	end = h.now(h.self);
	CHECK(end.boot_ms - start.boot_ms >= 19 && end.boot_ms - start.boot_ms < 2000);
	CHECK(start.real_s > 1600000000 && end.real_s >= start.real_s);
}

static void keep_line(void *arg, const char *line)
{
	(void)snprintf(arg, 256, "%s", line);
}

static void http(void)
{
	char line[256] = "";
	struct log log = { .fn = keep_line, .arg = line };
	const struct host_settings logging = { &log, false };
	struct host h = host_real(&logging);
	/* An address that HTTP_LOCAL refuses before there is a socket. */
	struct http_request rq = { .method = "GET",
		.url = "http://0.0.0.0:1/path?query",
		.flags = HTTP_LOCAL,
		.timeout_ms = 100 };
	AUTO_REPLY r = { 0 };

	CHECK(h.log == &log);
	CHECK(h.http(h.self, &rq, &r, NULL) == MITOK_OK);
	CHECK(r.fault == HTTP_FORBIDDEN);
	CHECK(strstr(line, "GET http://0.0.0.0:1/path: the address is neither") == line);
}

static const struct test tests[] = {
	{ "an empty variable is none", environment },
	{ "files are read by the rules and looked for", files },
	{ "the clocks advance while it sleeps", clocks },
	{ "exchanges go to the transport and its log line to the host's log", http },
};
TEST_MAIN(tests)
