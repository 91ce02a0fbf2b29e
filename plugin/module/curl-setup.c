/* Everything that is decided before a byte is sent: where to, by which way, with what.
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define MAX_MS INT64_C(86400000)

/* Nothing is looked up for HTTP_LOCAL, so its host must be an address or `localhost`. */
static enum mitok_code setup_local(
	struct exchange *x, const char *host, struct mitok_err *e)
{
	unsigned char address[sizeof(struct in6_addr)];
	bool is_v6 = host[0] == '[' || strchr(host, ':');

	/* Each alone beats the proxies of the environment; together they do so in every
	 * version. */
	EXCHANGE_SET(x, CURLOPT_PROXY, "");
	EXCHANGE_SET(x, CURLOPT_NOPROXY, "*");
	if (is_v6 || inet_pton(AF_INET, host, address) == 1)
		return MITOK_OK;
	if (!text_equal_nocase(host, "localhost")) {
		x->fault = HTTP_FORBIDDEN;
		x->why = "the host is no address";
		return MITOK_OK;
	}
	x->connect_to = curl_slist_append(NULL, "::127.0.0.1:");
	return x->connect_to ? MITOK_OK : err_memory(e);
}

/* A name, colons within brackets, and the port unless it is the URL's. */
static void add_place(const struct http_request *rq, struct text *ret)
{
	bool is_bare_v6 = rq->connect_host[0] != '[' && strchr(rq->connect_host, ':');

	text_addf(ret, is_bare_v6 ? "[%s]" : "%s", rq->connect_host);
	if (rq->connect_port)
		text_addf(ret, ":%d", rq->connect_port);
}

static enum mitok_code setup_connect_to(struct exchange *x, struct mitok_err *e)
{
	AUTO_TEXT t = { 0 };

	if (x->connect_to)
		return MITOK_OK;
	text_add(&t, "::");
	add_place(x->rq, &t);
	if (!x->rq->connect_port)
		text_add(&t, ":");
	if (text_ok(&t))
		x->connect_to = curl_slist_append(NULL, text_peek(&t));
	return x->connect_to ? MITOK_OK : err_memory(e);
}

static enum mitok_code setup_place(
	struct exchange *x, const char *scheme, const char *host, struct mitok_err *e)
{
	enum mitok_code r = MITOK_OK;
	bool is_http = strcmp(scheme, "http") == 0;

	if (!is_http && strcmp(scheme, "https") != 0)
		return err_set(e, MITOK_E_ARG, "'%s' is not http or https", scheme);
	if (is_http && !(x->rq->flags & HTTP_LOCAL))
		return err_set(e, MITOK_E_ARG,
			"'%s' is not on this machine and not https", host);
	if (x->rq->flags & HTTP_LOCAL)
		r = setup_local(x, x->rq->connect_host ? x->rq->connect_host : host, e);
	else if (getauxval(AT_SECURE)) /* libcurl reads https_proxy with plain getenv() */
		EXCHANGE_SET(x, CURLOPT_PROXY, "");
	if (!r && x->rq->connect_host)
		r = setup_connect_to(x, e);
	EXCHANGE_SET(x, CURLOPT_CONNECT_TO, x->connect_to);
	return r;
}

/* Parsed once, by libcurl itself, so that what is checked is what is connected to. */
static enum mitok_code setup_url(struct exchange *x, struct mitok_err *e)
{
	char *scheme = NULL, *host = NULL;
	enum mitok_code r;

	x->url = curl_url();
	if (!x->url)
		return err_memory(e);
	if (curl_url_set(x->url, CURLUPART_URL, x->rq->url,
		    CURLU_DISALLOW_USER | CURLU_PATH_AS_IS) ||
		curl_url_get(x->url, CURLUPART_SCHEME, &scheme, 0) ||
		curl_url_get(x->url, CURLUPART_HOST, &host, 0))
		r = err_set(e, MITOK_E_ARG, "not a URL that can be asked");
	else
		r = setup_place(x, scheme, host, e);
	curl_free(scheme);
	curl_free(host);
	EXCHANGE_SET(x, CURLOPT_CURLU, x->url);
	return r;
}

