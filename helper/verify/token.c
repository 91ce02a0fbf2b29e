/* A signed JSON Web Token taken apart (RFC 7515, section 7.1; RFC 7519; RFC 8725).
 * SPDX-License-Identifier: MIT */
#include "token.h"

#include <stdlib.h>
#include <string.h>

#include "encoding.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const alg_names[ALG_COUNT] = {
	[ALG_RS256] = "RS256",
	[ALG_PS256] = "PS256",
	[ALG_ES256] = "ES256",
};

const char *alg_name(enum alg a)
{
	return alg_names[a];
}

/* Header, claims and signature. */
struct parts {
	const char *at[3];
	size_t len[3];
};

/* The dots count, before a byte is decoded. */
static enum reason split(
	const char *text, size_t len, struct parts *ret, struct mitok_err *e)
{
	const char *end = text + len, *from = text;
	unsigned dots = 0;

	for (const char *dot = text; (dot = memchr(dot, '.', (size_t)(end - dot)));
		dot++) {
		if (dots < 3) {
			ret->at[dots] = from;
			ret->len[dots] = (size_t)(dot - from);
		}
		from = dot + 1;
		dots++;
	}
	if (dots == 4)
		return reason_refuse(e, REASON_ENCRYPTED,
			"it is encrypted (JWE); only the service it is for can read it");
	if (dots != 2)
		return reason_refuse(e, REASON_MALFORMED,
			"it is no signed JSON Web Token, which has three parts with dots "
			"between them");
	ret->at[2] = from;
	ret->len[2] = (size_t)(end - from);
	return REASON_NONE;
}

static enum reason refuse_json(
	enum tree_fault fault, const char *what, const char *bytes, struct mitok_err *e)
{
	if (fault == TREE_DUPLICATE)
		return reason_refuse(e, REASON_DUPLICATE,
			"its %s has the same member twice, which two readers may read in "
			"two ways",
			what);
	if (fault == TREE_LARGE)
		return reason_refuse(e, REASON_LARGE,
			"its %s has more than %d values, or is more than %d deep", what,
			TREE_VALUES, TREE_DEPTH);
	if (text_starts(bytes, "eyJ"))
		return reason_refuse(e, REASON_NESTED, "it has another token inside");
	return reason_refuse(e, REASON_MALFORMED, "its %s is no JSON object", what);
}

/* Decodes to *at, moves that on, and leaves a NUL behind. */
static enum reason read_json(struct token *t, const struct parts *p, int which,
	unsigned char **at, struct mitok_err *e)
{
	const char *what = which ? "payload" : "header";
	unsigned char *bytes = *at;
	enum tree_fault fault;
	size_t len = 0;

	if (!base64url_decode(p->at[which], p->len[which], bytes, &len))
		return reason_refuse(e, REASON_MALFORMED,
			"its %s is no base64url without padding", what);
	bytes[len] = '\0';
	*at = bytes + len + 1;
	fault = tree_read(&t->tree, (char *)bytes, len, which ? &t->claims : &t->header);
	return fault == TREE_OK ? REASON_NONE
				: refuse_json(fault, what, (char *)bytes, e);
}

/* What has no business in an access token of Entra's: the signature's key comes from its
 * issuer and from nowhere else (RFC 8725, sections 3.1, 3.5 and 3.10). */
static const struct {
	const char *name;
	enum reason reason;
	const char *why;
} strange[] = {
	{ "enc", REASON_ENCRYPTED, "its header says that it is encrypted ('enc')" },
	{ "crit", REASON_CRIT, "its header has 'crit': extensions are not understood" },
	{ "b64", REASON_B64, "its header has 'b64': no other form is understood" },
	{ "zip", REASON_ZIP, "its header has 'zip': nothing is unpacked" },
	{ "jwk", REASON_JWK,
		"its header brings a key ('jwk'); keys come from the issuer" },
	{ "jku", REASON_JKU, "its header says where keys are ('jku'); the issuer does" },
	{ "x5u", REASON_X5U,
		"its header says where a certificate is ('x5u'); keys come from the "
		"issuer" },
	{ "x5c", REASON_X5C,
		"its header brings certificates ('x5c'); keys come from the issuer" },
	{ "nonce", REASON_NONCE,
		"its header has 'nonce': it is for Microsoft Graph, and nobody else can "
		"verify it" },
};

