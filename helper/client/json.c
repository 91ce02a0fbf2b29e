/* Requests to services that answer in JSON, and what their refusals say.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/clock.h"
#include "call.h"

#define TRIES       4 /* in all */
/* Waited before the second try, twice as long before the next; and no service is waited for
 * that wants to be left alone for longer than the second. */
#define PAUSE_MS    INT64_C(1000)
#define PAUSE_MAX_S INT64_C(60)

/* A member's text; in OData of old a message is an object of its languages. */
static const char *text_of(const struct json *j, const char *name)
{
	const struct json *member = json_member(j, name);

	return member && member->kind == JSON_OBJECT
		? json_text(json_member(member, "value"))
		: json_text(member);
}

/* {"error": {"code", "message"}} (Azure Resource Manager, Key Vault, Graph), the same as
 * "odata.error" (tables), without the outer name (registries, Azure DevOps' own words), or
 * OAuth's {"error", "error_description"}. */
static bool read_words(
	const struct json *j, const char **ret_code, const char **ret_message)
{
	static const char *const outer[] = { "error", "odata.error", NULL };
	const struct json *inner = j;

	for (size_t i = 0; outer[i]; i++) {
		const struct json *member = json_member(j, outer[i]);

		if (member && member->kind == JSON_OBJECT)
			inner = member;
	}
	*ret_code = text_of(inner, "code");
	*ret_message = text_of(inner, "message");
	if (!*ret_code && !*ret_message) {
		*ret_code = text_of(j, "error");
		*ret_message = text_of(j, "error_description");
	}
	return *ret_code || *ret_message;
}

static enum mitok_code class_of(int status)
{
	if (status == 429 || status >= 500)
		return MITOK_E_LATER;
	return status >= 400 ? MITOK_E_DENIED : MITOK_E_REPLY;
}

/* Retry-After (RFC 9110, section 10.2.3) in seconds; -1: not there, or nonsense. */
static int64_t retry_after(const struct http_reply *rp)
{
	char value[64];
	int64_t n, now = clock_now().real_s;

	if (!http_header_value(rp, "Retry-After", 0, value, sizeof(value)))
		return -1;
	if (text_to_number(value, 0, CLOCK_MAX_S, &n))
		return n;
	if (text_is_digit(value[0]) || !clock_parse_date(value, &n))
		return -1;
	return n > now ? n - now : 0;
}

static enum mitok_code refusal(
	const char *host, const struct http_reply *rp, struct mitok_err *e)
{
	enum mitok_code r = class_of(rp->status);
	AUTO_JSON j = NULL;
	const char *code, *message;
	int64_t wait = r == MITOK_E_LATER ? retry_after(rp) : -1;

	if (json_parse_document(secret_peek(&rp->body), rp->body.len, &j, NULL) == 0 &&
		read_words(j, &code, &message))
		(void)err_set(
			e, r, "(%s) %s", code ? code : host, message ? message : "");
	else
		(void)err_set(e, r, "%s: HTTP status %d", host, rp->status);
	if (e) {
		e->http_status = rp->status;
		e->retry_after_s = wait > 0 && wait <= INT32_MAX ? (int)wait : 0;
	}
	return r;
}

/* Whether there is time for the pause, and a try behind it. */
static bool has_time(const struct client *c, int64_t pause_ms)
{
	return !c->deadline_ms || clock_now().boot_ms + pause_ms < c->deadline_ms;
}

/* Milliseconds until the next try; -1: it would not help, or not soon. */
static int64_t pause_before(unsigned tries, const struct http_reply *rp)
{
	int64_t asked = rp->fault ? -1 : retry_after(rp);

	if (tries >= TRIES || asked > PAUSE_MAX_S)
		return -1;
	if (rp->fault)
		return rp->fault == HTTP_RESET ? PAUSE_MS << (tries - 1) : -1;
	if (rp->status != 429 && rp->status < 500)
		return -1;
	return asked > 0 ? asked * 1000 : PAUSE_MS << (tries - 1);
}

/* Sends until it is answered by something that is not worth another try. */
static enum mitok_code send_patiently(const struct client *c,
	const struct client_request *rq, struct http_session *session,
	struct http_reply *ret, struct mitok_err *e)
{
	bool may_repeat = strcmp(rq->method, "GET") == 0;

	for (unsigned tries = 1;; tries++) {
		enum mitok_code r = call_send(c, rq, session, ret, e);
		int64_t wait = pause_before(tries, ret);

		if (r && (!ret->fault || !may_repeat))
			return r;
		/* The server closed a connection that had been idle. */
		if (wait > 0 && ret->fault && ret->was_reused)
			wait = 0;
		if (wait < 0 || !has_time(c, wait))
			return r;
		http_reply_wipe(ret);
		log_debug(c->log, "next try in %lld ms", (long long)wait);
		clock_sleep(wait);
	}
}

enum mitok_code call_json(const struct client *c, const struct client_request *rq,
	struct http_session *session, struct json **ret, struct mitok_err *e)
{
	AUTO_REPLY rp = { 0 };
	struct call_place at = { .path = "" };
	enum mitok_code r = call_place_read(rq->url, &at, e);

	if (!r)
		r = send_patiently(c, rq, session, &rp, e);
	/* Somebody did answer. */
	if (r && (rp.fault == HTTP_NONSENSE || rp.fault == HTTP_TLS))
		return e ? (e->code = MITOK_E_REPLY) : MITOK_E_REPLY;
	if (r)
		return r;
	if (rp.status >= 300)
		return refusal(at.host, &rp, e);
	r = json_parse_document(secret_peek(&rp.body), rp.body.len, ret, e);
	return r ? err_within(e, r, "%s", at.host) : r;
}

enum mitok_code client_json(const struct client *c, const struct client_request *rq,
	struct json **ret, struct mitok_err *e)
{
	return call_json(c, rq, NULL, ret, e);
}
