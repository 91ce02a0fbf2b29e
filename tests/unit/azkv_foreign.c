/* Keys that are in no vault, where azkv comes before OpenSSL's own provider: what programs
 * do with them is the same as without it. SPDX-License-Identifier: MIT */
#include "foreign.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "test.h"

static void derive(
	struct text *trace, OSSL_LIB_CTX *ctx, EVP_PKEY *mine, EVP_PKEY *theirs)
{
	EVP_PKEY_CTX *op = EVP_PKEY_CTX_new_from_pkey(ctx, mine, NULL);
	unsigned char secret[128];
	size_t len = sizeof(secret);
	int ok = op && EVP_PKEY_derive_init(op) == 1 &&
		EVP_PKEY_derive_set_peer(op, theirs) == 1 &&
		EVP_PKEY_derive(op, secret, &len) == 1;

	foreign_step(trace, "derive", ok);
	if (ok)
		foreign_bytes(trace, "secret", secret, len);
	EVP_PKEY_CTX_free(op);
}

static const char *curve; /* the one that is being tried */

static void one_curve(OSSL_LIB_CTX *ctx, struct text *trace)
{
	EVP_PKEY *made = EVP_PKEY_Q_keygen(ctx, NULL, "EC", curve), *known, *dup;
	char name[64];

	text_addf(trace, "%s\n", curve);
	foreign_step(trace, "made", made != NULL);
	if (!made)
		return;
	(void)snprintf(name, sizeof(name), "EC:%s", curve);
	known = foreign_key(ctx, name);
	dup = EVP_PKEY_dup(known);
	foreign_params(trace, known);
	foreign_step(trace, "size", EVP_PKEY_get_size(made));
	foreign_step(trace, "equal to a copy", EVP_PKEY_eq(known, dup));
	foreign_step(trace, "equal to another", EVP_PKEY_eq(known, made));
	derive(trace, ctx, known, dup);
	EVP_PKEY_free(dup);
	EVP_PKEY_free(known);
	EVP_PKEY_free(made);
}

static void all_curves(void)
{
	EC_builtin_curve curves[128];
	size_t n = EC_get_builtin_curves(curves, COUNT(curves));

	CHECK(n > 4 && n < COUNT(curves));
	for (size_t i = 0; i < n; i++) {
		curve = OBJ_nid2sn(curves[i].nid);
		if (curves[i].nid != NID_sm2) /* read from a file it is another kind */
			foreign_same(one_curve);
	}
}

/* Both ends of an agreement, one of them in either context. */
static void shared_secrets(void)
{
	static const char *const curves[] = { "P-224", "P-256", "P-384", "P-521",
		"secp256k1", "brainpoolP256r1", "sect283k1" };
	OSSL_LIB_CTX *azkv = foreign_context(FOREIGN_AZKV);
	OSSL_LIB_CTX *plain = foreign_context(FOREIGN_PLAIN);

	for (size_t i = 0; i < COUNT(curves); i++) {
		EVP_PKEY *a = EVP_PKEY_Q_keygen(azkv, NULL, "EC", curves[i]);
		EVP_PKEY *b = EVP_PKEY_Q_keygen(plain, NULL, "EC", curves[i]);
		AUTO_TEXT one = { 0 };
		AUTO_TEXT other = { 0 };

		CHECK_ROW(curves[i], a && b);
		derive(&one, azkv, a, b);
		derive(&other, plain, b, a);
		CHECK_TEXT(text_peek(&one), text_peek(&other));
		CHECK_ROW(curves[i], strstr(text_peek(&one), "secret") != NULL);
		EVP_PKEY_free(a);
		EVP_PKEY_free(b);
	}
}

static int count_progress(EVP_PKEY_CTX *op)
{
	int *left = EVP_PKEY_CTX_get_app_data(op);

	CHECK(EVP_PKEY_CTX_get_keygen_info(op, -1) == 2);
	CHECK(EVP_PKEY_CTX_get_keygen_info(op, 0) >= 0);
	CHECK(EVP_PKEY_CTX_get_keygen_info(op, 1) >= -1);
	return --*left > 0;
}

struct rsa_row {
	const char *what;
	int bits, primes;
	unsigned long e;
	int calls; /* of the callback, before it says stop; 0: no callback */
};

