/* Names that are looked up where no thread can be started. The names are this program's: it
 * has a getaddrinfo() of its own, which libcurl's threads call as well.
 * SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "kept.h"
#include "module/curl.h"
#include "server.h"
#include "test.h"

/* What a name stands for. */
enum answer {
	NONE,   /* there is no such name */
	ONE,    /* 127.0.0.1 */
	SECOND, /* the same behind one with a zone, and one where nobody is */
	ZONES,  /* one with a zone only */
	LATE,   /* 127.0.0.1, after half a second */
	MEMORY, /* there is none for it */
};

static enum answer answer;
static atomic_uint lookups;
static char looked_up[64];

/* One list at a time, and no memory that the spy would count. */
static struct {
	struct addrinfo info;
	struct sockaddr_storage address;
} list[3];
static unsigned length;

static void add(const void *address, socklen_t len)
{
	struct addrinfo *a = &list[length].info;

	memcpy(&list[length].address, address, len);
	*a = (struct addrinfo){ .ai_addr = (struct sockaddr *)&list[length].address,
		.ai_addrlen = len,
		.ai_socktype = SOCK_STREAM };
	a->ai_family = a->ai_addr->sa_family;
	if (length++)
		list[length - 2].info.ai_next = a;
}

static void add_v4(uint32_t address, const char *port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(port ? (uint16_t)strtol(port, NULL, 10) : 0),
		.sin_addr.s_addr = htonl(address) };

	add(&v4, sizeof(v4));
}

static void add_zone(void)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_addr = { { { 0xfe, 0x80, [15] = 1 } } },
		.sin6_scope_id = 1 };

	add(&v6, sizeof(v6));
}

/* What libcurl is to find instead of libc's. */
#define INSTEAD __attribute__((visibility("default")))

INSTEAD int getaddrinfo(const char *name, const char *service,
	const struct addrinfo *hints, struct addrinfo **ret)
{
	(void)hints;
	(void)snprintf(looked_up, sizeof(looked_up), "%s", name);
	(void)atomic_fetch_add(&lookups, 1);
	length = 0;
	if (answer == LATE)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
	if (answer == MEMORY || answer == NONE)
		return answer == NONE ? EAI_NONAME : EAI_MEMORY;
	if (answer == SECOND || answer == ZONES)
		add_zone();
	if (answer == SECOND)
		add_v4(INADDR_LOOPBACK + 1, service);
	if (answer != ZONES)
		add_v4(INADDR_LOOPBACK, service);
	*ret = &list[0].info;
	return 0;
}

INSTEAD void freeaddrinfo(struct addrinfo *a)
{
	(void)a;
}

/* This thread can start no other, as with an RLIMIT_NPROC of 0; the server's can. */
static _Thread_local bool has_no_threads;

INSTEAD int pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (has_no_threads)
		return EAGAIN;
	*(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
	return next(thread, attr, run, arg);
}

static struct cert cert;
static struct kept server;

/* A request to that host, without threads; what is not set is. */
static enum mitok_code ask(
	const char *host, struct http_request *rq, struct http_reply *ret)
{
	struct mitok_err e = { 0 };
	enum mitok_code r;
	static char url[128];

	(void)snprintf(url, sizeof(url), "https://%s:%d/", host, server.port);
	rq->method = "GET";
	rq->url = url;
	rq->thumbprint = cert.thumbprint;
	if (!rq->timeout_ms)
		rq->timeout_ms = 20000;
	http_reply_wipe(ret);
	atomic_store(&lookups, 0);
	looked_up[0] = '\0';
	has_no_threads = true;
	r = http_exchange(NULL, rq, ret, &e);
	has_no_threads = false;
	CHECK((r == MITOK_OK) == !e.message[0]);
	return r;
}

static void start(const enum kept_step *steps, unsigned count)
{
	server.cert = &cert;
	server.steps = steps;
	server.count = count;
	kept_start(&server);
}

#define NOT_FOUND "the host name is not found"

