/* Two library contexts that must not differ.
 * SPDX-License-Identifier: MIT */
#include "foreign.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"

static struct {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *providers[2];
} worlds[FOREIGN_WORLDS];

/* The last one stays empty. */
static struct kept_key {
	char name[64];
	unsigned char *der;
	int len;
} keys[128];

static void find_azkv(OSSL_LIB_CTX *ctx)
{
	char self[PATH_MAX], dir[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	CHECK(n > 0);
	self[n > 0 ? n : 0] = '\0';
	(void)snprintf(dir, sizeof(dir), "%.*s/../../lib/ossl-modules",
		(int)(strrchr(self, '/') - self), self);
	CHECK(OSSL_PROVIDER_set_default_search_path(ctx, dir) == 1);
}

OSSL_LIB_CTX *foreign_context(enum foreign_world world)
{
	OSSL_LIB_CTX *ctx = worlds[world].ctx;
	const char *first = world == FOREIGN_AZKV ? "azkv" : "default";
	EVP_SIGNATURE *signature;
	EVP_KEYMGMT *keymgmt;

	if (ctx)
		return ctx;
	ctx = worlds[world].ctx = OSSL_LIB_CTX_new();
	CHECK(ctx != NULL);
	if (world == FOREIGN_AZKV) {
		find_azkv(ctx);
		worlds[world].providers[0] = OSSL_PROVIDER_load(ctx, "azkv");
		if (!worlds[world].providers[0])
			ERR_print_errors_fp(stderr);
	}
	worlds[world].providers[1] = OSSL_PROVIDER_load(ctx, "default");
	CHECK(worlds[world].providers[1] != NULL);
	/* Otherwise nothing is tested. */
	keymgmt = EVP_KEYMGMT_fetch(ctx, "EC", NULL);
	signature = EVP_SIGNATURE_fetch(ctx, "RSA", NULL);
	CHECK(keymgmt && signature);
	CHECK_TEXT(OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(keymgmt)), first);
	CHECK_TEXT(
		OSSL_PROVIDER_get0_name(EVP_SIGNATURE_get0_provider(signature)), first);
	EVP_SIGNATURE_free(signature);
	EVP_KEYMGMT_free(keymgmt);
	return ctx;
}

void foreign_end(void)
{
	for (size_t i = 0; i < FOREIGN_WORLDS; i++) {
		for (size_t j = 0; j < 2; j++)
			(void)OSSL_PROVIDER_unload(worlds[i].providers[j]);
		OSSL_LIB_CTX_free(worlds[i].ctx);
	}
	for (size_t i = 0; i < COUNT(keys); i++)
		OPENSSL_free(keys[i].der);
}

void foreign_compare(const char *azkv, const char *plain)
{
	size_t same = 0, from;

	CHECK(*plain);
	while (azkv[same] && azkv[same] == plain[same])
		same++;
	if (!test_check(
		    azkv[same] == plain[same], __FILE__, __LINE__, "same trace", NULL)) {
		from = same > 200 ? same - 200 : 0;
		fprintf(stderr, "%.*s\n", (int)(same - from), plain + from);
		fprintf(stderr, "  plain: %.*s\n", (int)strcspn(plain + same, "\n"),
			plain + same);
		fprintf(stderr, "  azkv:  %.*s\n", (int)strcspn(azkv + same, "\n"),
			azkv + same);
	}
}

void foreign_same(void (*run)(OSSL_LIB_CTX *ctx, struct text *trace))
{
	AUTO_TEXT azkv = { 0 };
	AUTO_TEXT plain = { 0 };

	ERR_clear_error();
	run(foreign_context(FOREIGN_PLAIN), &plain);
	ERR_clear_error();
	run(foreign_context(FOREIGN_AZKV), &azkv);
	ERR_clear_error();
	CHECK(text_ok(&plain) && text_ok(&azkv));
	foreign_compare(text_peek(&azkv), text_peek(&plain));
}

void foreign_step(struct text *trace, const char *what, long result)
{
	unsigned long error = ERR_peek_error();

	text_addf(trace, "%s: %ld", what, result);
	if (error)
		text_addf(trace, ", %s", ERR_reason_error_string(error));
	text_add(trace, "\n");
	ERR_clear_error();
}

void foreign_bytes(struct text *trace, const char *what, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	text_addf(trace, "%s: ", what);
	for (size_t i = 0; i < len; i++)
		text_addf(trace, "%02x", p[i]);
	text_add(trace, "\n");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const OSSL_PARAM *)a)->key, ((const OSSL_PARAM *)b)->key);
}

/* Numbers and texts come as the bytes of their values. */
static void add_param(struct text *trace, const EVP_PKEY *key, const OSSL_PARAM *known)
{
	unsigned char value[8192] = { 0 };
	OSSL_PARAM params[2] = {
		{ known->key, known->data_type, value,
			known->data_type == OSSL_PARAM_INTEGER ? sizeof(int)
							       : sizeof(value),
			OSSL_PARAM_UNMODIFIED },
		OSSL_PARAM_END,
	};
	int got = EVP_PKEY_get_params(key, params);

	foreign_step(trace, known->key, got);
	if (got && OSSL_PARAM_modified(params))
		foreign_bytes(trace, known->key, value, params->return_size);
}

