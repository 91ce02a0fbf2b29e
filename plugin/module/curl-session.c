/* The connection: which one an exchange may go over, what stays of it for the next, and how
 * a child process gets rid of its parent's.
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Azure's load balancers forget a connection that is silent for four minutes, and proxies
 * and firewalls on the way much earlier; a forgotten one costs a whole time-out. */
#define IDLE_MAX_S 100L

static bool is_local(const struct curl_sockaddr *a)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	uint32_t address;

	if (a->family == AF_INET && a->addrlen >= sizeof(v4)) {
		memcpy(&v4, &a->addr, sizeof(v4));
		address = ntohl(v4.sin_addr.s_addr);
		return address >> 24 == 127 || address >> 16 == 0xa9fe;
	}
	if (a->family == AF_INET6 && a->addrlen >= sizeof(v6)) {
		memcpy(&v6, (const void *)&a->addr, sizeof(v6));
		return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
	}
	return false;
}

static struct session_socket *find_socket(struct session *s, int fd)
{
	for (size_t i = 0; i < SESSION_SOCKETS; i++)
		if (atomic_load(&s->sockets[i].fd) == fd)
			return &s->sockets[i];
	return NULL;
}

static int new_socket(struct session *s, const struct curl_sockaddr *a)
{
	struct session_socket *free = find_socket(s, -1);
	struct stat st;
	int fd;

	if (!free) {
		errno = EMFILE;
		return -1;
	}
	fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fd; /* fstat() of a socket does not fail */
	free->dev = st.st_dev;
	free->ino = st.st_ino;
	free->is_new = true;
	atomic_store(&free->fd, fd); /* the last, for who looks in a child */
	return fd;
}

/* libcurl's "Connection died, retrying a fresh connect" is not for us: only the caller
 * knows whether its request may be served twice. */
void exchange_refuse_retry(struct exchange *x)
{
	x->fault = HTTP_RESET;
	x->why = "the kept connection was closed without an answer";
}

/* The last word on where HTTP_LOCAL goes: whatever the URL was taken for, this is the
 * address that connect() gets. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct session *s = arg;
	struct exchange *x = s->at;
	int fd;

	(void)purpose;
	if (!x)
		return CURL_SOCKET_BAD;
	x->was_resolved = true;
	if (x->was_sent) {
		exchange_refuse_retry(x);
		return CURL_SOCKET_BAD;
	}
	if ((x->rq->flags & HTTP_LOCAL) && !is_local(a)) {
		x->fault = HTTP_FORBIDDEN;
		x->why = "the address is neither loopback nor link-local";
		return CURL_SOCKET_BAD;
	}
	s->is_verified = false;
	fd = new_socket(s, a);
	x->open_errno = fd < 0 ? errno : 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* libcurl's own time of connecting is missing when the TLS handshake fails. */
static int close_socket(void *arg, curl_socket_t fd)
{
	struct session *s = arg;
	struct session_socket *found = find_socket(s, fd);
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	if (found) {
		if (found->is_new && s->at &&
			getpeername(fd, (struct sockaddr *)&peer, &len) == 0)
			s->at->was_connected = true;
		atomic_store(&found->fd, -1);
	}
	return close(fd);
}

/* The connection stands, and the request is sent next. */
static int on_request(void *arg, char *peer_ip, char *own_ip, int peer_port, int own_port)
{
	struct exchange *x = arg;

	(void)peer_ip;
	(void)own_ip;
	(void)peer_port;
	(void)own_port;
	if (x->was_sent) {
		exchange_refuse_retry(x);
		return CURL_PREREQFUNC_ABORT;
	}
	x->was_sent = true;
	x->was_reused = true;
	for (size_t i = 0; i < SESSION_SOCKETS; i++)
		if (atomic_load(&x->session->sockets[i].fd) >= 0 &&
			x->session->sockets[i].is_new)
			x->was_reused = false;
	return CURL_PREREQFUNC_OK;
}

/* Puts a socket that is at its end in the place of another, which is thereby closed: nobody
 * hears what is written to it. */
static bool replace_socket(int fd)
{
	int ends[2];
	bool done;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	(void)close(ends[1]);
	done = dup3(ends[0], fd, O_CLOEXEC) == fd;
	(void)close(ends[0]);
	return done;
}

/* The program may have closed it, and the number be of something else by now. */
static bool is_still_ours(const struct session_socket *k, int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == k->dev &&
		st.st_ino == k->ino;
}

static bool has_equal_terms(const struct session_terms *a, const struct session_terms *b)
{
	return a->is_local == b->is_local && a->is_pinned == b->is_pinned &&
		memcmp(a->thumbprint, b->thumbprint, sizeof(a->thumbprint)) == 0;
}

/* Nothing may come before a request. What does is the connection's end, which libcurl does
 * not notice below TLS, or would be taken for the next request's answer. */
static bool has_spoken(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLRDHUP };

	return poll(&p, 1, 0) != 0;
}

/* Ends what is kept where it is not good for this exchange. libcurl finds that out, and
 * still has its TLS session for the next. */