static void names(void)
{
	static const struct {
		const char *what, *host, *detail;
		enum answer answer;
		enum http_fault fault;
		unsigned lookups, timeout_ms, connect_ms;
	} rows[] = {
		{ "one", "name.test", "", ONE, .lookups = 1 },
		{ "capitals", "NAME.Test", "", ONE, .lookups = 1 },
		{ "several", "name.test", "", SECOND, .lookups = 1 },
		{ "none", "name.test", NOT_FOUND, NONE, HTTP_RESOLVE, .lookups = 1 },
		{ "none of use", "name.test", NOT_FOUND, ZONES, HTTP_RESOLVE,
			.lookups = 1 },
		{ "late", "name.test", "", LATE, .lookups = 1 },
		{ "too late", "name.test", "no address for the host name in 300 ms", LATE,
			HTTP_TIMEOUT, .lookups = 1, .timeout_ms = 300 },
		{ "too late to connect", "name.test",
			"no address for the host name in 200 ms", LATE, HTTP_TIMEOUT,
			.lookups = 1, .timeout_ms = 9000, .connect_ms = 200 },
		{ "an address", "127.0.0.1", "", .answer = NONE },
		{ "libcurl's own name", "localhost", "", .answer = NONE },
	};

	start(NULL, 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq = { .timeout_ms = rows[i].timeout_ms,
			.connect_ms = rows[i].connect_ms };
		AUTO_REPLY r = { 0 };

		answer = rows[i].answer;
		CHECK_ROW(rows[i].what, ask(rows[i].host, &rq, &r) == MITOK_OK);
		CHECK_ROW(rows[i].what, r.fault == rows[i].fault);
		CHECK_ROW(rows[i].what, r.status == (rows[i].fault ? 0 : 200));
		CHECK_ROW(r.detail, strcmp(r.detail, rows[i].detail) == 0);
		CHECK_ROW(rows[i].what, lookups == rows[i].lookups);
		CHECK_ROW(
			looked_up, !lookups || strcasecmp(looked_up, rows[i].host) == 0);
	}
	kept_end(&server);
}

static void other_place(void)
{
	struct http_request rq = { .connect_host = "place.test" };
	AUTO_REPLY r = { 0 };

	start(NULL, 0);
	answer = ONE;
	CHECK(ask("name.test", &rq, &r) == MITOK_OK && r.status == 200);
	CHECK_TEXT(looked_up, "place.test");
	rq.connect_port = server.port;
	server.port = 1; /* of the URL */
	CHECK(ask("name.test", &rq, &r) == MITOK_OK && r.status == 200);
	CHECK_TEXT(looked_up, "place.test");
	kept_end(&server);
}

static void local(void)
{
	struct http_request rq = { .flags = HTTP_LOCAL };
	AUTO_REPLY r = { 0 };

	start(NULL, 0);
	answer = ONE;
	CHECK(ask("name.test", &rq, &r) == MITOK_OK && r.fault == HTTP_FORBIDDEN);
	CHECK(lookups == 0);
	kept_end(&server);
}

static void no_memory(void)
{
	struct http_request first = { 0 };
	AUTO_REPLY none = { 0 };
	unsigned n = 0;

	start(NULL, 0);
	kept_end(&server); /* it would need memory too */
	answer = MEMORY;
	CHECK(ask("name.test", &first, &none) == MITOK_E_BUG);
	answer = SECOND;
	do {
		struct http_request rq = { 0 };
		AUTO_REPLY r = { 0 };
		enum mitok_code code;

		spy_fail(++n);
		code = ask("name.test", &rq, &r);
		CHECK(code == (spy_allocations < n ? MITOK_OK : MITOK_E_BUG));
		CHECK(r.fault == (code ? HTTP_OK : HTTP_CONNECT));
	} while (spy_allocations >= n && n < 1000);
	spy_fail(0);
	CHECK(n > 5 && n < 1000);
}

/* A proxy that wants another password than none. */
static struct server proxy = { .serve = server_answer,
	.arg = &(const struct server_answer){
		.head = "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
		.unit = "",
		.tail = "" } };

static void proxies(void)
{
	static const struct {
		const char *name, *value; /* %d: the port */
		const char *detail, *looked_up;
		enum answer answer;
		enum http_fault fault;
	} rows[] = {
#define REFUSED "the proxy refused with HTTP status 407"
		{ "https_proxy", "http://p.test:%d", REFUSED, "p.test", ONE,
			HTTP_CONNECT },
		{ "HTTPS_PROXY", "p.test:%d", REFUSED, "p.test", ONE, HTTP_CONNECT },
		{ "all_proxy", "http://u:w@p.test:%d/", REFUSED, "p.test", ONE,
			HTTP_CONNECT },
		{ "ALL_PROXY", "http://p.test:%d", REFUSED, "p.test", ONE, HTTP_CONNECT },
		/* Nobody is there, but there was found. */
		{ "https_proxy", "p.test", "no connection: Connection refused", "p.test",
			ONE, HTTP_CONNECT },
		{ "https_proxy", "https://p.test", "no connection: Connection refused",
			"p.test", ONE, HTTP_CONNECT },
		{ "https_proxy", "http://p.test:%d", "the proxy's host name is not found",
			"p.test", NONE, HTTP_RESOLVE },
		{ "https_proxy", "http://127.0.0.1:%d", REFUSED, "", NONE, HTTP_CONNECT },
		{ "no_proxy", "*", "", "name.test", ONE, HTTP_OK },
	};

	start(NULL, 0);
	server_start(&proxy, "127.0.0.1");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request rq = { 0 };
		AUTO_REPLY r = { 0 };
		AUTO_TEXT value = { 0 };
		const char *port = strstr(rows[i].value, "%d");

		text_add_bytes(&value, rows[i].value, strcspn(rows[i].value, "%"));
		if (port)
			text_addf(&value, "%d%s", proxy.port, port + 2);
		if (strcmp(rows[i].name, "no_proxy") == 0)
			(void)setenv("https_proxy", "http://p.test", 1);
		(void)setenv(rows[i].name, text_peek(&value), 1);
		answer = rows[i].answer;
		CHECK_ROW(rows[i].value, ask("name.test", &rq, &r) == MITOK_OK);
		(void)unsetenv(rows[i].name);
		(void)unsetenv("https_proxy");
		CHECK_ROW(r.detail, r.fault == rows[i].fault);
		CHECK_ROW(r.detail, strcmp(r.detail, rows[i].detail) == 0);
		CHECK_ROW(looked_up, strcmp(looked_up, rows[i].looked_up) == 0);
		CHECK_ROW(rows[i].value, lookups <= 1);
	}
	server_end(&proxy);
	kept_end(&server);
}

