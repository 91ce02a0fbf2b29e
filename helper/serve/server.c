/* The server: libmicrohttpd before the judge, the library behind it.
 *
 * A thread for each connection, and not so many of them: one that waits for the platform
 * holds up nobody else. SPDX-License-Identifier: MIT */
#include "server.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../exec/lifeline.h"
#include "base/file.h"
#include "peer.h"
#include "recent.h"
#include "visitors.h"

/* One request, from its first line to the end of its answer. */
struct visit {
	char *target;
	bool begun;
	struct judgment judgment;
	struct field fields[FIELDS_MAX];
	size_t count; /* FIELDS_MAX + 1: there were more */
	size_t len;
	char form[FORM_MAX + 1];
};

static atomic_uint asking; /* threads that are in server_answer() */

static bool is_stranger(const struct server *s, int fd)
{
	uid_t uid;

	if (s->any_user)
		return false;
	if (!peer_uid(fd, &uid))
		return true;
	for (size_t i = 0; i < s->users_count; i++)
		if (s->users[i] == uid)
			return false;
	return true;
}

static int socket_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
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
	const struct server *s = arg;
	int fd = socket_of(c);

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		visitors_leave(*ret_context);
		*ret_context = NULL;
		return;
	}
	*ret_context = visitors_enter(fd, is_stranger(s, fd));
	if (!*ret_context)
		(void)shutdown(fd, SHUT_RDWR);
}

/* The request line's target as it was sent, before libmicrohttpd decodes it. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	struct visit *v = calloc(1, sizeof(*v));

	(void)arg;
	(void)c;
	if (v && !(v->target = strdup(target))) {
		free(v);
		v = NULL;
	}
	return v;
}

static void on_end(void *arg, struct MHD_Connection *c, void **context,
	enum MHD_RequestTerminationCode why)
{
	struct visit *v = *context;

	(void)arg;
	(void)why;
	if (visitor_of(c))
		visitors_extend(visitor_of(c), IDLE_MS);
	if (v)
		free(v->target);
	free(v);
	*context = NULL;
}

static enum MHD_Result add_field(
	void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct visit *v = arg;

	(void)kind;
	if (v->count < FIELDS_MAX)
		v->fields[v->count] = (struct field){ name, value };
	return ++v->count <= FIELDS_MAX ? MHD_YES : MHD_NO;
}

static void wipe_body(void *arg)
{
	struct secret *s = arg;

	secret_wipe(s);
	free(s);
}

/* Gives the body away. */
static enum MHD_Result send_answer(
	struct MHD_Connection *c, int status, struct secret *body)
{
	struct secret *kept = calloc(1, sizeof(*kept));
	struct MHD_Response *rp = NULL;
	enum MHD_Result r = MHD_NO;

	if (kept) {
		*kept = secret_move(body);
		rp = MHD_create_response_from_buffer_with_free_callback_cls(
			kept->len, kept->p, wipe_body, kept);
	}
	if (!rp) {
		wipe_body(kept);
		return MHD_NO;
	}
	if (MHD_add_response_header(
		    rp, "Content-Type", "application/json; charset=utf-8") &&
		MHD_add_response_header(rp, "Cache-Control", "no-store"))
		r = MHD_queue_response(c, (unsigned)status, rp);
	MHD_destroy_response(rp);
	return r;
}

static enum MHD_Result answer(
	struct server *s, struct MHD_Connection *c, const struct visit *v)
{
	AUTO_SECRET body = { 0 };
	int status;

	visitors_extend(visitor_of(c), ANSWER_MS);
	atomic_fetch_add(&asking, 1);
	status = server_answer(s, &v->judgment, &body);
	atomic_fetch_sub(&asking, 1);
	return send_answer(c, status, &body);
}

static void refuse(struct visit *v, const char *text)
{
	v->judgment.refusal = (struct refusal){ 400, "invalid_request", text };
}