void foreign_params(struct text *trace, const EVP_PKEY *key)
{
	const OSSL_PARAM *known = EVP_PKEY_gettable_params(key);
	OSSL_PARAM sorted[64] = { OSSL_PARAM_END };
	size_t n = 0;

	for (; known && known->key && n < COUNT(sorted); known++)
		if (strcmp(known->key, "azkv-uri") != 0)
			sorted[n++] = *known;
	CHECK(n > 0);
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(sorted[i].key, sorted[i - 1].key) != 0)
			add_param(trace, key, &sorted[i]);
}

EVP_PKEY *foreign_new_key(OSSL_LIB_CTX *ctx, const char *name)
{
	int64_t bits = 0;

	if (!text_starts(name, "RSA:"))
		return EVP_PKEY_Q_keygen(ctx, NULL, "EC", name + 3);
	CHECK(text_to_number(name + 4, 512, 4096, &bits));
	return EVP_PKEY_Q_keygen(ctx, NULL, "RSA", (size_t)bits);
}

/* libcrypto leaves a key that it reads with the provider that read it, which is never azkv;
 * data goes to the first. */
static EVP_PKEY *move_key(OSSL_LIB_CTX *ctx, EVP_PKEY *key)
{
	EVP_PKEY_CTX *op =
		EVP_PKEY_CTX_new_from_name(ctx, EVP_PKEY_get0_type_name(key), NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *moved = NULL;

	CHECK(op && EVP_PKEY_todata(key, OSSL_KEYMGMT_SELECT_ALL, &params) == 1);
	CHECK(EVP_PKEY_fromdata_init(op) == 1);
	CHECK(EVP_PKEY_fromdata(op, &moved, OSSL_KEYMGMT_SELECT_ALL, params) == 1);
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(op);
	EVP_PKEY_free(key);
	CHECK_TEXT(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(moved)),
		ctx == worlds[FOREIGN_AZKV].ctx ? "azkv" : "default");
	return moved;
}

/* Made when it is first asked for. */
static const struct kept_key *keep_key(const char *name)
{
	struct kept_key *kept = keys;
	EVP_PKEY *made;

	while (kept->der && strcmp(kept->name, name) != 0)
		kept++;
	if (kept->der)
		return kept;
	CHECK(kept + 1 < keys + COUNT(keys));
	made = foreign_new_key(foreign_context(FOREIGN_PLAIN), name);
	CHECK(made && TEXT_COPY(kept->name, name));
	kept->len = i2d_PrivateKey(made, &kept->der);
	EVP_PKEY_free(made);
	return kept;
}

EVP_PKEY *foreign_key(OSSL_LIB_CTX *ctx, const char *name)
{
	const struct kept_key *kept = keep_key(name);
	const unsigned char *p = kept->der;
	EVP_PKEY *key = d2i_AutoPrivateKey_ex(NULL, &p, kept->len, ctx, NULL);

	CHECK(key != NULL);
	return move_key(ctx, key);
}

OSSL_PARAM *foreign_nameless_curve(void)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *g = EC_POINT_new(group);
	BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	unsigned char generator[65];
	OSSL_PARAM *params;

	CHECK(EC_GROUP_get_curve(group, p, a, b, NULL));
	CHECK(EC_POINT_dbl(group, g, EC_GROUP_get0_generator(group), NULL));
	CHECK(EC_POINT_point2oct(group, g, POINT_CONVERSION_UNCOMPRESSED, generator,
		      sizeof(generator), NULL) == sizeof(generator));
	CHECK(OSSL_PARAM_BLD_push_utf8_string(
		build, OSSL_PKEY_PARAM_EC_FIELD_TYPE, SN_X9_62_prime_field, 0));
	CHECK(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_EC_P, p));
	CHECK(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_EC_A, a));
	CHECK(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_EC_B, b));
	CHECK(OSSL_PARAM_BLD_push_BN(
		build, OSSL_PKEY_PARAM_EC_ORDER, EC_GROUP_get0_order(group)));
	CHECK(OSSL_PARAM_BLD_push_BN(
		build, OSSL_PKEY_PARAM_EC_COFACTOR, EC_GROUP_get0_cofactor(group)));
	CHECK(OSSL_PARAM_BLD_push_octet_string(
		build, OSSL_PKEY_PARAM_EC_GENERATOR, generator, sizeof(generator)));
	params = OSSL_PARAM_BLD_to_param(build);
	CHECK(params != NULL);
	OSSL_PARAM_BLD_free(build);
	BN_free(p);
	BN_free(a);
	BN_free(b);
	EC_POINT_free(g);
	EC_GROUP_free(group);
	return params;
}
