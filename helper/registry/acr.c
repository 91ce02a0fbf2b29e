/* Entra's token for one that the registry itself has made (github.com/Azure/acr,
 * docs/AAD-OAuth.md, "Calling POST /oauth2/exchange").
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "registry.h"
#include "io/json.h"

#define CONNECT_MS 5000

/* RFC 3986's unreserved characters stay. */
static bool add_encoded(struct secret *s, const char *value, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)value[i];
		const char coded[] = { '%', digits[c >> 4], digits[c & 15] };
		char lower = text_lower(value[i]);
		bool plain = (lower >= 'a' && lower <= 'z') || text_is_digit(lower) ||
			(c && strchr("-._~", c));

		if (!secret_add(s, plain ? value + i : coded, plain ? 1 : sizeof(coded)))
			return false;
	}
	return true;
}

static bool add_field(struct secret *s, const char *name, const char *value, size_t len)
{
	return secret_add_text(s, name) && add_encoded(s, value, len);
}

static bool fill(const struct registry *r, const char *tenant, const char *token,
	size_t len, struct secret *ret)
{
	if (!add_field(ret, "grant_type=access_token&service=", r->host, strlen(r->host)))
		return false;
	if (tenant[0] && !add_field(ret, "&tenant=", tenant, strlen(tenant)))
		return false;
	return add_field(ret, "&access_token=", token, len);
}

bool acr_fill(const struct registry *r, const char *tenant, const struct secret *token,
	struct secret *ret)
{
	return fill(r, tenant, secret_peek(token), token->len, ret);
}

bool acr_form(const struct registry *r, const struct mitok_token *t, struct secret *ret)
{
	size_t len;
	const char *value = mitok_token_value(t, &len);

	return fill(r, mitok_token_text(t, MITOK_TEXT_TENANT_ID), value, len, ret);
}

/* It goes into JSON, and from there into a header. */
static bool is_token(const char *s)
{
	for (size_t i = 0; s && s[i]; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\')
			return false;
	return s && *s;
}

static enum mitok_code explain(
	const struct registry *r, const struct http_reply *reply, struct mitok_err *e)
{
	enum mitok_code code = MITOK_E_DENIED;

	if (reply->status == 429 || reply->status >= 500)
		code = MITOK_E_LATER;
	(void)err_set(e, code,
		"the registry '%s' refuses the identity's token: HTTP "
		"status %d",
		r->host, reply->status);
	if (e)
		e->http_status = reply->status;
	if (code == MITOK_E_LATER)
		return err_hint(e, code, "try again later");
	return err_hint(e, code,
		"the identity needs a role there, for example AcrPull, and the registry "
		"the identity's tenant");
}

enum mitok_code acr_read(const struct registry *r, const struct http_reply *reply,
	struct secret *ret, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	const char *token;
	enum mitok_code code;

	if (reply->fault) {
		code = reply->fault == HTTP_TLS || reply->fault == HTTP_NONSENSE
			? MITOK_E_REPLY
			: MITOK_E_LATER;
		return err_set(e, code, "the registry '%s': %s", r->host, reply->detail);
	}
	if (reply->status != 200)
		return explain(r, reply, e);
	code = json_parse(secret_peek(&reply->body), reply->body.len, &j, e);
	if (code)
		return err_within(e, code, "the registry '%s'", r->host);
	token = json_text(json_member(j, "refresh_token"));
	if (!is_token(token))
		return err_set(e, MITOK_E_REPLY,
			"the registry '%s' gives no refresh_token", r->host);
	return secret_add_text(ret, token) ? MITOK_OK : err_memory(e);
}

enum mitok_code acr_exchange(const struct registry *r, const struct mitok_token *t,
	int64_t timeout_ms, struct secret *ret, struct mitok_err *e)
{
	char url[200];
	AUTO_SECRET form = { 0 };
	AUTO_REPLY reply = { 0 };
	const struct http_request rq = {
		.method = "POST",
		.url = url,
		.headers = { { .name = "Content-Type",
			.value = "application/x-www-form-urlencoded" } },
		.body = &form,
		.flags = HTTP_OWN_PROCESS,
		.timeout_ms = timeout_ms,
		.connect_ms = CONNECT_MS,
	};
	enum mitok_code code;

	(void)snprintf(url, sizeof(url), "https://%s/oauth2/exchange", r->host);
	if (!acr_form(r, t, &form))
		return err_memory(e);
	code = http_exchange(NULL, &rq, &reply, e);
	return code ? code : acr_read(r, &reply, ret, e);
}