static void pass_judgment(const struct server *s, struct MHD_Connection *c,
	const char *method, struct visit *v)
{
	const struct arrival a = {
		.method = method,
		.target = v->target,
		.fields = v->fields,
		.count = v->count < FIELDS_MAX ? v->count : FIELDS_MAX,
		.is_stranger = visitors_is_stranger(visitor_of(c)),
		.form = v->judgment.wants_form ? v->form : NULL,
	};

	judge(&s->door, &a, &v->judgment);
	if (v->count > FIELDS_MAX)
		refuse(v, "There are too many headers");
}

static bool has_body(const struct visit *v)
{
	size_t count = v->count < FIELDS_MAX ? v->count : FIELDS_MAX;

	for (size_t i = 0; i < count; i++)
		if (text_equal_nocase(v->fields[i].name, "Content-Length") ||
			text_equal_nocase(v->fields[i].name, "Transfer-Encoding"))
			return true;
	return false;
}

/* What is refused before its body came is answered at once, and the connection ends; a head
 * without a body waits for the next call, so that the connection lives on. */
static enum MHD_Result on_head(
	struct server *s, struct MHD_Connection *c, const char *method, struct visit *v)
{
	v->begun = true;
	(void)MHD_get_connection_values(c, MHD_HEADER_KIND, add_field, v);
	pass_judgment(s, c, method, v);
	return v->judgment.refusal.status && has_body(v) ? answer(s, c, v) : MHD_YES;
}

static enum MHD_Result on_piece(struct visit *v, const char *data, size_t *len)
{
	if (v->judgment.wants_form && *len <= FORM_MAX - v->len) {
		memcpy(v->form + v->len, data, *len);
		v->len += *len;
	} else {
		refuse(v, "The body is too long");
	}
	*len = 0;
	return MHD_YES;
}

/* libmicrohttpd calls this once with the head, then for each piece of the body, then once
 * more. */
// NOLINTNEXTLINE(readability-function-size): the parameters are its own
static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *len,
	void **context)
{
	struct server *s = arg;
	struct visit *v = *context;

	(void)url;
	(void)version;
	if (!v || !visitor_of(c))
		return MHD_NO;
	if (!v->begun)
		return on_head(s, c, method, v);
	if (*len)
		return on_piece(v, data, len);
	if (v->judgment.wants_form && !v->judgment.refusal.status) {
		pass_judgment(s, c, method, v);
		if (strlen(v->form) != v->len)
			refuse(v, "The parameters cannot be read");
	}
	return answer(s, c, v);
}

/* Escapes are the judge's business. */
static size_t leave_escapes(void *arg, struct MHD_Connection *c, char *s)
{
	(void)arg;
	(void)c;
	return strlen(s);
}

static struct MHD_Daemon *start(struct server *s, int fd)
{
	return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
			MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL,
		0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)VISITORS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(IDLE_MS / 1000),
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)512 * 1024,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		on_end, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
		MHD_OPTION_END);
}

static bool has_signal(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) > 0;
}

/* Ends on SIGINT or SIGTERM, where they are not ignored, and with the life line. */
static void wait_for_the_end(int lifeline, int signals)
{
	int bell = visitors_bell();

	for (;;) {
		if (lifeline >= 0 ? lifeline_wait(lifeline, bell, visitors_sweep())
				  : (lifeline_wait(signals, bell, visitors_sweep()) &&
					    has_signal(signals)))
			return;
	}
}

enum mitok_code server_run(
	struct server *s, const struct listener *l, int lifeline, struct mitok_err *e)
{
	struct MHD_Daemon *d;
	AUTO_FD signals = -1;
	sigset_t set;
	int fd = dup(l->fd); /* the daemon closes its own */

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	if (lifeline < 0) {
		(void)sigprocmask(SIG_BLOCK, &set, NULL);
		signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	}
	d = fd >= 0 ? start(s, fd) : NULL;
	if (!d) {
		file_close(&fd);
		return err_set(e, MITOK_E_BUG, "the server does not start");
	}
	wait_for_the_end(lifeline, signals);
	/* Whoever waits for the platform would hold us up for seconds. */
	s->is_busy = atomic_load(&asking) != 0;
	if (!s->is_busy) {
		MHD_stop_daemon(d);
		recent_wipe();
	}
	return MITOK_OK;
}
