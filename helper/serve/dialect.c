/* The dialects in which programs ask for a token: one row each.
 * SPDX-License-Identifier: MIT */
#include "dialect.h"

#include <stdio.h>
#include <string.h>

/* Microsoft Learn: "How to use managed identities for App Service and Azure Functions" (and
 * its older revision for 2017-09-01), "How to use managed identities for Azure resources on
 * an Azure VM to acquire an access token", "Acquire a token in Azure Cloud Shell". */
// clang-format off
const struct dialect dialects[] = {
	{ "app-service",      "GET",  "/msi/token",                       "X-IDENTITY-HEADER", " 2019-08-01 ", SHAPE_APP_SERVICE, false, true },
	{ "app-service-2017", "GET",  "/msi/2017/token",                  "secret",            " 2017-09-01 ", SHAPE_APP_SERVICE, false, true },
	{ "imds",             "GET",  "/metadata/identity/oauth2/token",  NULL,                "*",            SHAPE_IMDS,        false, true },
	{ "cloud-shell",      "POST", "/oauth2/token",                    NULL,                NULL,           SHAPE_CLOUD_SHELL, true,  false },
	{ NULL, NULL, NULL, NULL, NULL, SHAPE_IMDS, false, false },
};
// clang-format on

const struct dialect *dialect_find(const char *method, const char *path, size_t len)
{
	if (len > 1 && path[len - 1] == '/')
		len--;
	for (const struct dialect *d = dialects; d->name; d++)
		if ((!method || strcmp(d->method, method) == 0) &&
			strlen(d->path) == len && memcmp(d->path, path, len) == 0)
			return d;
	return NULL;
}

void dialect_refuse(const struct dialect *d, const struct refusal *r, struct text *ret)
{
	switch (d ? d->shape : SHAPE_IMDS) {
	case SHAPE_APP_SERVICE:
		text_addf(ret, "{\"statusCode\":%d,\"message\":", r->status);
		text_add_json(ret, r->text);
		text_add(ret,
			",\"correlationId\":\"00000000-0000-0000-0000-000000000000\"}");
		return;
	case SHAPE_CLOUD_SHELL:
		text_add(ret, "{\"error\":{\"code\":");
		text_add_json(ret, r->code);
		text_add(ret, ",\"message\":");
		text_add_json(ret, r->text);
		text_add(ret, "}}");
		return;
	case SHAPE_IMDS:
	default:
		text_add(ret, "{\"error\":");
		text_add_json(ret, r->code);
		text_add(ret, ",\"error_description\":");
		text_add_json(ret, r->text);
		text_add(ret, "}");
	}
}

static void add_number(struct text *t, const char *name, long long n)
{
	text_addf(t, ",\"%s\":\"%lld\"", name, n);
}

/* Numbers are strings, as the services write them and some clients insist. */
bool dialect_answer(const struct dialect *d, const struct mitok_token *t, long long now,
	struct secret *ret)
{
	long long expires = mitok_token_time(t, MITOK_TIME_EXPIRES);
	long long issued = mitok_token_time(t, MITOK_TIME_ISSUED);
	const char *client_id = mitok_token_text(t, MITOK_TEXT_CLIENT_ID);
	AUTO_TEXT rest = { 0 };
	const char *value;
	size_t len;

	if (*client_id) {
		text_add(&rest, ",\"client_id\":");
		text_add_json(&rest, client_id);
	}
	if (d->shape != SHAPE_APP_SERVICE) {
		add_number(&rest, "expires_in", expires > now ? expires - now : 0);
		add_number(&rest, "ext_expires_in", expires > now ? expires - now : 0);
		if (issued > 0)
			add_number(&rest, "not_before", issued);
	}
	add_number(&rest, "expires_on", expires);
	text_add(&rest, ",\"resource\":");
	text_add_json(&rest, mitok_token_text(t, MITOK_TEXT_RESOURCE));
	text_add(&rest, ",\"token_type\":");
	text_add_json(&rest, mitok_token_text(t, MITOK_TEXT_TYPE));
	text_add(&rest, "}");
	value = mitok_token_value(t, &len);
	return text_ok(&rest) && secret_add_text(ret, "{\"access_token\":\"") &&
		secret_add(ret, value, len) && secret_add_text(ret, "\"") &&
		secret_add_text(ret, text_peek(&rest));
}