/* Makes the session forget the address before it next asks, as it does after a minute. */
static struct curl_slist *forget(struct http_session *s)
{
	struct curl_slist *line;
	char text[64];

	(void)snprintf(text, sizeof(text), "-name.test:%d", server.port);
	line = curl_slist_append(NULL, text);
	CHECK(curl_easy_setopt(((struct session *)s)->easy, CURLOPT_RESOLVE, line) == 0);
	return line;
}

static void session(void)
{
	static const enum kept_step steps[] = { KEPT_ANSWER, KEPT_CLOSE, KEPT_CLOSE,
		KEPT_ANSWER, KEPT_DROP };
	struct http_request rq = { 0 };
	struct curl_slist *line;
	AUTO_REPLY r = { 0 };

	start(steps, COUNT(steps));
	answer = ONE;
	CHECK(http_session_new(&rq.session, NULL) == MITOK_OK);
	CHECK(ask("name.test", &rq, &r) == MITOK_OK && r.status == 200);
	CHECK(lookups == 1);
	CHECK(ask("name.test", &rq, &r) == MITOK_OK && r.status == 200);
	CHECK(lookups == 0 && r.was_reused);
	/* The address is good for a minute. */
	CHECK(kept_wait(&server.closed, 1) && kept_heard(&server));
	CHECK(ask("name.test", &rq, &r) == MITOK_OK && r.status == 200);
	CHECK(lookups == 0 && !r.was_reused);
	CHECK(kept_wait(&server.closed, 2) && kept_heard(&server));
	line = forget(rq.session);
	CHECK(ask("name.test", &rq, &r) == MITOK_OK && r.status == 200);
	CHECK(lookups == 1 && !r.was_reused);
	curl_slist_free_all(line);
	/* Nothing is sent a second time. */
	line = forget(rq.session);
	CHECK(ask("name.test", &rq, &r) == MITOK_OK);
	CHECK(r.fault == HTTP_RESET && r.was_reused);
	CHECK_TEXT(r.detail, "the kept connection was closed without an answer");
	CHECK(lookups == 0 && kept_count(&server.requests) == 5);
	CHECK(ask("name.test", &rq, &r) == MITOK_OK && r.status == 200);
	CHECK(lookups == 1);
	curl_slist_free_all(line);
	http_session_free(rq.session);
	kept_end(&server);
}

static void with_threads(void)
{
	struct http_request rq = {
		.method = "GET", .thumbprint = cert.thumbprint, .timeout_ms = 20000
	};
	AUTO_REPLY r = { 0 };
	char url[64];

	start(NULL, 0);
	(void)snprintf(url, sizeof(url), "https://name.test:%d/", server.port);
	rq.url = url;
	for (int i = 0; i < 2; i++) {
		answer = i ? NONE : ONE;
		atomic_store(&lookups, 0);
		http_reply_wipe(&r);
		CHECK(http_exchange(NULL, &rq, &r, NULL) == MITOK_OK);
		CHECK(r.fault == (i ? HTTP_RESOLVE : HTTP_OK) && lookups == 1);
	}
	CHECK_TEXT(r.detail, NOT_FOUND);
	kept_end(&server);
}

static const struct test tests[] = {
	{ "a name is found, or not, or not in time", names },
	{ "so is that of another place to connect to", other_place },
	{ "nothing is looked up that must be an address", local },
	{ "nor is memory that there is not taken for a name that there is not",
		no_memory },
	{ "of a proxy's exchange the proxy's name alone is looked up", proxies },
	{ "a session keeps the address, and nothing is sent twice", session },
	{ "with threads there is one look", with_threads },
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
