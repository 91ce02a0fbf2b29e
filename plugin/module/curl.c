/* The module transport.so: one HTTP exchange by libcurl, and what its end means.
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What an end of libcurl's is for us; why NULL: libcurl's own words. */
static const struct {
	CURLcode code;
	enum http_fault fault;
	const char *why;
} ends[] = {
	// clang-format off
	{ CURLE_COULDNT_CONNECT,         HTTP_CONNECT,  NULL },
	{ CURLE_COULDNT_RESOLVE_HOST,    HTTP_RESOLVE,  "the host name is not found" },
	{ CURLE_COULDNT_RESOLVE_PROXY,   HTTP_RESOLVE,  "the proxy's host name is not found" },
	{ CURLE_PROXY,                   HTTP_CONNECT,  NULL },
	{ CURLE_OPERATION_TIMEDOUT,      HTTP_TIMEOUT,  NULL },
	{ CURLE_GOT_NOTHING,             HTTP_RESET,    "closed without an answer" },
	{ CURLE_PARTIAL_FILE,            HTTP_RESET,    "closed in the middle of the answer" },
	{ CURLE_RECV_ERROR,              HTTP_RESET,    NULL },
	{ CURLE_SEND_ERROR,              HTTP_RESET,    NULL },
	{ CURLE_SSL_CONNECT_ERROR,       HTTP_TLS,      NULL },
	{ CURLE_PEER_FAILED_VERIFICATION, HTTP_TLS,     NULL },
	{ CURLE_SSL_CERTPROBLEM,         HTTP_TLS,      NULL },
	{ CURLE_SSL_CIPHER,              HTTP_TLS,      NULL },
	{ CURLE_SSL_CACERT_BADFILE,      HTTP_TLS,      NULL },
	{ CURLE_SSL_ISSUER_ERROR,        HTTP_TLS,      NULL },
	{ CURLE_SSL_INVALIDCERTSTATUS,   HTTP_TLS,      NULL },
	{ CURLE_USE_SSL_FAILED,          HTTP_TLS,      NULL },
	{ CURLE_UNSUPPORTED_PROTOCOL,    HTTP_NONSENSE, "not HTTP/1.x" }, /* HTTP/0.9 */
	{ CURLE_WEIRD_SERVER_REPLY,      HTTP_NONSENSE, NULL },
	{ CURLE_BAD_CONTENT_ENCODING,    HTTP_NONSENSE, NULL },
	{ CURLE_FILESIZE_EXCEEDED,       HTTP_NONSENSE, "too long a body" },
	/* A header line beyond libcurl's own limit of 100 KiB; see judge(). */
	{ CURLE_OUT_OF_MEMORY,           HTTP_NONSENSE, "a header line that is too long" },
	// clang-format on
};

/* libcurl's handle forgets what is freed here before it is. */
static void exchange_done(struct exchange *x)
{
	session_end(x->session, x->is_whole && x->rq->session);
	curl_url_cleanup(x->url);
	for (struct curl_slist *l = x->lines; l; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(x->lines);
	curl_slist_free_all(x->connect_to);
	text_free(&x->line);
	text_free(&x->headers);
	secret_wipe(&x->body);
}

static bool has_passed(const struct exchange *x, CURLINFO timer)
{
	curl_off_t us = 0;

	return !curl_easy_getinfo(x->easy, timer, &us) && us > 0;
}

static bool has_connected(const struct exchange *x)
{
	return x->was_connected || has_passed(x, CURLINFO_CONNECT_TIME_T);
}

static void describe_timeout(const struct exchange *x, struct http_reply *ret)
{
	const struct http_request *rq = x->rq;
	int64_t connect_ms = rq->connect_ms > 0 && rq->connect_ms < rq->timeout_ms
		? rq->connect_ms
		: rq->timeout_ms;
	bool is_tls = text_starts_nocase(rq->url, "https:");
	const char *what = "no answer";
	int64_t ms = rq->timeout_ms;

	if (x->was_reused) {
		if (has_passed(x, CURLINFO_STARTTRANSFER_TIME_T))
			what = "no whole answer";
	} else if (!x->was_resolved) {
		what = "no address for the host name";
		ms = connect_ms;
	} else if (!has_connected(x)) {
		what = "no connection";
		ms = connect_ms;
	} else if (is_tls && !has_passed(x, CURLINFO_APPCONNECT_TIME_T)) {
		what = "no TLS handshake";
		ms = connect_ms;
	} else if (has_passed(x, CURLINFO_STARTTRANSFER_TIME_T)) {
		what = "no whole answer";
	}
	(void)snprintf(
		ret->detail, sizeof(ret->detail), "%s in %lld ms", what, (long long)ms);
}

static void describe_connect(const struct exchange *x, struct http_reply *ret)
{
	long error = 0, status = 0;

	(void)curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	(void)curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &error);
	ret->sys_errno = x->open_errno ? x->open_errno : (int)error;
	if (status >= 300)
		(void)snprintf(ret->detail, sizeof(ret->detail),
			"the proxy refused with HTTP status %ld", status);
	else if (ret->sys_errno)
		(void)snprintf(ret->detail, sizeof(ret->detail), "no connection: %s",
			strerror(ret->sys_errno));
	/* The reset overtook libcurl's look at its new connection. */
	if (ret->sys_errno == ECONNRESET)
		*ret = (struct http_reply){ .fault = HTTP_RESET,
			.detail = "reset at once" };
}

