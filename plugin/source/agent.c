/* Platforms whose agent takes one GET with a secret from the environment in a header.
 * SPDX-License-Identifier: MIT */
#include "source/agent.h"

#include <string.h>

#include "source/exchange.h"

enum mitok_code agent_thumbprint(
	const char *name, const char *text, char ret[41], struct mitok_err *e)
{
	char digits[41] = "";
	size_t n = 0;

	for (; *text; text++) {
		if (strchr(": \t", *text))
			continue;
		if (n == 40 || !strchr("0123456789abcdef", text_lower(*text)))
			break;
		digits[n++] = text_lower(*text);
	}
	if (*text || n != 40)
		return err_set(e, MITOK_E_CONF,
			"%s is no SHA-1 thumbprint of 40 hexadecimal digits", name);
	memcpy(ret, digits, sizeof(digits));
	return MITOK_OK;
}

void agent_place(const struct host *h, const struct agent *a, struct text *ret)
{
	const char *const names[] = { a->endpoint, a->thumbprint, a->secret };
	char hash[TEXT_HEX_SIZE];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = names[i] ? h->env(h->self, names[i]) : NULL;

		if (value && names[i] == a->secret) {
			text_hex(text_hash(value, strlen(value)), hash);
			value = hash;
		}
		text_add(ret, value ? value : "");
		text_add(ret, " ");
	}
}

static enum mitok_code read_endpoint(const struct host *h, const struct agent *a,
	const struct ask *ask, struct endpoint *ret, struct mitok_err *e)
{
	const char *url = h->env(h->self, a->endpoint);
	enum mitok_code r;

	if (!url)
		return err_set(e, MITOK_E_CONF, "%s is not set", a->endpoint);
	r = endpoint_trust(a->endpoint, url, ask->allow_hosts, ret, e);
	if (!r && a->thumbprint && !ret->https)
		return err_set(e, MITOK_E_CONF, "%s must be https", a->endpoint);
	return r;
}

static enum mitok_code fetch(const struct host *h, const struct agent *a,
	const struct ask *ask, struct grant *ret, struct mitok_err *e)
{
	const char *pinned = a->thumbprint ? h->env(h->self, a->thumbprint) : NULL;
	AUTO_SECRET secret = { 0 };
	AUTO_TEXT url = { 0 };
	struct endpoint at = { 0 };
	char thumbprint[41];
	enum mitok_code r = read_endpoint(h, a, ask, &at, e);
	const struct call c = { h, &a->peer, ask };
	struct http_request rq = {
		.method = "GET",
		.headers = { { .name = a->header, .secret = &secret },
			{ .name = "Accept", .value = "application/json" } },
	};

	if (!r)
		r = exchange_secret(h, a->secret, &secret, e);
	if (!r && a->thumbprint)
		r = agent_thumbprint(a->thumbprint, pinned ? pinned : "", thumbprint, e);
	if (!r)
		r = exchange_url(&c, &at, a->api_version, &url, e);
	if (r)
		return r;
	rq.url = text_peek(&url);
	rq.flags = at.flags;
	rq.thumbprint = a->thumbprint ? thumbprint : NULL;
	return exchange_grant(&c, &rq, ret, e);
}

enum mitok_code agent_fetch(const struct host *h, const struct agent *a,
	const struct ask *ask, struct grant *ret, struct mitok_err *e)
{
	return peer_named(&a->peer, fetch(h, a, ask, ret, e), e);
}
