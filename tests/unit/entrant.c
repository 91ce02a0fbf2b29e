/* Tokens as Entra makes them, but for what a test wants otherwise.
 * SPDX-License-Identifier: MIT */
#include "entrant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct member none[] = { { NULL, NULL } };

static const struct member *find(const struct member *list, const char *name)
{
	while (list->name && strcmp(list->name, name) != 0)
		list++;
	return list->name ? list : NULL;
}

static void add_member(const struct member *m, struct text *ret)
{
	if (m->json)
		text_addf(ret, "%s\"%s\":%s",
			text_peek(ret)[ret->len - 1] == '{' ? "" : ",", m->name, m->json);
}

/* New members may be there twice, as the list has them. */
static void add_object(
	const struct member *usual, const struct member *changes, struct text *ret)
{
	text_add(ret, "{");
	for (const struct member *m = usual; m->name; m++)
		add_member(find(changes, m->name) ? find(changes, m->name) : m, ret);
	for (const struct member *m = changes; m->name; m++)
		if (!find(usual, m->name) || find(changes, m->name) != m)
			add_member(m, ret);
	text_add(ret, "}");
}

void entrant_add_claims(int version, const struct member *changes, struct text *ret)
{
	const struct member usual[] = {
		{ "aud", "\"api://orders\"" },
		{ "iss", version == 1 ? "\"" ENTRANT_V1 "\"" : "\"" ENTRANT_V2 "\"" },
		{ "iat", "1799990000" },
		{ "nbf", "1799990000" },
		{ "exp", "1800003600" },
		{ version == 1 ? "appid" : "azp", "\"" ENTRANT_CLIENT "\"" },
		{ "idtyp", "\"app\"" },
		{ "oid", "\"" ENTRANT_OBJECT "\"" },
		{ "roles", "[\"Orders.Read\",\"Orders.Write\"]" },
		{ "sub", "\"" ENTRANT_OBJECT "\"" },
		{ "tid", "\"" ENTRANT_TENANT "\"" },
		{ "ver", version == 1 ? "\"1.0\"" : "\"2.0\"" },
		{ NULL, NULL },
	};

	add_object(usual, changes ? changes : none, ret);
}

void entrant_add_header(
	const char *alg, const char *kid, const struct member *changes, struct text *ret)
{
	char alg_json[64], kid_json[64];
	const struct member usual[] = {
		{ "typ", "\"JWT\"" },
		{ "alg", alg_json },
		{ "kid", kid_json },
		{ NULL, NULL },
	};

	(void)snprintf(alg_json, sizeof(alg_json), "\"%s\"", alg);
	(void)snprintf(kid_json, sizeof(kid_json), "\"%s\"", kid);
	add_object(usual, changes ? changes : none, ret);
}

void entrant_add_token(
	const struct member *header, const struct member *claims, struct text *ret)
{
	AUTO_TEXT head = { 0 };
	AUTO_TEXT body = { 0 };

	entrant_add_header("RS256", "rsa", header, &head);
	entrant_add_claims(1, claims, &body);
	signer_add_token(
		SIGNER_RSA, SIGNER_RS256, text_peek(&head), text_peek(&body), ret);
}

void entrant_add_jwks(struct text *ret)
{
	static const struct {
		enum signer_key key;
		const char *kid, *more;
	} rows[] = {
		{ SIGNER_RSA, "rsa", ",\"use\":\"sig\"" },
		{ SIGNER_OTHER, "other", "" },
		{ SIGNER_WEAK, "weak", "" },
		{ SIGNER_EC, "ec", ",\"use\":\"sig\"" },
		{ SIGNER_RSA, "rsa-rs256", ",\"alg\":\"RS256\"" },
		{ SIGNER_RSA, "rsa-ps256", ",\"alg\":\"PS256\"" },
		{ SIGNER_RSA, "mine", ",\"issuer\":\"" ENTRANT_V1 "\"" },
		{ SIGNER_RSA, "any",
			",\"issuer\":\"https://login.microsoftonline.com/{tenantid}/"
			"v2.0\"" },
		{ SIGNER_RSA, "theirs",
			",\"issuer\":\"https://sts.windows.net/"
			"91880000-0000-4000-8000-00000000a002/\"" },
		{ SIGNER_RSA, "enc", ",\"use\":\"enc\"" },
	};

	text_add(ret, "{\"keys\":[");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		signer_add_jwk(rows[i].key, rows[i].kid, rows[i].more, ret);
		text_add(ret, ",");
	}
	text_add(ret, "{\"kty\":\"oct\",\"kid\":\"oct\",\"k\":\"c2VjcmV0\"}]}");
}

static int64_t now_s(void)
{
	return ENTRANT_NOW;
}

void entrant_start(struct verifier *v)
{
	static const char *const audiences[] = { "api://orders", NULL };
	static const char *const nobody[] = { NULL };
	AUTO_TEXT jwks = { 0 };
	AUTO_JSON document = NULL;

	*v = (struct verifier){ .policy = { .trust = &v->trust,
					.audiences = audiences,
					.appids = nobody,
					.oids = nobody,
					.roles = nobody,
					.skew_s = SKEW_DEFAULT_S } };
	v->ring = (struct keyring){
		.crypto = &v->crypto, .trust = &v->trust, .shelf = -1, .now_s = now_s
	};
	keyring_start(&v->ring);
	entrant_add_jwks(&jwks);
	if (trust_set(ENTRANT_TENANT, NULL, NULL, &v->trust, NULL) ||
		crypto_start(&v->crypto, NULL) ||
		json_parse(text_peek(&jwks), jwks.len, &document, NULL) ||
		keyset_read(&v->crypto, document, &v->given, NULL))
		abort();
	memcpy(v->given->tenant, v->trust.tenant, GUID_SIZE);
}

void entrant_end(struct verifier *v)
{
	verifier_stop(v);
}

enum reason entrant_check(
	struct verifier *v, const char *text, size_t len, struct mitok_err *e)
{
	AUTO_SECRET copy = { 0 };
	AUTO_TOKEN_PARTS t;
	struct claims c;

	token_begin(&t);
	if (!secret_add(&copy, text, len))
		abort();
	return verifier_check(v, &copy, &t, &c, e);
}