/* libcurl copies the line; exchange_done() wipes that copy. */
static enum mitok_code add_line(
	struct exchange *x, const struct secret *line, struct mitok_err *e)
{
	struct curl_slist *longer = curl_slist_append(x->lines, secret_peek(line));

	if (!longer)
		return err_memory(e);
	x->lines = longer;
	return MITOK_OK;
}

static enum mitok_code add_header(
	struct exchange *x, const struct http_header *h, struct mitok_err *e)
{
	const char *value = h->secret ? secret_peek(h->secret) : h->value ? h->value : "";
	AUTO_SECRET line = { 0 };

	if (text_has_control(value) || (h->secret && strlen(value) != h->secret->len))
		return err_set(e, MITOK_E_CONF,
			"the value for the header '%s' has control characters", h->name);
	/* A semicolon is libcurl's way to say: send it though it is empty. */
	if (!secret_add_text(&line, h->name) ||
		!secret_add_text(&line, *value ? ": " : ";") ||
		!secret_add_text(&line, value))
		return err_memory(e);
	return add_line(x, &line, e);
}

static enum mitok_code setup_headers(struct exchange *x, struct mitok_err *e)
{
	struct http_header own[] = { { .name = "Host" } };
	/* libcurl leaves out a header that is given without value. `Expect` would cost a
	 * round trip that identity endpoints do not know; a POST's type is the caller's
	 * affair. */
	static const char *const none[] = { "Expect:", "Accept:", "Content-Type:" };
	bool given[] = { false, false, false };
	AUTO_TEXT place = { 0 };
	enum mitok_code r = MITOK_OK;

	for (size_t i = 0; i < HTTP_MAX_HEADERS && x->rq->headers[i].name && !r; i++) {
		given[1] |= text_equal_nocase(x->rq->headers[i].name, "Accept");
		given[2] |= text_equal_nocase(x->rq->headers[i].name, "Content-Type");
		r = add_header(x, &x->rq->headers[i], e);
	}
	if (!r && x->rq->connect_host) {
		add_place(x->rq, &place);
		own[0].value = text_peek(&place);
		r = text_ok(&place) ? add_header(x, &own[0], e) : err_memory(e);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(*none) && !r; i++) {
		AUTO_SECRET line = { 0 };

		if (given[i])
			continue;
		r = secret_add_text(&line, none[i]) ? add_line(x, &line, e)
						    : err_memory(e);
	}
	EXCHANGE_SET(x, CURLOPT_HTTPHEADER, x->lines);
	return r;
}

/* RFC 9110, section 9.1: those that there are have capital letters only. */
static bool is_method(const char *method)
{
	size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return len > 0 && len < 16 && !method[len];
}

static enum mitok_code setup_method(struct exchange *x, struct mitok_err *e)
{
	const struct secret *body = x->rq->body;

	if (!is_method(x->rq->method))
		return err_set(e, MITOK_E_ARG, "'%s' is no method", x->rq->method);
	if (strcmp(x->rq->method, "GET") == 0 && !body) {
		EXCHANGE_SET(x, CURLOPT_HTTPGET, 1L);
		return MITOK_OK;
	}
	if (strcmp(x->rq->method, "HEAD") == 0 && !body) {
		EXCHANGE_SET(x, CURLOPT_NOBODY, 1L);
		return MITOK_OK;
	}
	if (strcmp(x->rq->method, "POST") != 0) {
		EXCHANGE_SET(x, CURLOPT_CUSTOMREQUEST, x->rq->method);
		/* The others say that they have none (RFC 9110, section 8.6). */
		if (!body && strcmp(x->rq->method, "PUT") != 0 &&
			strcmp(x->rq->method, "PATCH") != 0)
			return MITOK_OK;
	}
	EXCHANGE_SET(x, CURLOPT_POST, 1L);
	/* The size first; POSTFIELDS is not copied, so that it is wiped with its owner.
	 */
	EXCHANGE_SET(x, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(body ? body->len : 0));
	EXCHANGE_SET(x, CURLOPT_POSTFIELDS, body ? secret_peek(body) : "");
	return MITOK_OK;
}