static void end_unfit(struct session *s, const struct session_terms *terms)
{
	bool is_fit = has_equal_terms(terms, &s->terms);

	for (size_t i = 0; i < SESSION_SOCKETS; i++) {
		int fd = atomic_load(&s->sockets[i].fd);

		if (is_still_ours(&s->sockets[i], fd) && (!is_fit || has_spoken(fd)) &&
			!replace_socket(fd))
			(void)shutdown(fd, SHUT_RDWR);
	}
	s->terms = *terms;
}

void exchange_setup_session(struct exchange *x)
{
	struct session *s = x->session;

	x->terms.is_local = x->rq->flags & HTTP_LOCAL;
	/* libcurl compares scheme, host, port, proxy and CA by itself. */
	end_unfit(s, &x->terms);
	EXCHANGE_SET(x, CURLOPT_FRESH_CONNECT, (long)!x->rq->session);
	EXCHANGE_SET(x, CURLOPT_FORBID_REUSE, (long)!x->rq->session);
	EXCHANGE_SET(x, CURLOPT_MAXCONNECTS, 1L);
	EXCHANGE_SET(x, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	EXCHANGE_SET(x, CURLOPT_TCP_KEEPALIVE, 0L);
	EXCHANGE_SET(x, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	EXCHANGE_SET(x, CURLOPT_OPENSOCKETDATA, s);
	EXCHANGE_SET(x, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	EXCHANGE_SET(x, CURLOPT_CLOSESOCKETDATA, s);
	EXCHANGE_SET(x, CURLOPT_PREREQFUNCTION, on_request);
	EXCHANGE_SET(x, CURLOPT_PREREQDATA, x);
}

void session_init(struct session *s)
{
	*s = (struct session){ .pid = getpid() };
	for (size_t i = 0; i < SESSION_SOCKETS; i++)
		atomic_init(&s->sockets[i].fd, -1);
}

enum mitok_code session_begin(struct session *s, struct exchange *x, struct mitok_err *e)
{
	if (s->pid != getpid())
		return err_set(
			e, MITOK_E_BUG, "the connection belongs to another process");
	atomic_store(&s->is_busy, true);
	if (!s->easy)
		s->easy = curl_easy_init();
	if (!s->easy) {
		atomic_store(&s->is_busy, false);
		return err_memory(e);
	}
	for (size_t i = 0; i < SESSION_SOCKETS; i++)
		s->sockets[i].is_new = false;
	s->at = x;
	x->easy = s->easy;
	return MITOK_OK;
}

void session_end(struct session *s, bool is_kept)
{
	bool is_open = false;

	if (!s->at)
		return;
	s->at = NULL;
	for (size_t i = 0; i < SESSION_SOCKETS; i++)
		is_open |= atomic_load(&s->sockets[i].fd) >= 0;
	curl_easy_reset(s->easy);
	if (!is_kept || !is_open) {
		curl_easy_cleanup(s->easy);
		s->easy = NULL;
	}
	atomic_store(&s->is_busy, false);
}

enum mitok_code session_new(struct http_session **ret, struct mitok_err *e)
{
	struct session *s = malloc(sizeof(*s));

	if (!s)
		return err_memory(e);
	session_init(s);
	*ret = &s->base;
	return MITOK_OK;
}

static void close_handle(struct session *s)
{
	struct guest guest;

	if (!s->easy)
		return;
	atomic_store(&s->is_busy, true);
	guest_begin(&guest, false);
	curl_easy_cleanup(s->easy);
	guest_end(&guest);
}

void session_free(struct http_session *base)
{
	struct session *s = (struct session *)base;

	if (s->pid != getpid()) {
		session_abandon(base);
		return;
	}
	close_handle(s);
	free(s);
}

/* What could not be freed in a child, so that it can be told from what was forgotten. */
static _Atomic(struct session *) left;

static void leave(struct session *s)
{
	s->left = atomic_load(&left);
	while (!atomic_compare_exchange_weak(&left, &s->left, s))
		;
}

/* Each socket that still is the parent's is closed here, or replaced; true when there is one
 * and all are replaced. */
static bool let_go(const struct session *s, bool is_replaced)
{
	unsigned count = 0, done = 0;

	for (size_t i = 0; i < SESSION_SOCKETS; i++) {
		int fd = atomic_load(&s->sockets[i].fd);
		bool is_ours = is_still_ours(&s->sockets[i], fd);

		count += fd >= 0;
		if (is_ours && is_replaced && replace_socket(fd))
			done++;
		else if (is_ours)
			(void)close(fd);
	}
	return count > 0 && done == count;
}

/* To free the handle is to take leave of the server over TLS and to close descriptors that
 * are in it. Over a dead socket nobody hears the one, and while the socket still is in its
 * place the others are too. The handle of a thread that is not in this process is in no known
 * state: it is left as it is. */
void session_abandon(struct http_session *base)
{
	struct session *s = (struct session *)base;
	bool is_busy = atomic_load(&s->is_busy);
	bool is_dead = let_go(s, !is_busy);

	if (is_busy || (s->easy && !is_dead)) {
		leave(s);
		return;
	}
	close_handle(s);
	free(s);
}
