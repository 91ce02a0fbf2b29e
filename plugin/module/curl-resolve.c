/* Names, for a process that can start no thread: libcurl looks them up in one.
 * haproxy, once it has become the user it is told to be, sets RLIMIT_NPROC to 0 unless its
 * configuration has `insecure-fork-wanted`; each handshake with a key in a vault comes here.
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"

/* What libcurl would have looked up. */
struct place {
	struct text host, port;
};

static void place_done(struct place *p)
{
	text_free(&p->host);
	text_free(&p->port);
}
#define AUTO_PLACE __attribute__((cleanup(place_done))) struct place

static void lines_done(struct curl_slist **lines)
{
	curl_slist_free_all(*lines);
}

/* A code of its own this has not, and libcurl's words are gone in versions that keep their
 * threads (then it is CURLE_FAILED_INIT), so the limit counts as well. Who is above it, as
 * root is, is only told a second time that there is no such name. */
static bool is_for_want_of_thread(const struct exchange *x, CURLcode code)
{
	struct rlimit limit;

	if ((x->rq->flags & HTTP_LOCAL) || x->fault ||
		(code != CURLE_COULDNT_RESOLVE_HOST &&
			code != CURLE_COULDNT_RESOLVE_PROXY && code != CURLE_FAILED_INIT))
		return false;
	return strstr(x->words, "thread failed to start") ||
		(getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur == 0);
}

/* Adds a part of the URL; false: there is none. */
static bool add_part(CURLU *url, CURLUPart part, unsigned flags, struct text *ret)
{
	char *value = NULL;

	if (curl_url_get(url, part, &value, flags))
		return false;
	text_add(ret, value);
	curl_free(value);
	return true;
}

static bool find_host(const struct exchange *x, struct place *ret)
{
	const struct http_request *rq = x->rq;

	if (rq->connect_host)
		text_add(&ret->host, rq->connect_host);
	else if (!add_part(x->url, CURLUPART_HOST, 0, &ret->host))
		return false;
	if (rq->connect_host && rq->connect_port)
		text_addf(&ret->port, "%d", rq->connect_port);
	else if (!add_part(x->url, CURLUPART_PORT, CURLU_DEFAULT_PORT, &ret->port))
		return false;
	return true;
}

/* As libcurl reads it: these variables in this order, `http` unless it has a scheme, and
 * for all but https its old port (CURLOPT_PROXY(3)). Whether no_proxy speaks against it
 * need not be known: only a proxy that is used has a name that is not found. */
static bool find_proxy(struct place *ret)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY" };
	const unsigned how = CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME;
	AUTO_TEXT scheme = { 0 };
	const char *value = NULL;
	bool is_read;
	CURLU *url;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && (!value || !*value); i++)
		value = secure_getenv(names[i]);
	url = value && *value ? curl_url() : NULL;
	if (!url)
		return false;
	is_read = !curl_url_set(url, CURLUPART_URL, value, how) &&
		add_part(url, CURLUPART_SCHEME, 0, &scheme) &&
		add_part(url, CURLUPART_HOST, CURLU_URLDECODE, &ret->host);
	if (is_read && !add_part(url, CURLUPART_PORT, 0, &ret->port))
		text_add(&ret->port,
			strcmp(text_peek(&scheme), "https") == 0 ? "443" : "1080");
	curl_url_cleanup(url);
	return is_read;
}

/* The line for CURLOPT_RESOLVE(3); empty: it is not found. The plus makes it as old after a
 * minute as what libcurl finds by itself: a session may outlive an address. */
static void look_up(struct exchange *x, const struct place *p, struct text *ret)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *all = NULL;
	int error = getaddrinfo(text_peek(&p->host), NULL, &hints, &all);
	char address[NI_MAXHOST];

	x->no_memory |= error == EAI_MEMORY;
	if (error)
		return;
	for (const struct addrinfo *a = all; a; a = a->ai_next) {
		/* libcurl takes none with a zone, and then nothing of the line. */
		if (getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof(address), NULL,
			    0, NI_NUMERICHOST) ||
			strchr(address, '%'))
			continue;
		if (ret->len == 0)
			text_addf(ret, "+%s:%s:%s", text_peek(&p->host),
				text_peek(&p->port), address);
		else
			text_addf(ret, ",%s", address);
	}
	freeaddrinfo(all);
	x->no_memory |= !text_ok(ret);
}

/* Puts the place's addresses into *lines; false: there are none. */
static bool resolve(struct exchange *x, const struct place *p, struct curl_slist **lines)
{
	AUTO_TEXT line = { 0 };
	struct curl_slist *longer;

	x->no_memory |= !text_ok(&p->host) || !text_ok(&p->port);
	if (!x->no_memory)
		look_up(x, p, &line);
	if (x->no_memory || line.len == 0)
		return false;
	longer = curl_slist_append(*lines, text_peek(&line));
	x->no_memory |= !longer;
	if (longer)
		*lines = longer;
	return longer;
}

/* CURLE_FAILED_INIT does not tell which of the two it was. SOCKS proxies that want addresses
 * (socks4, socks5; not socks4a, socks5h) need the host's as well, and do not get it: what
 * they fail with is not known to come from here. */
static CURLcode resolve_all(struct exchange *x, CURLcode code, struct curl_slist **lines)
{
	AUTO_PLACE host = { 0 }, proxy = { 0 };

	if (code != CURLE_COULDNT_RESOLVE_HOST && find_proxy(&proxy) &&
		!resolve(x, &proxy, lines))
		return CURLE_COULDNT_RESOLVE_PROXY;
	if (*lines)
		return CURLE_OK;
	if (code == CURLE_COULDNT_RESOLVE_PROXY)
		return code;
	if (!find_host(x, &host) || !resolve(x, &host, lines))
		return CURLE_COULDNT_RESOLVE_HOST;
	return CURLE_OK;
}

/* In the caller's thread, whose time nothing bounds but resolv.conf(5): 5 s for each try,
 * two tries with each server by default. So an exchange may take that much longer than its
 * time-out; it is then given up, as it would have been. */
static CURLcode perform_resolved(struct exchange *x, CURLcode code, int64_t start_ms)
{
	__attribute__((cleanup(lines_done))) struct curl_slist *lines = NULL;

	code = resolve_all(x, code, &lines);
	if (code)
		return code;
	if (!exchange_setup_times(x, clock_now().boot_ms - start_ms))
		return CURLE_OPERATION_TIMEDOUT;
	code = curl_easy_setopt(x->easy, CURLOPT_RESOLVE, lines);
	if (!code)
		code = curl_easy_perform(x->easy);
	/* The addresses stay with the handle, the lines do not. */
	(void)curl_easy_setopt(x->easy, CURLOPT_RESOLVE, NULL);
	return code;
}

CURLcode exchange_perform(struct exchange *x)
{
	int64_t start_ms = clock_now().boot_ms;
	CURLcode code = curl_easy_perform(x->easy);

	if (!is_for_want_of_thread(x, code))
		return code;
	/* It was libcurl's retry that needed the name. */
	if (x->was_sent) {
		exchange_refuse_retry(x);
		return code;
	}
	return perform_resolved(x, code, start_ms);
}
