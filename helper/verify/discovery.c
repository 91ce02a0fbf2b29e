/* What Entra says of a tenant: its issuer and its keys ("OpenID Connect Discovery 1.0", RFC 7517).
 * SPDX-License-Identifier: MIT */
#include "discovery.h"

#include <string.h>

#include "io/http.h"

#define TIMEOUT_MS 10000
#define CONNECT_MS 5000

/* url is one of ours or was checked, so it may be told. */
static enum mitok_code judge_fault(
	const struct http_reply *rp, const char *url, struct mitok_err *e)
{
	enum mitok_code code = rp->fault == HTTP_TLS || rp->fault == HTTP_NONSENSE
		? MITOK_E_REPLY
		: MITOK_E_LATER;

	return err_set(e, code, "cannot get '%s': %s", url, rp->detail);
}

static enum mitok_code judge_status(int status, const char *url, struct mitok_err *e)
{
	enum mitok_code code = MITOK_E_REPLY;

	if (status == 200)
		return MITOK_OK;
	if (status >= 500 || status == 429 || status == 408)
		code = MITOK_E_LATER;
	else if (status == 400 || status == 404)
		code = MITOK_E_CONF;
	(void)err_set(e, code, "'%s' answers with HTTP status %d", url, status);
	if (e)
		e->http_status = status;
	if (code == MITOK_E_CONF)
		return err_hint(e, code,
			"the tenant is not known there: see --tenant and --cloud");
	if (status >= 300 && status < 400)
		return err_hint(e, code, "redirects are not followed");
	return code;
}

static enum mitok_code get(
	void *self, const char *url, struct secret *ret, struct mitok_err *e)
{
	const struct http_request rq = { .method = "GET",
		.url = url,
		.headers = { { .name = "Accept", .value = "application/json" },
			{ .name = "User-Agent",
				.value = "mi-token-verify/" MI_TOKEN_VERSION } },
		.timeout_ms = TIMEOUT_MS,
		.connect_ms = CONNECT_MS };
	AUTO_REPLY rp = { .fault = HTTP_OK };
	enum mitok_code r = http_exchange(NULL, &rq, &rp, e);

	(void)self;
	if (r)
		return r;
	if (rp.fault)
		return judge_fault(&rp, url, e);
	r = judge_status(rp.status, url, e);
	if (!r)
		*ret = secret_move(&rp.body);
	return r;
}

const struct fetcher fetcher_real = { NULL, get };

static enum mitok_code get_json(
	const struct fetcher *f, const char *url, struct json **ret, struct mitok_err *e)
{
	AUTO_SECRET body = { 0 };
	enum mitok_code r = f->get(f->self, url, &body, e);

	if (r)
		return r;
	r = json_parse(secret_peek(&body), body.len, ret, e);
	return r ? err_within(e, r, "'%s'", url) : MITOK_OK;
}

/* The issuer is that of the tenant that was asked for, and says which GUID a domain has. */
static enum mitok_code read_issuer(const struct json *configuration,
	const struct trust *t, enum version want, char ret[GUID_SIZE],
	struct mitok_err *e)
{
	const char *issuer = json_text(json_member(configuration, "issuer"));
	enum version v = VERSION_1;

	if (!issuer || !issuer_parse(t->cloud, issuer, &v, ret) || v != want ||
		(t->is_guid && strcmp(ret, t->tenant) != 0))
		return err_set(e, MITOK_E_REPLY,
			"the OpenID configuration of '%s' is of the issuer '%s'",
			t->tenant, issuer ? issuer : "");
	return MITOK_OK;
}

enum mitok_code discovery_fetch(const struct discovery *d, struct keyset **ret,
	struct text *ret_text, struct mitok_err *e)
{
	const struct trust *t = d->trust;
	AUTO_TEXT url = { 0 };
	AUTO_JSON configuration = NULL;
	AUTO_JSON document = NULL;
	char tenant[GUID_SIZE] = "";
	const char *keys;
	enum mitok_code r;

	trust_add_url(t, d->version, &url);
	if (!text_ok(&url))
		return err_memory(e);
	r = get_json(d->fetcher, text_peek(&url), &configuration, e);
	if (!r)
		r = read_issuer(configuration, t, d->version, tenant, e);
	if (r)
		return r;
	keys = json_text(json_member(configuration, "jwks_uri"));
	if (!keys || !cloud_has_url(t->cloud, keys))
		return err_set(e, MITOK_E_REPLY,
			"the OpenID configuration has keys at '%s', which is no place of "
			"the cloud '%s'",
			keys ? keys : "", t->cloud->name);
	r = get_json(d->fetcher, keys, &document, e);
	if (!r)
		r = keyset_read(d->crypto, document, ret, e);
	if (r)
		return err_within(e, r, "keys of '%s'", t->tenant);
	memcpy((*ret)->tenant, tenant, sizeof(tenant));
	json_format(json_member(document, "keys"), ret_text);
	return MITOK_OK;
}