/* CURLE_RECV_ERROR has two meanings that only libcurl's words tell apart. */
static enum http_fault judge_receive(const struct exchange *x)
{
	long status = 0;

	(void)curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (status >= 300)
		return HTTP_CONNECT;
	return strcasestr(x->words, "chunk") ? HTTP_NONSENSE : HTTP_RESET;
}

static void give_fault(struct exchange *x, CURLcode code, struct http_reply *ret)
{
	const char *words = x->words[0] ? x->words : curl_easy_strerror(code);
	const char *why = NULL;

	ret->fault = has_connected(x) ? HTTP_RESET : HTTP_CONNECT;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (ends[i].code == code) {
			ret->fault = ends[i].fault;
			why = ends[i].why;
		}
	if (code == CURLE_RECV_ERROR)
		ret->fault = judge_receive(x);
	if (x->fault) {
		ret->fault = x->fault;
		why = x->why;
	}
	(void)snprintf(ret->detail, sizeof(ret->detail), "%.150s", why ? why : words);
	if (ret->fault == HTTP_TIMEOUT)
		describe_timeout(x, ret);
	else if (ret->fault == HTTP_CONNECT)
		describe_connect(x, ret);
	text_clean(ret->detail);
}

/* A whole answer, or why there is none: what came of a broken one is not given on. */
static enum mitok_code judge(
	struct exchange *x, CURLcode code, struct http_reply *ret, struct mitok_err *e)
{
	long status = 0;

	ret->was_reused = x->was_reused;
	if (x->no_memory ||
		(code == CURLE_OUT_OF_MEMORY &&
			!has_passed(x, CURLINFO_STARTTRANSFER_TIME_T)))
		return err_memory(e);
	if (code == CURLE_URL_MALFORMAT)
		return err_set(e, MITOK_E_ARG, "not a URL that can be asked");
	if (code == CURLE_SSL_CACERT_BADFILE && x->rq->ca)
		return err_set(e, MITOK_E_CONF, "the given CA certificates are no PEM");
	if (!code && x->rq->thumbprint && !x->session->is_verified) {
		x->fault = HTTP_TLS;
		x->why = "the server's certificate was not looked at";
	} else if (!code && x->part != ANSWER_BODY) {
		x->fault = HTTP_NONSENSE;
		x->why = "not HTTP/1.x";
	}
	if (code || x->fault) {
		give_fault(x, code, ret);
		return MITOK_OK;
	}
	(void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	ret->status = (int)status;
	ret->headers = x->headers;
	x->headers = (struct text){ 0 };
	ret->body = secret_move(&x->body);
	x->is_whole = true;
	return MITOK_OK;
}

static enum mitok_code perform(struct session *s, const struct http_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	__attribute__((cleanup(exchange_done))) struct exchange x = { .rq = rq,
		.session = s };
	CURLcode started = exchange_start(rq->flags & HTTP_OWN_PROCESS);
	enum mitok_code r;

	if (started)
		return err_set(e, MITOK_E_CONF, "libcurl does not start: %s",
			curl_easy_strerror(started));
	r = session_begin(s, &x, e);
	if (!r)
		r = exchange_setup(&x, e);
	if (r)
		return r;
	return judge(&x, x.fault ? CURLE_COULDNT_CONNECT : exchange_perform(&x), ret, e);
}

static enum mitok_code exchange(
	const struct http_request *rq, struct http_reply *ret, struct mitok_err *e)
{
	struct session own, *s = (struct session *)rq->session;
	struct guest guest;
	enum mitok_code r;

	if (!s)
		session_init(s = &own);
	guest_begin(&guest, rq->flags & HTTP_OWN_PROCESS);
	r = perform(s, rq, ret, e);
	guest_end(&guest);
	return r;
}

extern const struct http_module mitok_module_transport;

__attribute__((visibility("default"))) const struct http_module mitok_module_transport = {
	.module = { .abi = MODULE_ABI },
	.exchange = exchange,
	.session_new = session_new,
	.session_free = session_free,
	.session_abandon = session_abandon,
	.sign = assertion_sign,
};
