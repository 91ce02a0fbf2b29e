/* A token out of an answer with status 200, or the reason why it is none.
 * SPDX-License-Identifier: MIT */
#include "source/reply.h"

#include <string.h>

#include "io/json.h"

/* 2001-01-01: what is smaller and called a date is a number of seconds from now (seen in
 * "expires_on" of some agents, and read so by MSAL). */
#define OLDEST_DATE_S INT64_C(978307200)

bool reply_is_token(const struct secret *s)
{
	const char *p = secret_peek(s);
	size_t good = strspn(p,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		"-._~+/=");

	return s->len > 0 && s->len <= REPLY_TOKEN_MAX && good == s->len;
}

static enum mitok_code read_token(
	const struct json *j, struct grant *g, struct mitok_err *e)
{
	const struct json *token = json_member(j, "access_token");
	const struct json *type = json_member(j, "token_type");

	if (!token || token->kind != JSON_TEXT)
		return err_set(e, MITOK_E_REPLY, "an answer without an access_token");
	if (!reply_is_token(&token->text))
		return err_set(e, MITOK_E_REPLY,
			"an access_token of %zu bytes that cannot be one",
			token->text.len);
	if (type && (!json_text(type) || !text_equal_nocase(json_text(type), "bearer")))
		return err_set(e, MITOK_E_REPLY, "a token that is not of type Bearer");
	if (!secret_add(&g->token, secret_peek(&token->text), token->text.len))
		return err_memory(e);
	return TEXT_COPY(g->type, "Bearer") ? MITOK_OK : MITOK_E_BUG;
}

/* A date or a number of seconds from now, as text or number. */
static bool read_date(const struct json *j, int64_t now_s, int64_t *ret)
{
	const char *text = json_text(j);
	int64_t n;

	if (!json_to_number(j, 1, CLOCK_MAX_S, &n) &&
		!(text && clock_parse_date(text, &n)))
		return false;
	*ret = n < OLDEST_DATE_S ? now_s + n : n;
	return true;
}

static bool is_absent(const struct json *j)
{
	return !j || j->kind == JSON_NULL || (j->kind == JSON_TEXT && j->text.len == 0);
}

static enum mitok_code read_times(
	const struct json *j, int64_t now_s, struct grant *g, struct mitok_err *e)
{
	const struct json *on = json_member(j, "expires_on");
	const struct json *in = json_member(j, "expires_in");
	int64_t n;

	if (!is_absent(on)) {
		if (!read_date(on, now_s, &g->expires_s))
			return err_set(
				e, MITOK_E_REPLY, "a token whose expires_on is no date");
	} else {
		if (!json_to_number(in, 1, CLOCK_MAX_S - now_s, &n))
			return err_set(
				e, MITOK_E_REPLY, "a token without a time of expiry");
		/* By our clock, as the answer came just now: the service's has no say. */
		g->expires_s = now_s + n;
		g->date_s = 0;
	}
	if (json_to_number(json_member(j, "refresh_in"), 1, CLOCK_MAX_S - now_s, &n) &&
		now_s + n < g->expires_s)
		g->refresh_s = now_s + n;
	return MITOK_OK;
}

/* A token that has expired on arrival is most often a clock that is wrong. */
static enum mitok_code check_life(
	const struct grant *g, int64_t now_s, struct mitok_err *e)
{
	int64_t ahead = g->date_s ? now_s - g->date_s : 0;
	enum mitok_code r;

	if (g->expires_s > now_s)
		return MITOK_OK;
	r = err_set(e, MITOK_E_REPLY, "a token that expired %lld s ago",
		(long long)(now_s - g->expires_s));
	if (ahead > 60)
		return err_hint(e, r,
			"this machine's clock is %lld s ahead of the service's",
			(long long)ahead);
	return err_hint(e, r, "check this machine's clock");
}

static size_t length_without_slashes(const char *s)
{
	size_t len = strlen(s);

	while (len && s[len - 1] == '/')
		len--;
	return len;
}

static enum mitok_code check_resource(
	const struct json *j, const char *resource, struct mitok_err *e)
{
	const char *echo = json_text(json_member(j, "resource"));
	size_t len = length_without_slashes(resource);

	if (!echo ||
		(length_without_slashes(echo) == len &&
			strncasecmp(echo, resource, len) == 0))
		return MITOK_OK;
	return err_set(e, MITOK_E_REPLY, "a token for '%.200s' instead of '%.200s'", echo,
		resource);
}

/* A service's clock that is off by more is not believed. */
#define DATE_OFF_S 86400

static void read_extras(
	const struct http_reply *r, const struct json *j, int64_t now_s, struct grant *g)
{
	const char *id = json_text(json_member(j, "client_id"));
	char date[64];

	if (id && text_is_guid(id))
		(void)!TEXT_COPY(g->client_id, id);
	if (!http_header_value(r, "date", 0, date, sizeof(date)) ||
		text_is_digit(date[0]) || !clock_parse_date(date, &g->date_s) ||
		g->date_s < now_s - DATE_OFF_S || g->date_s > now_s + DATE_OFF_S)
		g->date_s = 0;
}

enum mitok_code reply_grant(const struct http_reply *r, const char *resource,
	int64_t now_s, struct grant *ret, struct mitok_err *e)
{
	AUTO_GRANT g = { 0 };
	AUTO_JSON j = NULL;
	enum mitok_code code;

	if (r->status != 200)
		return err_set(
			e, MITOK_E_REPLY, "HTTP status %d instead of a token", r->status);
	if (r->body.len == 0)
		return err_set(e, MITOK_E_REPLY, "an empty answer");
	code = json_parse(secret_peek(&r->body), r->body.len, &j, e);
	if (code)
		return code;
	if (j->kind != JSON_OBJECT)
		return err_set(e, MITOK_E_REPLY, "an answer that is no JSON object");
	read_extras(r, j, now_s, &g);
	code = read_token(j, &g, e);
	if (!code)
		code = read_times(j, now_s, &g, e);
	if (!code)
		code = check_life(&g, now_s, e);
	if (!code)
		code = check_resource(j, resource, e);
	if (code)
		return code;
	*ret = g;
	g = (struct grant){ 0 };
	return MITOK_OK;
}

bool reply_echoes(const struct http_reply *r, const char *const *names, const char *id)
{
	AUTO_JSON j = NULL;

	if (json_parse(secret_peek(&r->body), r->body.len, &j, NULL))
		return false;
	for (; *names; names++) {
		const char *value = json_text(json_member(j, *names));

		if (value && text_equal_nocase(value, id))
			return true;
	}
	return false;
}