static void one_rsa(OSSL_LIB_CTX *ctx, struct text *trace, const struct rsa_row *row)
{
	EVP_PKEY_CTX *op = EVP_PKEY_CTX_new_from_name(ctx, "RSA", NULL);
	BIGNUM *e = BN_new(), *third = NULL;
	int left = row->calls;
	EVP_PKEY *key = NULL;

	text_addf(trace, "%s\n", row->what);
	foreign_step(trace, "init", EVP_PKEY_keygen_init(op));
	foreign_step(trace, "bits", EVP_PKEY_CTX_set_rsa_keygen_bits(op, row->bits));
	foreign_step(
		trace, "primes", EVP_PKEY_CTX_set_rsa_keygen_primes(op, row->primes));
	CHECK(e && BN_set_word(e, row->e));
	foreign_step(trace, "e", EVP_PKEY_CTX_set1_rsa_keygen_pubexp(op, e));
	EVP_PKEY_CTX_set_app_data(op, &left);
	if (row->calls)
		EVP_PKEY_CTX_set_cb(op, count_progress);
	foreign_step(trace, "made", EVP_PKEY_generate(op, &key));
	CHECK_ROW(row->what, !row->calls || left < row->calls);
	if (key) {
		foreign_step(trace, "bits", EVP_PKEY_get_bits(key));
		foreign_step(trace, "a third prime",
			EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR3, &third));
		ERR_clear_error();
	}
	BN_free(third);
	BN_free(e);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(op);
}

