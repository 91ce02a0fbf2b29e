/* The outside world as it is: environment, files, clocks and the transport.
 * SPDX-License-Identifier: MIT */
#include "io/host.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "base/journal.h"

static const char *real_env(void *self, const char *name)
{
	const char *value = secure_getenv(name);

	(void)self;
	return value && *value ? value : NULL;
}

static bool real_exists(void *self, const char *path)
{
	struct stat st;

	(void)self;
	return stat(path, &st) == 0;
}

static enum mitok_code real_read(
	void *self, const struct file_ask *ask, struct secret *ret, struct mitok_err *e)
{
	(void)self;
	return file_read(AT_FDCWD, ask, ret, e);
}

static enum mitok_code real_list(
	void *self, const struct file_ask *ask, struct text *ret, struct mitok_err *e)
{
	(void)self;
	return file_list(ask, ret, e);
}

static struct moment real_now(void *self)
{
	(void)self;
	return clock_now();
}

static void real_sleep(void *self, int64_t ms)
{
	(void)self;
	clock_sleep(ms);
}

static int real_journal(void *self, bool warning, const char *line)
{
	(void)self;
	return journal_send(JOURNAL_SOCKET, warning, line);
}

static enum mitok_code real_http(void *self, const struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	const struct host_settings *s = self;
	struct http_request sent = *rq;

	if (s->own_process)
		sent.flags |= HTTP_OWN_PROCESS;
	return http_exchange(s->log, &sent, ret, e);
}

static bool real_find(void *self, const char *name, char ret[PATH_MAX])
{
	const char *path = secure_getenv("PATH");

	(void)self;
	return !getauxval(AT_SECURE) &&
		child_find(path ? path : "/usr/bin:/bin", name, ret);
}

static enum mitok_code real_run(void *self, const struct child_ask *a,
	struct child_reply *ret, struct mitok_err *e)
{
	const struct host_settings *s = self;
	enum mitok_code r;

	if (getauxval(AT_SECURE))
		return err_set(e, MITOK_E_CONF,
			"a program with raised rights runs no other: '%s'", a->path);
	r = child_run(a, ret, e);
	if (!r)
		log_debug(s->log, "%s: %s, status %d", a->path,
			ret->end == CHILD_EXITED ? "ended" : "stopped", ret->status);
	return r;
}

static enum mitok_code real_sign(void *self, const struct assertion_ask *a,
	struct secret *ret, struct mitok_err *e)
{
	const struct host_settings *s = self;
	struct assertion_ask signed_by = *a;

	if (s->own_process)
		signed_by.flags |= HTTP_OWN_PROCESS;
	return assertion_make(&signed_by, ret, e);
}

struct host host_real(const struct host_settings *s)
{
	return (struct host){
		.self = (void *)(uintptr_t)s, /* only read, in real_http() */
		.log = s->log,
		.env = real_env,
		.exists = real_exists,
		.read = real_read,
		.list = real_list,
		.now = real_now,
		.sleep = real_sleep,
		.journal = real_journal,
		.http = real_http,
		.find = real_find,
		.run = real_run,
		.sign = real_sign,
	};
}
