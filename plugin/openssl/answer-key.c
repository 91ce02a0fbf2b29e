/* The public half of a key as a vault gives it: a JSON Web Key (RFC 7517, section 4;
 * RFC 7518, section 6). SPDX-License-Identifier: MIT */
#include <openssl/err.h>

#include "openssl/answer-parts.h"
#include "openssl/auto.h"
#include "openssl/public.h"

/* Two members that are numbers; s keeps their bytes. */
static enum mitok_code read_numbers(const struct json *key, const char *const names[2],
	struct secret s[2], struct public_number ret[2], struct mitok_err *e)
{
	for (size_t i = 0; i < 2; i++) {
		enum mitok_code r = answer_value(key, names[i], &s[i], e);

		if (r)
			return r;
		ret[i].p = (const unsigned char *)secret_peek(&s[i]);
		ret[i].len = s[i].len;
	}
	return MITOK_OK;
}

static enum mitok_code read_rsa(const struct json *key, OSSL_LIB_CTX *inner,
	EVP_PKEY **ret, struct secret s[2], struct mitok_err *e)
{
	static const char *const names[] = { "n", "e" };
	struct public_number n[2];
	enum mitok_code r = read_numbers(key, names, s, n, e);

	return r ? r : public_rsa(&n[0], &n[1], inner, ret, e);
}

static enum mitok_code read_ec(const struct json *key, OSSL_LIB_CTX *inner,
	EVP_PKEY **ret, struct secret s[2], struct mitok_err *e)
{
	static const char *const names[] = { "x", "y" };
	const char *curve = json_text(json_member(key, "crv"));
	struct public_number xy[2];
	enum mitok_code r = read_numbers(key, names, s, xy, e);

	if (r)
		return r;
	if (!curve)
		return err_set(e, MITOK_E_REPLY, "an EC key without its curve ('crv')");
	return public_ec(curve, xy, inner, ret, e);
}

/* "-HSM" says where the private half is kept. */
static const struct {
	const char *kty;
	enum mitok_code (*read)(const struct json *key, OSSL_LIB_CTX *inner,
		EVP_PKEY **ret, struct secret s[2], struct mitok_err *e);
} kinds[] = {
	{ "RSA", read_rsa },
	{ "RSA-HSM", read_rsa },
	{ "EC", read_ec },
	{ "EC-HSM", read_ec },
};

static enum mitok_code read_public(
	const struct json *key, OSSL_LIB_CTX *inner, EVP_PKEY **ret, struct mitok_err *e)
{
	const char *kty = json_text(json_member(key, "kty"));
	struct secret s[2] = { { 0 }, { 0 } };
	enum mitok_code r = MITOK_E_ARG;
	size_t i = 0;

	if (!kty)
		return err_set(e, MITOK_E_REPLY, "a key without its kind ('kty')");
	while (i < sizeof(kinds) / sizeof(*kinds) &&
		!text_equal_nocase(kinds[i].kty, kty))
		i++;
	if (i == sizeof(kinds) / sizeof(*kinds))
		return err_set(e, MITOK_E_ARG,
			"a key of the kind '%.32s': only RSA and EC keys can be used",
			kty);
	r = kinds[i].read(key, inner, ret, s, e);
	secret_wipe(&s[0]);
	secret_wipe(&s[1]);
	return r;
}

enum mitok_code answer_key(const struct secret *body, const char *host,
	OSSL_LIB_CTX *inner, struct vault_key *ret, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	struct vault_key found = { .public_key = NULL };
	const struct json *key;
	enum mitok_code r = answer_parse(body, &j, e);

	if (r)
		return r;
	key = json_member(j, "key");
	if (!key || key->kind != JSON_OBJECT)
		return err_set(e, MITOK_E_REPLY, "an answer without a key");
	r = answer_key_id(key, host, &found.uri, e);
	if (r)
		return r;
	(void)ERR_set_mark();
	r = read_public(key, inner, &found.public_key, e);
	(void)ERR_pop_to_mark();
	if (!r)
		*ret = found;
	return r;
}
