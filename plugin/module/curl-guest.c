/* A guest in the caller's thread: its signals and its OpenSSL errors stay as they are.
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* An error that the caller had on OpenSSL's queue of this thread. */
struct guest_error {
	unsigned long code;
	char *file, *func, *data; /* NULL: none */
	int line;
	struct guest_error *next; /* raised after this one */
};

static void error_free(struct guest_error *x)
{
	free(x->file);
	free(x->func);
	free(x->data);
	free(x);
}

/* The oldest error is taken from the queue; NULL: none is left, or no memory. */
static struct guest_error *take_error(void)
{
	const char *file = NULL, *func = NULL, *data = NULL;
	struct guest_error *x;
	int line = 0, flags = 0;
	unsigned long code = ERR_get_error_all(&file, &line, &func, &data, &flags);

	x = code ? calloc(1, sizeof(*x)) : NULL;
	if (!x)
		return NULL;
	x->code = code;
	x->line = line;
	x->file = file ? strdup(file) : NULL;
	x->func = func ? strdup(func) : NULL;
	x->data = data && (flags & ERR_TXT_STRING) ? strdup(data) : NULL;
	return x;
}

static void raise_error(const struct guest_error *x)
{
	int lib = ERR_GET_LIB(x->code), reason = ERR_GET_REASON(x->code);

	ERR_new();
	ERR_set_debug(x->file, x->line, x->func);
	if (x->data)
		ERR_set_error(lib, reason, "%s", x->data);
	else
		ERR_set_error(lib, reason, NULL);
}

/* Both libraries empty the queue whenever they speak TLS, so it is put aside whole. Where
 * marks were set cannot be asked for, how many there were can: code that sets a mark and
 * then comes to call us, with errors before it, has it on the last one. */
static void keep_errors(struct guest *g)
{
	struct guest_error **link = &g->errors;

	while (ERR_clear_last_mark())
		g->marks++;
	while ((*link = take_error()))
		link = &(*link)->next;
}

static void restore_errors(struct guest *g)
{
	ERR_clear_error();
	while (g->errors) {
		struct guest_error *x = g->errors;

		g->errors = x->next;
		raise_error(x);
		error_free(x);
	}
	while (g->marks-- > 0)
		(void)ERR_set_mark();
}

/* libcurl's guard against SIGPIPE is off with NOSIGNAL, and TLS libraries write without
 * MSG_NOSIGNAL. So it is blocked for this thread, and one that came is taken away. */
void guest_begin(struct guest *g, bool is_alone)
{
	sigset_t pending;

	*g = (struct guest){ .errors = NULL };
	(void)sigemptyset(&g->pipe);
	(void)sigaddset(&g->pipe, SIGPIPE);
	(void)sigemptyset(&pending);
	(void)sigpending(&pending);
	g->was_pending = sigismember(&pending, SIGPIPE) == 1;
	(void)pthread_sigmask(SIG_BLOCK, &g->pipe, &g->old_mask);
	g->is_alone = is_alone;
	if (!is_alone)
		keep_errors(g);
}

void guest_end(struct guest *g)
{
	static const struct timespec now = { 0 };

	if (!g->is_alone)
		restore_errors(g);
	if (!g->was_pending)
		while (sigtimedwait(&g->pipe, NULL, &now) < 0 && errno == EINTR)
			;
	(void)pthread_sigmask(SIG_SETMASK, &g->old_mask, NULL);
}
