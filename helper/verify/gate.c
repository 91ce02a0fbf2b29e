/* The server that a reverse proxy asks whom to let in: libmicrohttpd before answer.c.
 *
 * A thread for each connection, and not so many of them: one that fetches keys holds up nobody
 * else. SPDX-License-Identifier: MIT */
#include "gate.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../exec/lifeline.h"
#include "../serve/visitors.h"
#include "answer.h"
#include "base/file.h"

/* A request's head, with the longest token. */
#define MEMORY_MAX (TOKEN_MAX + (size_t)32 * 1024)

static atomic_uint asking; /* threads that are in answer_make() */

enum mitok_code gate_listen(const char *where, struct listener *ret, struct mitok_err *e)
{
	static const char unix_prefix[] = "unix:", tcp_prefix[] = "127.0.0.1:";
	enum mitok_code r = listen_given(ret, e);
	int64_t port = 0;

	if (r || (ret->fd >= 0 && !where))
		return r;
	if (ret->fd >= 0)
		return err_set(e, MITOK_E_ARG, "--listen, and systemd passes a socket");
	if (!where)
		return err_set(e, MITOK_E_ARG,
			"where? --listen is missing: unix:PATH or 127.0.0.1:PORT");
	/* Everybody may ask: nothing is told but what the token in the question says. */
	if (text_starts(where, unix_prefix))
		return listen_unix(where + strlen(unix_prefix), true, ret, e);
	if (!text_starts(where, tcp_prefix) ||
		!text_to_number(where + strlen(tcp_prefix), 1, 65535, &port))
		return err_set(e, MITOK_E_ARG, "--listen is unix:PATH or 127.0.0.1:PORT");
	return listen_tcp((unsigned)port, ret, e);
}

static struct visitor *visitor_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void on_connection(void *arg, struct MHD_Connection *c, void **ret_context,
	enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

	(void)arg;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		visitors_leave(*ret_context);
		*ret_context = NULL;
		return;
	}
	*ret_context = info ? visitors_enter(info->connect_fd, false) : NULL;
	if (!*ret_context && info)
		(void)shutdown(info->connect_fd, SHUT_RDWR);
}

static void on_end(void *arg, struct MHD_Connection *c, void **context,
	enum MHD_RequestTerminationCode why)
{
	(void)arg;
	(void)context;
	(void)why;
	if (visitor_of(c))
		visitors_extend(visitor_of(c), IDLE_MS);
}

struct authorization {
	const char *value;
	unsigned count;
};

static enum MHD_Result find_authorization(
	void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct authorization *a = arg;

	(void)kind;
	if (text_equal_nocase(name, "Authorization")) {
		a->value = value;
		a->count++;
	}
	return MHD_YES;
}

static enum MHD_Result send_answer(struct MHD_Connection *c, const struct answer *a)
{
	struct MHD_Response *rp = MHD_create_response_from_buffer(
		0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
	enum MHD_Result r = rp ? MHD_YES : MHD_NO;

	if (r)
		r = MHD_add_response_header(rp, "Cache-Control", "no-store");
	for (unsigned i = 0; i < a->count && r; i++)
		r = MHD_add_response_header(rp, a->names[i], text_peek(&a->values[i]));
	if (r)
		r = MHD_queue_response(c, (unsigned)a->status, rp);
	if (rp)
		MHD_destroy_response(rp);
	return r;
}

/* Two of them are as none: the proxy and we might take different ones. */
static enum MHD_Result answer(const struct gate *g, struct MHD_Connection *c)
{
	struct authorization found = { NULL, 0 };
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_ANSWER a = { .status = 401 };

	visitors_extend(visitor_of(c), ANSWER_MS);
	(void)MHD_get_connection_values(c, MHD_HEADER_KIND, find_authorization, &found);
	atomic_fetch_add(&asking, 1);
	answer_make(g->verifier, found.count == 1 ? found.value : NULL, &a, &e);
	atomic_fetch_sub(&asking, 1);
	/* Keys that cannot be had are news, even to those who want none. */
	if (e.code && (g->verbose || a.status == 503))
		(void)fprintf(stderr, "mi-token: verify: %d: %s\n", a.status, e.message);
	return send_answer(c, &a);
}

/* libmicrohttpd calls this once with the head, then for each piece of the body, which nobody
 * wants, then once more. */
// NOLINTNEXTLINE(readability-function-size): the parameters are its own
static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *len,
	void **context)
{
	static int seen;

	(void)url;
	(void)method;
	(void)version;
	(void)data;
	if (!visitor_of(c))
		return MHD_NO;
	if (!*context) {
		*context = &seen;
		return MHD_YES;
	}
	if (*len) {
		*len = 0;
		return MHD_YES;
	}
	return answer(arg, c);
}

static struct MHD_Daemon *start(struct gate *g, int fd)
{
	return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
			MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL,
		0, NULL, NULL, on_request, g, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)VISITORS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(IDLE_MS / 1000),
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)512 * 1024,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, NULL, MHD_OPTION_END);
}

static void wait_for_the_end(int signals)
{
	struct signalfd_siginfo info;
	int bell = visitors_bell();

	while (!lifeline_wait(signals, bell, visitors_sweep()) ||
		read(signals, &info, sizeof(info)) <= 0) {
	}
}

enum mitok_code gate_run(struct gate *g, const struct listener *l, struct mitok_err *e)
{
	struct MHD_Daemon *d;
	AUTO_FD signals = -1;
	sigset_t set;
	int fd = dup(l->fd); /* the daemon closes its own */

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	d = fd >= 0 && signals >= 0 ? start(g, fd) : NULL;
	if (!d) {
		file_close(&fd);
		return err_set(e, MITOK_E_BUG, "the server does not start");
	}
	wait_for_the_end(signals);
	/* Whoever fetches keys would hold us up for seconds. */
	g->is_busy = atomic_load(&asking) != 0;
	if (!g->is_busy)
		MHD_stop_daemon(d);
	return MITOK_OK;
}
