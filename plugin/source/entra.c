/* Entra's token endpoint: where it is, and how an application proves who it is.
 * SPDX-License-Identifier: MIT */
#include "source/entra.h"

#include <string.h>

#include "source/retry.h"

/* Entra's own hosts in all clouds; others must be in endpoints.allow_hosts. */
static const char *const authorities[] = {
	"login.microsoftonline.com",
	"login.microsoft.com",
	"login.windows.net",
	"sts.windows.net",
	"login.microsoftonline.us",
	"login.usgovcloudapi.net",
	"login-us.microsoftonline.com",
	"login.chinacloudapi.cn",
	"login.partner.microsoftonline.cn",
	"login.sovcloud-identity.fr",
	"login.sovcloud-identity.de",
	"login.sovcloud-identity.sg",
	NULL,
};

bool entra_is_tenant(const char *tenant)
{
	size_t good = strspn(tenant,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");

	return *tenant && *tenant != '.' && tenant[good] == '\0';
}

bool entra_is_jwt(const char *s)
{
	unsigned dots = 0;

	for (; *s; s++) {
		bool is_letter = text_lower(*s) >= 'a' && text_lower(*s) <= 'z';

		if (!is_letter && !text_is_digit(*s) && !strchr("-_.", *s))
			return false;
		dots += *s == '.';
	}
	return dots == 2;
}

enum mitok_code entra_tenant(const struct call *c, const char **ret, struct mitok_err *e)
{
	const char *tenant = c->h->env(c->h->self, ENTRA_TENANT);

	if (!tenant || !entra_is_tenant(tenant))
		return err_set(e, MITOK_E_CONF,
			ENTRA_TENANT " is neither a GUID nor a domain name: '%.100s'",
			tenant ? tenant : "");
	if (c->ask->tenant_id && !text_equal_nocase(c->ask->tenant_id, tenant))
		return err_set(e, MITOK_E_DENIED,
			"tenant '%s' is pinned, but " ENTRA_TENANT " is '%s'",
			c->ask->tenant_id, tenant);
	*ret = tenant;
	return MITOK_OK;
}

enum mitok_code entra_endpoint(const struct call *c, const char *authority,
	const char *tenant, struct endpoint *ret, struct mitok_err *e)
{
	const char *url = authority ? authority : c->h->env(c->h->self, ENTRA_AUTHORITY);
	AUTO_TEXT tail = { 0 };
	enum mitok_code r = MITOK_OK;
	size_t len;

	url = url ? url : "https://login.microsoftonline.com/";
	if (endpoint_trust(ENTRA_AUTHORITY, url, authorities, ret, NULL))
		r = endpoint_trust(ENTRA_AUTHORITY, url, c->ask->allow_hosts, ret, e);
	if (r)
		return r;
	if (!ret->https || ret->query[0])
		return err_set(e, MITOK_E_CONF,
			ENTRA_AUTHORITY " must be https, without a query");
	len = strlen(ret->path);
	while (len && ret->path[len - 1] == '/')
		len--;
	ret->path[len] = '\0';
	text_addf(&tail, "/%s/oauth2/v2.0/token", tenant);
	if (!text_ok(&tail))
		return err_memory(e);
	if (!text_copy(ret->path + len, sizeof(ret->path) - len, text_peek(&tail)))
		return err_set(e, MITOK_E_CONF, ENTRA_TENANT " is too long");
	return MITOK_OK;
}

static enum mitok_code make_form(const struct ask *ask, const struct entra *x,
	struct secret *ret, struct mitok_err *e)
{
	static const char type[] =
		"urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
	AUTO_TEXT scope = { 0 };

	text_addf(&scope, "%s/.default", ask->resource);
	if (!text_ok(&scope))
		return err_memory(e);
	const struct endpoint_param form[] = {
		{ "client_assertion", x->assertion ? secret_peek(x->assertion) : NULL },
		{ "client_assertion_type", x->assertion ? type : NULL },
		{ "client_id", x->client_id },
		{ "client_secret", x->secret ? secret_peek(x->secret) : NULL },
		{ "grant_type", "client_credentials" },
		{ "scope", text_peek(&scope) },
		{ NULL, NULL },
	};
	return endpoint_form(form, ret) ? MITOK_OK : err_memory(e);
}

enum mitok_code entra_ask(const struct call *c, const struct entra *x,
	struct http_reply *ret, struct mitok_err *e)
{
	static const struct endpoint_param none[] = { { NULL, NULL } };
	AUTO_SECRET body = { 0 };
	AUTO_TEXT url = { 0 };
	enum mitok_code r = make_form(c->ask, x, &body, e);
	struct http_request rq = {
		.method = "POST",
		.headers = { { .name = "Content-Type",
				     .value = "application/x-www-form-urlencoded" },
			{ .name = "Accept", .value = "application/json" } },
		.body = &body,
		.flags = x->at.flags,
		.connect_host = x->connect_host,
		.connect_port = x->connect_port,
		.ca = x->ca,
	};

	if (r)
		return r;
	endpoint_url(&x->at, none, &url);
	if (!text_ok(&url))
		return err_memory(e);
	rq.url = text_peek(&url);
	return retry_exchange(c, &rq, ret, e);
}
