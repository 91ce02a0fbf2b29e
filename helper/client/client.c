/* One request with a token of the identity.
 * SPDX-License-Identifier: MIT */
#include "client.h"

#include <string.h>

#include "../process.h"
#include "base/clock.h"
#include "call.h"

enum mitok_code call_place_read(
	const char *url, struct call_place *ret, struct mitok_err *e)
{
	static const char scheme[] = "https://";
	const char *host = url + sizeof(scheme) - 1;
	size_t len, name;

	if (!text_starts_nocase(url, scheme))
		return err_set(e, MITOK_E_ARG, "'%.200s' is no URL of https", url);
	if (text_has_control(url) || strchr(url, ' '))
		return err_set(e, MITOK_E_ARG, "a URL with blanks or control characters");
	len = strcspn(host, "/?#");
	if (memchr(host, '@', len))
		return err_set(e, MITOK_E_ARG, "a URL with a user in it");
	name = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	if (!name || name > len || name >= sizeof(ret->host))
		return err_set(e, MITOK_E_ARG, "a URL without a host's name");
	memcpy(ret->host, host, name);
	ret->host[name] = '\0';
	ret->path = host + len;
	ret->origin_len = sizeof(scheme) - 1 + len;
	return MITOK_OK;
}

/* What one exchange may take. */
static int64_t time_ms(const struct client *c)
{
	int64_t left = c->deadline_ms - clock_now().boot_ms;

	if (!c->deadline_ms || (c->timeout_ms > 0 && c->timeout_ms < left))
		return c->timeout_ms;
	return left > 0 ? left : 1; /* for the sentence */
}

static enum mitok_code authorize(const struct client *c, const struct client_request *rq,
	const struct call_place *at, struct secret *ret, struct mitok_err *e)
{
	struct mitok_request ask = {
		.size = sizeof(ask),
		.resource = rq->resource,
		.identity = c->identity,
		.source = c->source,
		.host = at->host,
		.timeout_ms = (long)time_ms(c),
	};
	AUTO_TOKEN t = NULL;
	AUTO_TEXT path = { 0 };
	enum mitok_code r;
	const char *value;
	size_t len;

	text_add_bytes(&path, at->path, strcspn(at->path, "?#"));
	if (!text_ok(&path))
		return err_memory(e);
	ask.path = path.len ? path.p : NULL;
	r = mitok_get(c->m, &ask, &t, e);
	if (r)
		return r;
	value = mitok_token_value(t, &len);
	return secret_add_text(ret, rq->scheme ? rq->scheme : "Bearer ") &&
			secret_add(ret, value, len)
		? MITOK_OK
		: err_memory(e);
}

enum mitok_code call_send(const struct client *c, const struct client_request *rq,
	struct http_session *session, struct http_reply *ret, struct mitok_err *e)
{
	struct http_request wire = {
		.session = session,
		.method = rq->method,
		.url = rq->url,
		.body = rq->body,
		.flags = HTTP_OWN_PROCESS,
		.max_body = rq->max_body,
	};
	AUTO_SECRET token = { 0 };
	struct call_place at = { .path = "" };
	bool has_agent = false;
	enum mitok_code r = call_place_read(rq->url, &at, e);
	size_t n = 0;

	if (!r && rq->resource)
		r = authorize(c, rq, &at, &token, e);
	if (r)
		return r;
	for (; n < CLIENT_HEADERS && rq->headers[n].name; n++) {
		wire.headers[n] = rq->headers[n];
		has_agent |= text_equal_nocase(rq->headers[n].name, "User-Agent");
	}
	if (!has_agent)
		wire.headers[n++] = (struct http_header){ "User-Agent",
			"mi-token/" MI_TOKEN_VERSION, NULL };
	if (rq->resource)
		wire.headers[n] = (struct http_header){ "Authorization", NULL, &token };
	wire.timeout_ms = time_ms(c);
	r = http_exchange(c->log, &wire, ret, e);
	if (!r && ret->fault)
		r = err_set(e, MITOK_E_LATER, "%s: %s", at.host, ret->detail);
	return r;
}

enum mitok_code client_send(const struct client *c, const struct client_request *rq,
	struct http_reply *ret, struct mitok_err *e)
{
	return call_send(c, rq, NULL, ret, e);
}