static enum reason check_strange(const struct item *header, struct mitok_err *e)
{
	for (size_t i = 0; i < COUNT(strange); i++)
		if (item_member(header, strange[i].name))
			return reason_refuse(e, strange[i].reason, "%s", strange[i].why);
	return REASON_NONE;
}

/* Nothing is looked up by what stands there: the name is one of three, or it is refused
 * (RFC 8725, section 3.1). */
static enum reason read_alg(struct token *t, struct mitok_err *e)
{
	const struct item *alg = item_member(t->header, "alg");

	if (!item_is_text(alg))
		return reason_refuse(e, REASON_ALG,
			"its header does not say by which algorithm it is signed "
			"('alg')");
	for (int i = 0; i < ALG_COUNT; i++)
		if (strcmp(alg->text, alg_names[i]) == 0) {
			t->alg = (enum alg)i;
			return REASON_NONE;
		}
	if (text_equal_nocase(alg->text, "none"))
		return reason_refuse(e, REASON_ALG_NONE,
			"it is not signed ('alg' is '%s')", alg->text);
	if (text_starts_nocase(alg->text, "HS"))
		return reason_refuse(e, REASON_ALG_HMAC,
			"'alg' is '%s', a shared secret; a public key is none",
			alg->text);
	return reason_refuse(e, REASON_ALG,
		"'alg' is '%s'; RS256, PS256 and ES256 are accepted", alg->text);
}

/* RFC 7515, section 4.1.9; RFC 9068, section 2.1; RFC 8725, section 3.11. */
static enum reason check_type(const struct token *t, struct mitok_err *e)
{
	static const char *const types[] = { "JWT", "at+jwt", "application/at+jwt" };
	const struct item *typ = item_member(t->header, "typ");
	const struct item *cty = item_member(t->header, "cty");

	if (cty)
		return reason_refuse(e, REASON_NESTED,
			"its header has 'cty': there is another token inside");
	for (size_t i = 0; item_is_text(typ) && i < COUNT(types); i++)
		if (text_equal_nocase(typ->text, types[i]))
			return REASON_NONE;
	return reason_refuse(e, REASON_TYPE,
		"it is no access token ('typ' is '%s', not JWT or at+jwt)",
		item_is_text(typ) ? typ->text : "");
}

static enum reason check_header(struct token *t, struct mitok_err *e)
{
	const struct item *kid = item_member(t->header, "kid");
	enum reason r = check_strange(t->header, e);

	if (!r)
		r = read_alg(t, e);
	if (!r)
		r = check_type(t, e);
	if (!r && (!item_is_text(kid) || !kid->text_len))
		r = reason_refuse(
			e, REASON_NO_KID, "its header does not name the key ('kid')");
	if (!r)
		t->kid = kid->text;
	return r;
}

static enum reason read_signature(
	struct token *t, const struct parts *p, unsigned char *at, struct mitok_err *e)
{
	if (!base64url_decode(p->at[2], p->len[2], at, &t->signature_len))
		return reason_refuse(e, REASON_MALFORMED,
			"its signature is no base64url without padding");
	t->signature = at;
	return REASON_NONE;
}

void token_begin(struct token *t)
{
	t->bytes = NULL;
	t->tree.count = 0;
}

enum reason token_read(
	const char *text, size_t len, struct token *ret, struct mitok_err *e)
{
	struct parts p = { { NULL }, { 0 } };
	unsigned char *at;
	enum reason r;

	if (!len)
		return reason_refuse(e, REASON_EMPTY, "there is none");
	if (len > TOKEN_MAX)
		return reason_refuse(
			e, REASON_LARGE, "it has more than %zu bytes", TOKEN_MAX);
	r = split(text, len, &p, e);
	if (r)
		return r;
	ret->bytes = malloc(BASE64URL_BYTES(len) + 8);
	if (!ret->bytes)
		return reason_of(err_memory(e));
	at = (unsigned char *)ret->bytes;
	ret->signed_text = text;
	ret->signed_len = (size_t)(p.at[2] - 1 - text);
	r = read_json(ret, &p, 0, &at, e);
	if (!r)
		r = check_header(ret, e);
	if (!r)
		r = read_json(ret, &p, 1, &at, e);
	return r ? r : read_signature(ret, &p, at, e);
}

void token_free(struct token *t)
{
	free(t->bytes);
	t->bytes = NULL;
}
