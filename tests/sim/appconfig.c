/* App Configuration (Microsoft Learn, "Microsoft Entra authentication", "Authorization",
 * "Key-values" of its REST API reference). SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "access.h"

#define PROBLEM "application/problem+json; charset=utf-8"

struct call {
	struct world *w;
	const struct request *rq;
	struct reply *rp;
	struct access access;
	struct json_object *claims;
	struct params params;
};

/* RFC 7807, with the service's own type. */
static void fail(const struct call *c, int status, const char *type, const char *title)
{
	AUTO_TEXT body = { 0 };

	text_addf(&body, "{\"type\":\"https://azconfig.io/errors/%s\",\"title\":", type);
	text_add_json(&body, title);
	text_addf(&body, ",\"status\":%d}", status);
	reply_with(c->rp, status, PROBLEM, "%s", text_peek(&body));
}

/* The reference shows these headers, and no body. */
static void refuse(const struct call *c, enum trust trust)
{
	reply_header(c->rp, "WWW-Authenticate",
		trust == TRUST_MISSING
			? "HMAC-SHA256, Bearer"
			: "HMAC-SHA256, Bearer error=\"invalid_token\", "
			  "error_description=\"Authorization token failed validation\"");
	reply_status(c->rp, 401);
}

static void give(const struct call *c)
{
	static const struct {
		const char *path, *type, *item;
	} rows[] = {
		{ "/kv", "kvset",
			"{\"key\":\"hello\",\"label\":null,\"value\":\"world\"}" },
		{ "/keys", "keyset", "{\"name\":\"hello\"}" },
		{ "/labels", "labelset", "{\"name\":null}" },
	};
	AUTO_TEXT type = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(rows[i].path, c->rq->path) != 0)
			continue;
		text_addf(&type,
			"application/vnd.microsoft.appconfig.%s+json; charset=utf-8",
			rows[i].type);
		return reply_with(
			c->rp, 200, text_peek(&type), "{\"items\":[%s]}", rows[i].item);
	}
	if (!text_starts(c->rq->path, "/kv/") || !access_has(&c->access, c->rq->path))
		return reply_status(c->rp, 404);
	reply_with(c->rp, 200,
		"application/vnd.microsoft.appconfig.kv+json; charset=utf-8",
		"{\"key\":\"%s\",\"label\":null,\"value\":\"world\"}",
		c->rq->path + strlen("/kv/"));
}

static void answer(const struct call *c)
{
	const char *version = params_get(&c->params, "api-version");
	const char *deny = access_deny(&c->access);

	if (!version)
		fail(c, 400, "invalid-argument",
			"Invalid request parameter 'api-version'");
	else if (deny)
		fail(c, 403, "ip-address-rejected",
			"Access to the requested resource is forbidden: the store does "
			"not admit the client's IP address");
	else if (!access_may(c->w, &c->access, json_text(c->claims, "oid"), c->rq->path))
		reply_status(c->rp, 403);
	else if (strcmp(c->rq->method, "GET") != 0)
		reply_status(c->rp, 405);
	else
		give(c);
}

void appconfig_handle(struct world *w, const struct request *rq, struct reply *rp)
{
	struct call c = { .w = w, .rq = rq, .rp = rp };
	char store[sizeof(c.access.host) + 16];
	const char *const audiences[] = { "https://azconfig.io",
		"https://appconfig.azure.com", "https://azconfig.azure.us",
		"https://appconfig.azure.us", "https://azconfig.azure.cn",
		"https://appconfig.azure.cn", store, NULL };
	struct taker taker = { .audiences = audiences };
	enum trust trust;

	params_parse(&c.params, rq->query);
	if (!access_find(w, rq, &c.access) || c.params.broken) {
		params_free(&c.params);
		return reply_status(rp, 400);
	}
	(void)snprintf(store, sizeof(store), "https://%s", c.access.host);
	taker.tenant = access_tenant(w, &c.access);
	reply_header(rp, "Server", "openresty/1.17.8.2");
	trust = azure_bearer(w, rq, &taker, &c.claims);
	if (trust == TRUST_GOOD)
		answer(&c);
	else
		refuse(&c, trust);
	json_object_put(c.claims);
	params_free(&c.params);
}
