/* Key Vault and Managed HSM, without ever reading a secret's value (Microsoft Learn, "Key
 * Vault REST API", 7.4).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "visit.h"

#define VERSION    "api-version=7.4"
/* No version is called so: who may read the secret is told that there is no such one. */
#define NO_VERSION "00000000000000000000000000000000"

static const struct collection {
	const char *name, *thing; /* in URLs, and one of them */
	enum family family;
} collections[] = {
	{ "secrets", "secret", FAMILY_SECRETS },
	{ "keys", "key", FAMILY_KEYS },
	{ "certificates", "certificate", FAMILY_CERTIFICATES },
};
#define COLLECTIONS (sizeof(collections) / sizeof(*collections))

static bool is_hsm(const struct visit *v)
{
	return v->service->grant == GRANT_HSM;
}

static const struct collection *named(const struct visit *v)
{
	for (size_t i = 0; i < COLLECTIONS; i++)
		if (text_equal_nocase(place_part(&v->at, 0), collections[i].name))
			return &collections[i];
	return NULL;
}

/* What a list of it would tell. */
static void choose(struct visit *v, const struct collection *c)
{
	if (!is_hsm(v))
		v->family = c->family;
	(void)snprintf(v->read, sizeof(v->read), "list %s", c->name);
}

static enum mitok_code list(
	struct visit *v, const struct collection *c, struct mitok_err *e)
{
	char wanted[64];

	choose(v, c);
	(void)snprintf(wanted, sizeof(wanted), "/%s?maxresults=1&" VERSION, c->name);
	return visit_send(v, "GET", wanted, e);
}

/* No name: the first of the lists that it may see. When it may see none, the first refusal
 * stands. */
static enum mitok_code list_any(struct visit *v, struct mitok_err *e)
{
	AUTO_REPLY first = { 0 };
	enum mitok_code r = list(v, &collections[is_hsm(v) ? 1 : 0], e);

	if (r || v->reply.status != 403 || is_hsm(v))
		return r;
	first = v->reply;
	v->reply = (struct http_reply){ .status = 0 };
	for (size_t i = 1; i < COLLECTIONS; i++) {
		r = list(v, &collections[i], e);
		if (r == MITOK_E_BUG || (!r && v->reply.status != 403))
			return r;
	}
	http_reply_wipe(&v->reply);
	v->reply = first;
	first = (struct http_reply){ .status = 0 };
	choose(v, &collections[0]);
	return MITOK_OK;
}

/* Whether it may be read, then whether it is there. */
static enum mitok_code ask_secret(struct visit *v, struct mitok_err *e)
{
	AUTO_TEXT wanted = { 0 }, versions = { 0 };
	enum mitok_code r;

	place_add(&v->at, 0, 2, &wanted);
	text_add(&wanted, "/" NO_VERSION "?" VERSION);
	place_add(&v->at, 0, 2, &versions);
	text_add(&versions, "/versions?maxresults=25&" VERSION);
	if (!text_ok(&wanted) || !text_ok(&versions))
		return err_memory(e);
	(void)!TEXT_COPY(v->read, "get the secret");
	r = visit_send(v, "GET", wanted.p, e);
	if (r || v->reply.status != 404)
		return r;
	v->is_vouched = true;
	return visit_send(v, "GET", versions.p, e);
}

static enum mitok_code ask_object(
	struct visit *v, const struct collection *c, struct mitok_err *e)
{
	AUTO_TEXT wanted = { 0 };

	if (!is_hsm(v))
		v->family = c->family;
	if (c == &collections[0] && !is_hsm(v))
		return ask_secret(v, e);
	(void)snprintf(v->read, sizeof(v->read), "get the %s", c->thing);
	place_add(&v->at, 0, 3, &wanted);
	text_add(&wanted, "?" VERSION);
	return text_ok(&wanted) ? visit_send(v, "GET", wanted.p, e) : err_memory(e);
}

enum mitok_code vault_ask(struct visit *v, struct mitok_err *e)
{
	const struct collection *c = named(v);

	if (!c)
		return list_any(v, e);
	return v->at.parts == 1 ? list(v, c, e) : ask_object(v, c, e);
}

static const char *disabled_code(const struct visit *v)
{
	return v->family == FAMILY_SECRETS         ? "SecretDisabled"
		: v->family == FAMILY_CERTIFICATES ? "CertificateDisabled"
						   : "KeyDisabled";
}

/* Attributes: {"enabled": true, "nbf": 1, "exp": 2, "created": 3} */
static void judge_attributes(struct visit *v, const struct json *attributes)
{
	const struct json *enabled = json_member(attributes, "enabled");
	int64_t nbf = 0, exp = CLOCK_MAX_S, now = clock_now().real_s;
	const char *why = NULL;

	(void)!json_to_number(json_member(attributes, "nbf"), 0, CLOCK_MAX_S, &nbf);
	(void)!json_to_number(json_member(attributes, "exp"), 0, CLOCK_MAX_S, &exp);
	if (enabled && enabled->kind == JSON_BOOL && !enabled->number)
		why = disabled_code(v);
	else if (exp <= now)
		why = "expired";
	else if (nbf > now)
		why = "not yet valid";
	if (!why)
		return;
	v->ret->outcome = TARGET_DISABLED;
	judge_cause(v, why);
	(void)!TEXT_COPY(v->ret->code, why);
}

/* The version that the URL names, else the newest. NULL: none of them is. */
static const struct json *find_version(const struct visit *v, const struct json *list)
{
	const char *version = place_part(&v->at, 2);
	const struct json *best = NULL;
	int64_t newest = -1, created;

	for (const struct json *j = list ? list->child : NULL; j; j = j->next) {
		const char *id = json_text(json_member(j, "id"));

		if (*version && id && text_ends_nocase(id, version))
			return j;
		created = 0;
		(void)!json_to_number(
			json_member(json_member(j, "attributes"), "created"), 0,
			CLOCK_MAX_S, &created);
		if (!*version && created >= newest) {
			newest = created;
			best = j;
		}
	}
	return best;
}

enum mitok_code vault_look(struct visit *v, struct mitok_err *e)
{
	AUTO_JSON body = NULL;
	struct mitok_err quiet;
	const struct json *one, *list;

	(void)e;
	if (v->at.parts < 2 ||
		json_parse(secret_peek(&v->reply.body), v->reply.body.len, &body, &quiet))
		return MITOK_OK;
	list = json_member(body, "value");
	one = list && list->kind == JSON_ARRAY ? find_version(v, list) : body;
	if (one)
		judge_attributes(v, json_member(one, "attributes"));
	else if (!json_text(json_member(body, "nextLink")))
		v->ret->outcome = TARGET_NOT_FOUND;
	return MITOK_OK;
}
