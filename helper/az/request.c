/* Requests to Azure that carry a token.
 * SPDX-License-Identifier: MIT */
#include "request.h"

#include <stdio.h>
#include <string.h>

#include "context.h"

static enum mitok_code authorize(
	struct az *az, const char *resource, struct secret *ret, struct mitok_err *e)
{
	const struct context_ask ask = { .resource = resource };
	AUTO_TOKEN t = NULL;
	enum mitok_code r = context_token(az, &ask, &t, e);
	const char *value;
	size_t len;

	if (r)
		return r;
	value = mitok_token_value(t, &len);
	return secret_add_text(ret, "Bearer ") && secret_add(ret, value, len)
		? MITOK_OK
		: err_memory(e);
}

/* The host alone, for sentences. */
static void name_host(const char *url, char *ret, size_t size)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	(void)snprintf(ret, size, "%.*s", (int)strcspn(host, "/?#"), host);
}

enum mitok_code request_send(struct az *az, const struct request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	const struct log log = { az->args.debug ? context_log : NULL, NULL };
	struct http_request wire = {
		.method = rq->method,
		.url = rq->url,
		.body = rq->body,
		.flags = HTTP_OWN_PROCESS,
		.timeout_ms = rq->timeout_ms,
		.max_body = rq->max_body,
	};
	AUTO_SECRET token = { 0 };
	enum mitok_code r = MITOK_OK;
	char host[256];
	bool has_agent = false;
	size_t n = 0;

	for (; n < REQUEST_HEADERS && rq->headers[n].name; n++) {
		wire.headers[n] = rq->headers[n];
		has_agent |= text_equal_nocase(rq->headers[n].name, "User-Agent");
	}
	if (!has_agent)
		wire.headers[n++] = (struct http_header){ "User-Agent",
			"mi-token/" MI_TOKEN_VERSION, NULL };
	name_host(rq->url, host, sizeof(host));
	if (rq->resource && !text_starts_nocase(rq->url, "https://"))
		return err_set(
			e, MITOK_E_DENIED, "no token is sent to %s without TLS", host);
	if (rq->resource) {
		r = authorize(az, rq->resource, &token, e);
		wire.headers[n] = (struct http_header){ "Authorization", NULL, &token };
	}
	if (!r)
		r = http_exchange(&log, &wire, ret, e);
	if (!r && ret->fault)
		r = err_set(e, MITOK_E_LATER, "%s: %s", host, ret->detail);
	return r == MITOK_E_ARG ? (e->code = MITOK_E_DENIED) : r;
}

const char *request_text(const struct value *v, const char *name)
{
	const struct value *member = value_member(v, name);

	return member && member->kind == VALUE_TEXT ? member->text : NULL;
}

/* Values lend their texts from the document, which is kept. */
enum mitok_code request_value(struct az *az, const struct http_reply *rp,
	const struct value **ret, struct mitok_err *e)
{
	struct json *j = NULL;
	enum mitok_code r =
		json_parse_document(secret_peek(&rp->body), rp->body.len, &j, e);

	if (r)
		return r;
	j->next = az->documents;
	az->documents = j;
	*ret = value_from_json(&az->arena, j);
	return *ret ? MITOK_OK : err_memory(e);
}

/* {"error": {"code", "message"}}, or the same without the first name. */
static enum mitok_code refusal(
	const char *host, int status, const struct value *v, struct mitok_err *e)
{
	const struct value *inner = v ? value_member(v, "error") : NULL;
	const char *code, *message;

	inner = inner && inner->kind == VALUE_OBJECT ? inner : v;
	code = inner ? request_text(inner, "code") : NULL;
	message = inner ? request_text(inner, "message") : NULL;
	if (!code && !message)
		return err_set(e, MITOK_E_DENIED, "%s: HTTP status %d", host, status);
	return err_set(
		e, MITOK_E_DENIED, "(%s) %s", code ? code : host, message ? message : "");
}

enum mitok_code request_json(struct az *az, const struct request *rq,
	const struct value **ret, int *ret_status, struct mitok_err *e)
{
	AUTO_REPLY rp = { 0 };
	struct mitok_err why = { 0 };
	const struct value *v = NULL;
	char host[256];
	enum mitok_code r = request_send(az, rq, &rp, e);

	if (r)
		return r;
	if (ret_status)
		*ret_status = rp.status;
	name_host(rq->url, host, sizeof(host));
	r = request_value(az, &rp, &v, &why);
	if (rp.status != 200)
		return refusal(host, rp.status, v, e);
	if (r) {
		*e = why;
		return err_within(e, MITOK_E_REPLY, "%s", host);
	}
	*ret = v;
	return MITOK_OK;
}
