/* A server on this machine that keeps connections, many at a time, over TLS or not.
 * SPDX-License-Identifier: MIT */
#include "kept.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* One connection. */
struct peer {
	struct kept *k;
	SSL *ssl;
	int fd;
	char request[8192];
	size_t len;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void count(unsigned *counter)
{
	(void)__atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
}

unsigned kept_count(const unsigned *counter)
{
	return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

bool kept_wait(const unsigned *counter, unsigned wanted)
{
	int64_t end = clock_now().boot_ms + 5000;

	while (kept_count(counter) < wanted && clock_now().boot_ms < end)
		clock_sleep(1);
	return kept_count(counter) >= wanted;
}

void kept_poke(struct kept *k)
{
	unsigned before = kept_count(&k->poked);
	const uint64_t one = 1;

	must(write(k->poke, &one, sizeof(one)) == sizeof(one), "eventfd");
	must(kept_wait(&k->poked, before + 1), "nobody waits for the poke");
}

int kept_client(const struct kept *k)
{
	for (int fd = 0; fd < 256; fd++) {
		struct sockaddr_in in = { 0 };
		socklen_t len = sizeof(in);

		if (getpeername(fd, (struct sockaddr *)&in, &len) == 0 &&
			ntohs(in.sin_port) == k->port)
			return fd;
	}
	return -1;
}

bool kept_heard(const struct kept *k)
{
	struct pollfd p = { .fd = kept_client(k), .events = POLLIN };

	return p.fd < 0 || poll(&p, 1, 5000) == 1;
}

static void send_all(struct peer *p, const char *text)
{
	if (p->ssl)
		(void)SSL_write(p->ssl, text, (int)strlen(text));
	else
		(void)send(p->fd, text, strlen(text), MSG_NOSIGNAL);
}

static void send_answer(struct peer *p, unsigned n, const char *header)
{
	char body[32], answer[256];

	(void)snprintf(body, sizeof(body), "answer %u", n);
	(void)snprintf(answer, sizeof(answer),
		"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n%s", strlen(body),
		header, body);
	send_all(p, answer);
}

/* Takes bytes from the connection; false: it ended, or the server is to end. A poke is
 * answered meanwhile. */
static bool take(struct peer *p)
{
	struct pollfd all[] = { { .fd = p->fd, .events = POLLIN },
		{ .fd = p->k->stop[0], .events = POLLIN },
		{ .fd = p->k->poke, .events = POLLIN } };
	size_t room = sizeof(p->request) - 1 - p->len;
	uint64_t pokes;
	int n, why;

	if (!p->ssl || !SSL_has_pending(p->ssl)) {
		while (poll(all, 3, -1) < 0 && errno == EINTR)
			;
		if (all[1].revents)
			return false;
		if (all[2].revents && read(p->k->poke, &pokes, sizeof(pokes)) > 0) {
			send_answer(p, 666, "");
			count(&p->k->poked);
			return true;
		}
	}
	ERR_clear_error();
	n = p->ssl ? SSL_read(p->ssl, p->request + p->len, (int)room)
		   : (int)read(p->fd, p->request + p->len, room);
	if (n <= 0 && p->ssl) {
		why = SSL_get_error(p->ssl, n);
		if (why == SSL_ERROR_ZERO_RETURN)
			count(&p->k->notified);
		else if (why == SSL_ERROR_SSL &&
			ERR_GET_REASON(ERR_peek_error()) !=
				SSL_R_UNEXPECTED_EOF_WHILE_READING)
			count(&p->k->broken);
	}
	if (n <= 0)
		return false;
	p->len += (size_t)n;
	p->request[p->len] = '\0';
	return true;
}

static bool is_whole(const struct peer *p)
{
	const char *end = strstr(p->request, "\r\n\r\n");
	const char *length = strcasestr(p->request, "\r\nContent-Length:");

	return end &&
		p->len >= (size_t)(end + 4 - p->request) +
			(length ? strtoul(length + 17, NULL, 10) : 0);
}

static void reset(struct peer *p)
{
	struct linger now = { .l_onoff = 1 };

	(void)setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* False when the server is to end. */
static bool was_poked(struct peer *p)
{
	struct pollfd all[] = { { .fd = p->k->stop[0], .events = POLLIN },
		{ .fd = p->k->poke, .events = POLLIN } };
	uint64_t pokes;

	while (poll(all, 2, -1) < 0 && errno == EINTR)
		;
	return all[1].revents && read(p->k->poke, &pokes, sizeof(pokes)) > 0;
}

/* The n-th request; false: the connection ends. */
static bool answer(struct peer *p, unsigned n)
{
	enum kept_step step = n <= p->k->count ? p->k->steps[n - 1] : KEPT_ANSWER;

	switch (step) {
	case KEPT_SAY_CLOSE:
		send_answer(p, n, "Connection: close\r\n");
		break;
	case KEPT_RESET:
		send_answer(p, n, "");
		if (was_poked(p)) /* a reset overtakes what was not read yet */
			reset(p);
		count(&p->k->poked);
		break;
	case KEPT_CLOSE:
	case KEPT_CUT:
		send_answer(p, n, "");
		break;
	case KEPT_DROP:
		break;
	case KEPT_DROP_RESET:
		reset(p);
		break;
	case KEPT_HALF:
		send_all(p, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
		break;
	case KEPT_SILENCE:
		return true;
	case KEPT_NONSENSE:
		send_all(p, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
		return true;
	case KEPT_TWO_AT_ONCE:
		send_all(p,
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
			"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
		return true;
	case KEPT_HOLD:
		if (was_poked(p))
			send_answer(p, n, "");
		count(&p->k->poked);
		return true;
	default:
		send_answer(p, n, "");
		return true;
	}
	if (p->ssl && step == KEPT_CLOSE)
		(void)SSL_shutdown(p->ssl);
	return false;
}

static void converse(struct peer *p)
{
	bool goes_on = true;

	while (goes_on) {
		unsigned n;

		p->len = 0;
		p->request[0] = '\0';
		while (!is_whole(p))
			if (!take(p))
				return;
		(void)pthread_mutex_lock(&p->k->lock);
		memcpy(p->k->request, p->request, p->len + 1);
		n = __atomic_add_fetch(&p->k->requests, 1, __ATOMIC_SEQ_CST);
		(void)pthread_mutex_unlock(&p->k->lock);
		goes_on = answer(p, n);
	}
}

static void *serve(void *arg)
{
	struct peer *p = arg;
	struct kept *k = p->k;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (k->tls) {
		p->ssl = SSL_new(k->tls);
		(void)SSL_set_fd(p->ssl, p->fd);
	}
	if (!p->ssl || SSL_accept(p->ssl) == 1) {
		if (p->ssl && SSL_session_reused(p->ssl))
			count(&k->resumed);
		converse(p);
	}
	SSL_free(p->ssl);
	(void)close(p->fd);
	free(p);
	count(&k->closed);
	return NULL;
}

static void *run(void *arg)
{
	struct kept *k = arg;
	struct pollfd all[] = { { .fd = k->fd, .events = POLLIN },
		{ .fd = k->stop[0], .events = POLLIN } };
	const int at_once = 1;
	unsigned n = 0;

	while (n < KEPT_CONNECTIONS) {
		struct peer *p;
		int fd;

		while (poll(all, 2, -1) < 0 && errno == EINTR)
			;
		if (all[1].revents)
			break;
		fd = accept4(k->fd, NULL, NULL, SOCK_CLOEXEC);
		p = fd < 0 ? NULL : calloc(1, sizeof(*p));
		if (!p)
			continue;
		p->k = k;
		p->fd = fd;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
		count(&k->connections);
		must(pthread_create(&k->threads[n++], NULL, serve, p) == 0, "thread");
	}
	while (n)
		(void)pthread_join(k->threads[--n], NULL);
	return NULL;
}

static SSL_CTX *tls_of(const struct cert *cert)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	must(tls && SSL_CTX_use_certificate(tls, cert->x509) == 1 &&
			SSL_CTX_use_PrivateKey(tls, cert->key) == 1,
		"TLS");
	return tls;
}

void kept_start(struct kept *k)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(in);

	k->connections = k->requests = k->resumed = k->closed = 0;
	k->notified = k->broken = k->poked = 0;
	k->tls = k->cert ? tls_of(k->cert) : NULL;
	(void)pthread_mutex_init(&k->lock, NULL);
	k->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(k->fd >= 0 && bind(k->fd, (struct sockaddr *)&in, len) == 0, "bind");
	must(listen(k->fd, 64) == 0, "listen");
	must(getsockname(k->fd, (struct sockaddr *)&in, &len) == 0, "getsockname");
	k->port = ntohs(in.sin_port);
	k->poke = eventfd(0, EFD_CLOEXEC);
	must(pipe(k->stop) == 0 && k->poke >= 0, "pipe");
	must(pthread_create(&k->thread, NULL, run, k) == 0, "pthread_create");
}

void kept_end(struct kept *k)
{
	(void)close(k->stop[1]);
	(void)pthread_join(k->thread, NULL);
	(void)close(k->stop[0]);
	(void)close(k->poke);
	(void)close(k->fd);
	(void)pthread_mutex_destroy(&k->lock);
	SSL_CTX_free(k->tls);
}