static void rsa_rows(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static const struct rsa_row rows[] = {
		{ "usual", 2048, 2, 65537, 0 },
		{ "small, with progress", 1024, 2, 65537, 1000000 },
		{ "stopped", 2048, 2, 65537, 2 },
		{ "three primes", 2048, 3, 65537, 0 },
		{ "three", 1024, 2, 3, 0 },
		{ "too small", 100, 2, 65537, 0 },
		{ "too many primes", 1024, 7, 65537, 0 },
		{ "an even exponent", 1024, 2, 4, 0 },
		{ "odd size", 2047, 2, 65537, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		one_rsa(ctx, trace, &rows[i]);
}

static void rsa_params(OSSL_LIB_CTX *ctx, struct text *trace)
{
	EVP_PKEY *key = foreign_key(ctx, "RSA:2048"), *dup = EVP_PKEY_dup(key);

	foreign_params(trace, key);
	foreign_step(trace, "equal", EVP_PKEY_eq(key, dup));
	foreign_params(trace, dup);
	EVP_PKEY_free(dup);
	EVP_PKEY_free(key);
}

struct ec_row {
	const char *what;
	const char *const (*set)[2]; /* names and values, ended by NULL */
};

static void one_ec(OSSL_LIB_CTX *ctx, struct text *trace, const struct ec_row *row)
{
	EVP_PKEY_CTX *op = EVP_PKEY_CTX_new_from_name(ctx, "EC", NULL);
	EVP_PKEY *params = NULL, *key = NULL;
	unsigned char *der = NULL;

	text_addf(trace, "%s\n", row->what);
	foreign_step(trace, "init", EVP_PKEY_paramgen_init(op));
	for (size_t i = 0; row->set[i][0]; i++)
		foreign_step(trace, row->set[i][0],
			EVP_PKEY_CTX_ctrl_str(op, row->set[i][0], row->set[i][1]));
	foreign_step(trace, "parameters", EVP_PKEY_paramgen(op, &params));
	EVP_PKEY_CTX_free(op);
	if (params) {
		int len = i2d_KeyParams(params, &der);

		foreign_bytes(trace, "DER", der, len > 0 ? (size_t)len : 0);
		op = EVP_PKEY_CTX_new_from_pkey(ctx, params, NULL);
		foreign_step(trace, "init", EVP_PKEY_keygen_init(op));
		foreign_step(trace, "key", EVP_PKEY_keygen(op, &key));
		foreign_step(trace, "same group", EVP_PKEY_parameters_eq(params, key));
		foreign_step(trace, "missing", EVP_PKEY_missing_parameters(key));
		EVP_PKEY_CTX_free(op);
	}
	if (key)
		foreign_step(trace, "public DER", i2d_PUBKEY(key, NULL));
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	EVP_PKEY_free(params);
}

static void ec_rows(OSSL_LIB_CTX *ctx, struct text *trace)
{
#define SET(...) ((const char *const[][2]){ __VA_ARGS__, { NULL, NULL } })
	const struct ec_row rows[] = {
		{ "by name", SET({ "ec_paramgen_curve", "P-256" }) },
		{ "by OpenSSL's name", SET({ "ec_paramgen_curve", "secp384r1" }) },
		{ "by number", SET({ "ec_paramgen_curve", "1.3.132.0.35" }) },
		{ "no such curve", SET({ "ec_paramgen_curve", "P-255" }) },
		{ "no curve", SET({ "ec_param_enc", "named_curve" }) },
		{ "explicit",
			SET({ "ec_paramgen_curve", "P-256" },
				{ "ec_param_enc", "explicit" }) },
		{ "no such setting",
			SET({ "ec_paramgen_curve", "P-256" }, { "bits", "5" }) },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		one_ec(ctx, trace, &rows[i]);
}

/* A TLS key share: a key of the same group is filled with the peer's point. */
static void key_shares(OSSL_LIB_CTX *ctx, struct text *trace)
{
	EVP_PKEY *mine = foreign_key(ctx, "EC:P-384"), *theirs = EVP_PKEY_new();
	unsigned char *point = NULL;
	size_t len = EVP_PKEY_get1_encoded_public_key(mine, &point);

	CHECK(theirs && len == 97);
	foreign_bytes(trace, "point", point, len);
	foreign_step(trace, "copied", EVP_PKEY_copy_parameters(theirs, mine));
	foreign_step(trace, "no key yet", EVP_PKEY_eq(theirs, mine));
	foreign_step(trace, "set", EVP_PKEY_set1_encoded_public_key(theirs, point, len));
	foreign_step(trace, "now the same", EVP_PKEY_eq(theirs, mine));
	foreign_params(trace, theirs);
	derive(trace, ctx, mine, theirs);
	foreign_step(trace, "again", EVP_PKEY_copy_parameters(theirs, mine));
	point[5] ^= 1;
	foreign_step(
		trace, "no point", EVP_PKEY_set1_encoded_public_key(theirs, point, len));
	OPENSSL_free(point);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(mine);
}

static void copied_parameters(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static const char *const names[] = { "RSA:2048", "EC:P-256", "EC:P-384" };
	EVP_PKEY *to;

	for (size_t i = 0; i < COUNT(names); i++)
		for (size_t j = 0; j < COUNT(names); j++) {
			EVP_PKEY *a = foreign_key(ctx, names[i]);
			EVP_PKEY *b = foreign_key(ctx, names[j]);

			to = EVP_PKEY_new();
			text_addf(trace, "%s, %s\n", names[i], names[j]);
			foreign_step(trace, "to", EVP_PKEY_copy_parameters(to, a));
			foreign_step(trace, "over", EVP_PKEY_copy_parameters(to, b));
			foreign_step(trace, "missing", EVP_PKEY_missing_parameters(to));
			foreign_step(trace, "parameters", EVP_PKEY_parameters_eq(to, b));
			foreign_step(trace, "keys", EVP_PKEY_eq(a, b));
			EVP_PKEY_free(to);
			EVP_PKEY_free(a);
			EVP_PKEY_free(b);
		}
}

static const struct {
	const char *name, *value;
} options[] = {
	{ OSSL_PKEY_PARAM_EC_ENCODING, "explicit" },
	{ OSSL_PKEY_PARAM_EC_ENCODING, "named_curve" },
	{ OSSL_PKEY_PARAM_EC_ENCODING, "nonsense" },
	{ OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed" },
	{ OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "hybrid" },
	{ OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed" },
	{ OSSL_PKEY_PARAM_EC_GROUP_CHECK_TYPE, "named-nist" },
};

/* Each is set, and all of the key is looked at and written. */
static void ec_options(OSSL_LIB_CTX *ctx, struct text *trace)
{
	EVP_PKEY *key = foreign_key(ctx, "EC:P-256"), *dup;
	unsigned char *der;
	int len;

	for (size_t i = 0; i < COUNT(options) + 2; i++) {
		if (i < COUNT(options))
			foreign_step(trace, options[i].value,
				EVP_PKEY_set_utf8_string_param(
					key, options[i].name, options[i].value));
		else if (i == COUNT(options))
			foreign_step(trace, "cofactor",
				EVP_PKEY_set_int_param(
					key, OSSL_PKEY_PARAM_USE_COFACTOR_ECDH, 1));
		else
			foreign_step(trace, "no public half in files",
				EVP_PKEY_set_int_param(
					key, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 0));
		dup = EVP_PKEY_dup(key);
		foreign_params(trace, dup);
		der = NULL;
		len = i2d_PrivateKey(dup, &der);
		foreign_bytes(trace, "DER", der, len > 0 ? (size_t)len : 0);
		OPENSSL_free(der);
		EVP_PKEY_free(dup);
	}
	EVP_PKEY_free(key);
}

static void checks(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static const char *const names[] = { "RSA:2048", "RSA:512", "EC:P-256",
		"EC:P-521" };
	static int (*const kinds[])(EVP_PKEY_CTX *) = { EVP_PKEY_check,
		EVP_PKEY_public_check, EVP_PKEY_public_check_quick, EVP_PKEY_param_check,
		EVP_PKEY_param_check_quick, EVP_PKEY_private_check,
		EVP_PKEY_pairwise_check };

	for (size_t i = 0; i < COUNT(names); i++) {
		EVP_PKEY *key = foreign_key(ctx, names[i]);
		EVP_PKEY_CTX *op = EVP_PKEY_CTX_new_from_pkey(ctx, key, NULL);

		for (size_t j = 0; j < COUNT(kinds); j++)
			foreign_step(trace, names[i], kinds[j](op));
		EVP_PKEY_CTX_free(op);
		EVP_PKEY_free(key);
	}
}

/* Kinds that are not ours, and names by which the kinds are known. */
static void kinds(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static const char *const names[] = { "RSA-PSS", "SM2", "X25519", "ED25519", "DH",
		"rsaEncryption", "id-ecPublicKey" };

	for (size_t i = 0; i < COUNT(names); i++) {
		EVP_KEYMGMT *keymgmt = EVP_KEYMGMT_fetch(ctx, names[i], NULL);

		CHECK_ROW(names[i], keymgmt != NULL);
		if (i < 5)
			foreign_step(trace,
				OSSL_PROVIDER_get0_name(
					EVP_KEYMGMT_get0_provider(keymgmt)),
				(long)i);
		EVP_KEYMGMT_free(keymgmt);
	}
	for (size_t i = 0; i < 2; i++) {
		EVP_PKEY *key = foreign_key(ctx, i ? "RSA:2048" : "EC:P-256");

		foreign_step(trace, EVP_PKEY_get0_type_name(key), EVP_PKEY_get_id(key));
		foreign_step(trace, "base", EVP_PKEY_get_base_id(key));
		EVP_PKEY_free(key);
	}
}

#define SAME(name)                    \
	static void name##_same(void) \
	{                             \
		foreign_same(name);   \
	}
SAME(rsa_rows)
SAME(rsa_params)
SAME(ec_rows)
SAME(key_shares)
SAME(copied_parameters)
SAME(ec_options)
SAME(checks)
SAME(kinds)

static const struct test tests[] = {
	{ "keys of every curve are made, told and used as without azkv", all_curves },
	{ "both ends of an agreement find the same secret", shared_secrets },
	{ "RSA keys are made as without azkv, with progress and limits", rsa_rows_same },
	{ "all parts of an RSA key are told", rsa_params_same },
	{ "EC parameters and keys of them are made", ec_rows_same },
	{ "a key share is put into a key of its group", key_shares_same },
	{ "parameters are copied where they may", copied_parameters_same },
	{ "the options of EC keys are kept", ec_options_same },
	{ "good keys are told from bad ones", checks_same },
	{ "other kinds of keys stay where they were", kinds_same },
};

int main(void)
{
	int status = test_run(tests, COUNT(tests));

	foreign_end();
	return status;
}
