/* Listening, and one thread per connection.
 * SPDX-License-Identifier: MIT */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fault.h"
#include "record.h"

/* A client that says nothing for so long is gone. */
#define IDLE_S 60

struct visit {
	struct server *server;
	unsigned listener;
	int fd;
};

bool server_listen(
	struct server *s, unsigned listener, const char *address, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	socklen_t len = sizeof(to);
	int on = 1, fd;

	errno = EINVAL;
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		return false;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0 || listen(fd, 4096) < 0 ||
		getsockname(fd, (struct sockaddr *)&to, &len) < 0) {
		int saved = errno;

		(void)close(fd);
		errno = saved;
		return false;
	}
	s->fds[listener] = fd;
	s->w->ports[listener] = ntohs(to.sin_port);
	return true;
}

/* Asks the service. With the lock held. */
static struct fault *ask(struct world *w, const struct request *rq, struct reply *rp,
	const struct service *service)
{
	struct fault *f;

	if (!service) {
		record_add(w, "none", rq);
		reply_status(rp, 404);
		return NULL;
	}
	if (service->handle !=
		services[0].handle) /* not about the control service itself */
		record_add(w, service->name, rq);
	f = fault_at_request(w, service->name, rq);
	w->refusing = f && f->refuse;
	service->handle(w, rq, rp);
	return f;
}

/* One whole answer, changed as the fault wants it. */
static struct fault *answer(struct world *w, const struct request *rq, struct reply *rp,
	const struct service *service)
{
	struct fault *f = ask(w, rq, rp, service);

	if (rp->work) {
		pthread_mutex_unlock(&w->lock);
		rp->work(rp, rp->work_arg);
		pthread_mutex_lock(&w->lock);
	}
	if (f)
		fault_change(f, rp);
	return f;
}

/* Each host name of the listener `azure` has counters of its own, so that a test can tell a
 * vault from where tokens come from. */
static void count_host(struct world *w, const struct request *rq)
{
	char host[256];

	if (rq->listener->tls == TLS_AZURE && TEXT_COPY(host, request_header(rq, "Host")))
		count_named(w, host, NULL);
}

static struct service_count *count_start(struct world *w, const struct service *service)
{
	struct service_count *count = service ? &w->counts[service - services] : NULL;

	if (!count)
		return NULL;
	count->requests++;
	if (++count->active > count->peak)
		count->peak = count->active;
	return count;
}

/* One request and its answer. true: the connection goes on. */
static bool serve_one(struct world *w, struct conn *c, struct fault **ret_fault)
{
	struct request rq;
	struct reply rp = { 0 };
	enum request_state state = request_read(c, &rq);
	const struct service *service = state == REQUEST_GOOD ? service_for(&rq) : NULL;
	struct service_count *count;
	bool goes_on;

	if (state == REQUEST_NONE) {
		request_free(&rq);
		return false;
	}
	pthread_mutex_lock(&w->lock);
	count = count_start(w, service);
	if (service)
		count_host(w, &rq);
	*ret_fault = answer(w, &rq, &rp, service);
	pthread_mutex_unlock(&w->lock);
	if (state == REQUEST_BAD)
		rp.status = 400;
	goes_on = fault_send(
		*ret_fault, c, &rp, state == REQUEST_GOOD && request_keeps_alive(&rq));
	if (count) {
		pthread_mutex_lock(&w->lock);
		count->active--;
		pthread_mutex_unlock(&w->lock);
	}
	reply_free(&rp);
	request_free(&rq);
	return goes_on;
}

/* With the lock held. */
static void count_handshake(struct world *w, const struct conn *c)
{
	const char *host = SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name);
	const struct service *s = host ? service_of_host(c->listener, host) : NULL;
	bool resumed = SSL_session_reused(c->ssl) == 1;

	w->handshakes++;
	w->resumed += resumed;
	if (!s)
		return;
	w->counts[s - services].connections++;
	w->counts[s - services].resumed += resumed;
	count_named(w, host, "connections");
	if (resumed)
		count_named(w, host, "resumed");
}

/* false: a fault ended it, or TLS did not come about. */
static bool greet(struct visit *v, struct conn *c, struct fault **ret_fault)
{
	struct world *w = v->server->w;
	static const struct reply nothing;

	pthread_mutex_lock(&w->lock);
	w->connections[v->listener]++;
	w->open++;
	*ret_fault = fault_at_connect(w, c->listener);
	pthread_mutex_unlock(&w->lock);
	if (*ret_fault && !fault_send(*ret_fault, c, &nothing, true))
		return false;
	if (c->listener->tls == TLS_NONE)
		return true;
	if (!conn_handshake(c, v->server->ctx[c->listener->tls]))
		return false;
	pthread_mutex_lock(&w->lock);
	count_handshake(w, c);
	pthread_mutex_unlock(&w->lock);
	return true;
}

static void *visit_run(void *arg)
{
	struct visit *v = arg;
	struct world *w = v->server->w;
	struct conn c = { .fd = v->fd, .listener = &listeners[v->listener] };
	struct timeval idle = { .tv_sec = IDLE_S };
	struct fault *f = NULL;
	int on = 1;
	bool goes_on;

	(void)setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle));
	(void)setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	goes_on = greet(v, &c, &f);
	while (goes_on) {
		fault_release(f);
		f = NULL;
		goes_on = serve_one(w, &c, &f);
	}
	conn_close(&c, f && f->reset);
	fault_release(f);
	pthread_mutex_lock(&w->lock);
	w->open--;
	pthread_mutex_unlock(&w->lock);
	free(v);
	return NULL;
}

static void accept_one(struct server *s, unsigned listener, const pthread_attr_t *attr)
{
	int fd = accept4(s->fds[listener], NULL, NULL, SOCK_CLOEXEC);
	struct visit *v = fd < 0 ? NULL : malloc(sizeof(*v));
	pthread_t thread;

	if (fd < 0)
		return;
	if (v) {
		*v = (struct visit){ s, listener, fd };
		if (pthread_create(&thread, attr, visit_run, v) == 0)
			return;
	}
	free(v);
	(void)close(fd);
}

void server_run(struct server *s)
{
	struct pollfd p[LISTENERS_MAX + 1];
	pthread_attr_t attr;
	sigset_t ends;
	int signals;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signals = signalfd(-1, &ends, SFD_CLOEXEC);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, (size_t)256 * 1024);
	for (unsigned i = 0; i < listener_count; i++)
		p[i] = (struct pollfd){ .fd = s->fds[i], .events = POLLIN };
	p[listener_count] = (struct pollfd){ .fd = signals, .events = POLLIN };
	for (;;) {
		if (poll(p, listener_count + 1, -1) < 0)
			continue;
		if (p[listener_count].revents)
			break;
		for (unsigned i = 0; i < listener_count; i++)
			if (p[i].revents & POLLIN)
				accept_one(s, i, &attr);
	}
	(void)pthread_attr_destroy(&attr);
	(void)close(signals);
}
