/* az acr login --expose-token (github.com/Azure/acr, docs/AAD-OAuth.md).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "cloud.h"
#include "context.h"
#include "request.h"

#define AUDIENCE "https://containerregistry.azure.net"
#define NOBODY   "00000000-0000-0000-0000-000000000000" /* whom docker calls the user */
#define ACR_MS   7000

/* NAME, or NAME.azurecr.io, in lower case: a registry's names do not mind. */
static enum mitok_code find_host(
	const char *name, const char *suffix, char ret[256], struct mitok_err *e)
{
	size_t len = strlen(name);

	if (text_ends_nocase(name, suffix))
		len -= strlen(suffix);
	(void)snprintf(ret, 256, "%.*s", (int)len, name);
	for (char *p = ret; *p; p++)
		*p = text_lower(*p);
	if (!len || len > 63 ||
		strspn(ret, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
		return err_set(e, MITOK_E_DENIED, "'%s' is no name of a registry", name);
	(void)snprintf(ret + len, 256 - len, "%s", suffix);
	return MITOK_OK;
}

/* The form that has the token in it. */
static enum mitok_code make_form(
	struct az *az, const char *host, struct secret *ret, struct mitok_err *e)
{
	const struct context_ask ask = { .resource = AUDIENCE };
	AUTO_AZ_TOKEN t = NULL;
	AUTO_TEXT form = { 0 };
	enum mitok_code r = context_token(az, &ask, &t, e);

	if (r)
		return r;
	text_addf(&form, "grant_type=access_token&service=%s&tenant=", host);
	text_add_url(&form, mitok_token_text(t, MITOK_TEXT_TENANT_ID));
	text_add(&form, "&access_token=");
	/* A token has no character that a form minds. */
	if (!text_ok(&form) || !secret_add_text(ret, text_peek(&form)) ||
		!secret_add_text(ret, mitok_token_value(t, NULL)))
		return err_memory(e);
	return MITOK_OK;
}

static enum mitok_code exchange(
	struct az *az, const char *host, const char **ret, struct mitok_err *e)
{
	AUTO_SECRET form = { 0 };
	AUTO_TEXT url = { 0 };
	struct request rq = {
		.method = "POST",
		.headers = { { "Content-Type", "application/x-www-form-urlencoded",
			NULL } },
		.body = &form,
		.timeout_ms = ACR_MS,
	};
	const struct value *answer;
	enum mitok_code r = make_form(az, host, &form, e);

	text_addf(&url, "https://%s/oauth2/exchange", host);
	if (!r && !text_ok(&url))
		r = err_memory(e);
	rq.url = text_peek(&url);
	if (!r)
		r = request_json(az, &rq, &answer, NULL, e);
	if (r)
		return r;
	*ret = request_text(answer, "refresh_token");
	return *ret
		? MITOK_OK
		: err_set(e, MITOK_E_REPLY, "%s: an answer without refresh_token", host);
}

enum mitok_code az_acr_login(struct az *az, struct mitok_err *e)
{
	const char *suffix = cloud_value(cloud_active(az), "acrLoginServerEndpoint");
	struct build b = { .arena = &az->arena };
	const char *token = NULL;
	const struct value *v;
	char host[256];
	enum mitok_code r = find_host(az->args.name, suffix, host, e);

	if (!r)
		r = exchange(az, host, &token, e);
	if (r)
		return r;
	v = build_object(&b,
		(const struct build_member[]){
			{ "loginServer", build_text(&b, host) },
			{ "username", build_text(&b, NOBODY) },
			{ "accessToken", build_text(&b, token) },
			{ "refreshToken", build_text(&b, token) },
		},
		4);
	return b.failed ? err_memory(e) : az_print(az, v, e);
}
