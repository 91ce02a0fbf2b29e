/* The outside world as the sources see it; tests script it, host_real() is the machine.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_HOST_H
#define MI_TOKEN_IO_HOST_H

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "io/assertion.h"
#include "io/child.h"
#include "io/http.h"

struct host {
	void *self;            /* what the functions below get */
	const struct log *log; /* may be NULL */

	/* An environment variable; NULL when unset, empty, or the program is set-uid. */
	const char *(*env)(void *self, const char *name);
	bool (*exists)(void *self, const char *path);
	/* As file_read() from the root of the file system. */
	enum mitok_code (*read)(void *self, const struct file_ask *ask,
		struct secret *ret, struct mitok_err *e);
	/* As file_list(). */
	enum mitok_code (*list)(void *self, const struct file_ask *ask, struct text *ret,
		struct mitok_err *e);
	struct moment (*now)(void *self);
	void (*sleep)(void *self, int64_t ms);
	/* As journal_send(). */
	int (*journal)(void *self, bool warning, const char *line);
	/* As http_exchange(). */
	enum mitok_code (*http)(void *self, const struct http_request *rq,
		struct http_reply *ret, struct mitok_err *e);
	/* As child_find() in PATH; never in a program with raised rights. */
	bool (*find)(void *self, const char *name, char ret[PATH_MAX]);
	/* As child_run(). */
	enum mitok_code (*run)(void *self, const struct child_ask *a,
		struct child_reply *ret, struct mitok_err *e);
	/* As assertion_make(). */
	enum mitok_code (*sign)(void *self, const struct assertion_ask *a,
		struct secret *ret, struct mitok_err *e);
};

/* What the real one is told about the process it is in. */
struct host_settings {
	const struct log *log; /* may be NULL */
	bool own_process;      /* as in struct mitok_options */
};

/* The real one; s is kept, not owned. */
struct host host_real(const struct host_settings *s);

#endif