/* What never changes. */
static void setup_fixed(struct exchange *x)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	EXCHANGE_SET(x, CURLOPT_PROTOCOLS_STR,
		x->rq->flags & HTTP_LOCAL ? "http,https" : "https");
	EXCHANGE_SET(x, CURLOPT_REDIR_PROTOCOLS_STR, "https"); /* none is not accepted */
#else
	EXCHANGE_SET(x, CURLOPT_PROTOCOLS,
		(long)(CURLPROTO_HTTPS |
			(x->rq->flags & HTTP_LOCAL ? CURLPROTO_HTTP : 0)));
	EXCHANGE_SET(x, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
	EXCHANGE_SET(x, CURLOPT_FOLLOWLOCATION, 0L);
	EXCHANGE_SET(x, CURLOPT_UNRESTRICTED_AUTH, 0L);
	EXCHANGE_SET(x, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	EXCHANGE_SET(x, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	EXCHANGE_SET(x, CURLOPT_HTTP09_ALLOWED, 0L);
	/* A proxy of the environment sees neither our headers nor do we take its. */
	EXCHANGE_SET(x, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	EXCHANGE_SET(x, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	/* The signals of the host program are its own; see also struct guest. */
	EXCHANGE_SET(x, CURLOPT_NOSIGNAL, 1L);
	EXCHANGE_SET(x, CURLOPT_NOPROGRESS, 1L);
	EXCHANGE_SET(x, CURLOPT_TCP_NODELAY, 1L);
	EXCHANGE_SET(x, CURLOPT_USERAGENT, "mi-token");
	EXCHANGE_SET(x, CURLOPT_ERRORBUFFER, x->words);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A thread that still asks the name server is left to end by itself: to wait for
	 * it would break the deadline. */
	EXCHANGE_SET(x, CURLOPT_QUICK_EXIT, 1L);
#endif
}

bool exchange_setup_times(struct exchange *x, int64_t spent_ms)
{
	int64_t whole = x->rq->timeout_ms < MAX_MS ? x->rq->timeout_ms : MAX_MS;
	int64_t connect = x->rq->connect_ms;

	if (connect <= 0 || connect > whole)
		connect = whole;
	if (connect <= spent_ms)
		return false;
	EXCHANGE_SET(x, CURLOPT_TIMEOUT_MS, (long)(whole - spent_ms));
	EXCHANGE_SET(x, CURLOPT_CONNECTTIMEOUT_MS, (long)(connect - spent_ms));
	return true;
}

enum mitok_code exchange_setup(struct exchange *x, struct mitok_err *e)
{
	enum mitok_code r;

	if (!exchange_setup_times(x, 0))
		return err_set(e, MITOK_E_ARG, "no time is left for a request");
	/* libcurl would write the session's keys to any file its caller names. */
	if (getauxval(AT_SECURE) && getenv("SSLKEYLOGFILE"))
		return err_set(e, MITOK_E_CONF,
			"SSLKEYLOGFILE is set for a program with raised rights");
	setup_fixed(x);
	exchange_setup_answer(x);
	r = setup_url(x, e);
	if (!r)
		r = setup_method(x, e);
	if (!r)
		r = setup_headers(x, e);
	if (!r)
		r = exchange_setup_tls(x, e);
	exchange_setup_session(x);
	if (r || !x->refused)
		return r;
	if (x->refused == CURLE_OUT_OF_MEMORY)
		return err_memory(e);
	(void)err_set(e, MITOK_E_CONF, "libcurl %s cannot be made safe: %s",
		curl_version_info(CURLVERSION_NOW)->version,
		curl_easy_strerror(x->refused));
	return err_hint(
		e, MITOK_E_CONF, "install libcurl 7.81 or newer, built with OpenSSL");
}
