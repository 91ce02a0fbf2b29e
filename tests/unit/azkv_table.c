/* The key management of azkv beside that of OpenSSL's default provider, function by
 * function: what libcrypto may ask of a foreign key, with all selections.
 * SPDX-License-Identifier: MIT */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdlib.h>

#include "base/text.h"
#include "foreign.h"
#include "openssl/inner.h"
#include "openssl/key.h"
#include "test.h"

/* One of the two tables, with what its functions want first. */
struct side {
	const OSSL_DISPATCH *table;
	void *provider;
};

typedef void (*any_function)(void);

static any_function find(const struct side *side, int id)
{
	for (const OSSL_DISPATCH *row = side->table; row->function_id; row++)
		if (row->function_id == id)
			return row->function;
	return NULL;
}

#define CALL(side, NAME, name) \
	((OSSL_FUNC_keymgmt_##name##_fn *)find(side, OSSL_FUNC_KEYMGMT_##NAME))

enum variant {
	EMPTY,
	DOMAIN,
	PUBLIC,
	PRIVATE_ONLY,
	WHOLE,
	OTHER_KEY,
	OTHER_GROUP,
	VARIANTS,
};
static const char *const variant_names[] = { "empty", "domain", "public", "private only",
	"whole", "other key", "other group" };

static const int bits[] = { OSSL_KEYMGMT_SELECT_PRIVATE_KEY,
	OSSL_KEYMGMT_SELECT_PUBLIC_KEY, OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS,
	OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS };
#define SELECTIONS 16u

static int selection_of(unsigned n)
{
	int selection = 0;

	for (unsigned i = 0; i < COUNT(bits); i++)
		selection |= n & 1u << i ? bits[i] : 0;
	return selection;
}

/* All parameters of two keys of one group, and of one of another; both groups have a
 * cofactor, so that its option means something. */
struct material {
	bool is_ec;
	OSSL_PARAM *key, *other, *group;
};

static OSSL_PARAM *all_params(OSSL_LIB_CTX *ctx, const char *curve)
{
	EVP_PKEY *key = curve ? EVP_PKEY_Q_keygen(ctx, NULL, "EC", curve)
			      : EVP_PKEY_Q_keygen(ctx, NULL, "RSA", (size_t)1024);
	OSSL_PARAM *params = NULL;

	if (curve)
		CHECK(EVP_PKEY_set_int_param(key, OSSL_PKEY_PARAM_USE_COFACTOR_ECDH, 1));
	CHECK(key && EVP_PKEY_todata(key, OSSL_KEYMGMT_SELECT_ALL, &params) == 1);
	EVP_PKEY_free(key);
	return params;
}

static struct side ours, theirs;
static struct provider azkv;
static OSSL_LIB_CTX *plain;
static OSSL_PROVIDER *builtin;

static void begin(struct material *m, bool is_ec)
{
	const OSSL_ALGORITHM *row;
	int no_cache;

	plain = OSSL_LIB_CTX_new();
	builtin = OSSL_PROVIDER_load(plain, "default");
	row = OSSL_PROVIDER_query_operation(builtin, OSSL_OP_KEYMGMT, &no_cache);
	while (row->algorithm_names &&
		!text_starts(row->algorithm_names, is_ec ? "EC:" : "RSA:"))
		row++;
	CHECK(row->algorithm_names != NULL);
	theirs.table = row->implementation;
	theirs.provider = OSSL_PROVIDER_get0_provider_ctx(builtin);
	ours.table = is_ec ? keymgmt_ec : keymgmt_rsa;
	ours.provider = &azkv;
	m->is_ec = is_ec;
	m->key = all_params(plain, is_ec ? "sect283k1" : NULL);
	m->other = all_params(plain, is_ec ? "sect283k1" : NULL);
	m->group = all_params(plain, is_ec ? "sect409k1" : NULL);
}

static void end(struct material *m)
{
	OSSL_PARAM_free(m->key);
	OSSL_PARAM_free(m->other);
	OSSL_PARAM_free(m->group);
	inner_free(&azkv);
	(void)OSSL_PROVIDER_unload(builtin);
	OSSL_LIB_CTX_free(plain);
	ERR_clear_error();
}

/* Takes in what that kind of key has. EC keys may have the private half alone. */
static int take_in(
	const struct side *side, void *key, const struct material *m, int which)
{
	const OSSL_PARAM *params = which == OTHER_KEY ? m->other
		: which == OTHER_GROUP                ? m->group
						      : m->key;
	OSSL_PARAM some[64] = { OSSL_PARAM_END };
	/* RSA has no domain, and takes nothing in when that alone is selected. */
	const int selections[] = { 0, m->is_ec ? 0x04 : 0x80, 0x86, 0x87, 0x87, 0x87,
		0x87 };
	size_t n = 0;

	for (const OSSL_PARAM *p = params; p->key && n < COUNT(some) - 1; p++)
		if (which != PRIVATE_ONLY || !m->is_ec ||
			strcmp(p->key, OSSL_PKEY_PARAM_PUB_KEY) != 0)
			some[n++] = *p;
	some[n] = OSSL_PARAM_construct_end();
	return CALL(side, IMPORT, import)(key, selections[which], some);
}

static void *make(const struct side *side, const struct material *m, int which)
{
	void *key = CALL(side, NEW, new)(side->provider);

	CHECK(key != NULL);
	if (which != EMPTY)
		CHECK_ROW(variant_names[which], take_in(side, key, m, which) == 1);
	return key;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const OSSL_PARAM *)a)->key, ((const OSSL_PARAM *)b)->key);
}

static int note_params(const OSSL_PARAM params[], void *arg)
{
	OSSL_PARAM sorted[64] = { OSSL_PARAM_END };
	size_t n = 0;

	for (; params->key && n < COUNT(sorted); params++)
		sorted[n++] = *params;
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < n; i++)
		text_addf(arg, " %s=%zu:%016llx", sorted[i].key, sorted[i].data_size,
			(unsigned long long)text_hash(
				sorted[i].data, sorted[i].data_size));
	return 1;
}

static void note_has(const struct side *side, const void *key, struct text *trace)
{
	for (unsigned n = 0; n < SELECTIONS; n++)
		text_addf(trace, " %d", CALL(side, HAS, has)(key, selection_of(n)));
	text_add(trace, "\n");
}

static void note_exports(const struct side *side, void *key, struct text *trace)
{
	for (unsigned n = 0; n < SELECTIONS; n++) {
		text_addf(trace, "export %x", (unsigned)selection_of(n));
		text_addf(trace, ": %d\n",
			CALL(side, EXPORT, export)(
				key, selection_of(n), note_params, trace));
	}
}

/* What the key is, has and gives, and whether it is sound. */
static void note_keys(
	const struct side *side, const struct material *m, int which, struct text *trace)
{
	void *key = make(side, m, which);

	text_addf(trace, "%s\n", variant_names[which]);
	note_has(side, key, trace);
	if (which != EMPTY) {
		note_exports(side, key, trace);
		for (unsigned n = 0; n < 2 * SELECTIONS; n++)
			text_addf(trace, " %d",
				CALL(side, VALIDATE, validate)(
					key, selection_of(n / 2), (int)(n % 2)));
	}
	CALL(side, FREE, free)(key);
}

static void note_matches(
	const struct side *side, const struct material *m, int which, struct text *trace)
{
	void *key = make(side, m, which);

	for (int other = EMPTY; other < VARIANTS; other++) {
		void *b = make(side, m, other);

		text_addf(trace, "%s, %s:", variant_names[which], variant_names[other]);
		for (unsigned n = 0; n < SELECTIONS; n++)
			text_addf(trace, " %d",
				CALL(side, MATCH, match)(key, b, selection_of(n)));
		text_add(trace, "\n");
		CALL(side, FREE, free)(b);
	}
	CALL(side, FREE, free)(key);
}

/* With the selections that libcrypto copies with. */
static void note_copies(
	const struct side *side, const struct material *m, int which, struct text *trace)
{
	static const int selections[] = { OSSL_KEYMGMT_SELECT_ALL,
		OSSL_KEYMGMT_SELECT_ALL_PARAMETERS, OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS,
		OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS,
		OSSL_KEYMGMT_SELECT_ALL_PARAMETERS | OSSL_KEYMGMT_SELECT_PUBLIC_KEY };
	void *key = make(side, m, which), *copy;

	for (size_t i = 0; i < COUNT(selections); i++) {
		copy = CALL(side, DUP, dup)(key, selections[i]);
		text_addf(trace, "%s, copy %x: %d\n", variant_names[which],
			(unsigned)selections[i], copy != NULL);
		if (!copy)
			continue;
		note_has(side, copy, trace);
		if (which > (m->is_ec ? EMPTY : DOMAIN) &&
			selections[i] & OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS)
			note_exports(side, copy, trace);
		CALL(side, FREE, free)(copy);
	}
	CALL(side, FREE, free)(key);
}

/* Into a key that has something already; but no group around a key of another group, which
 * neither of us can make a key of. */
static void note_imports(
	const struct side *side, const struct material *m, int which, struct text *trace)
{
	for (int more = DOMAIN; more < VARIANTS; more++) {
		if (m->is_ec && which == OTHER_GROUP && more < WHOLE)
			continue;

		void *key = make(side, m, which);
		int taken = take_in(side, key, m, more);

		text_addf(trace, "%s, then %s: %d\n", variant_names[which],
			variant_names[more], taken);
		note_has(side, key, trace);
		note_exports(side, key, trace);
		CALL(side, FREE, free)(key);
	}
}

/* A group without a name takes the place of one that has a name, and the other way round. */
static void note_groups(
	const struct side *side, const struct material *m, struct text *trace)
{
	OSSL_PARAM *nameless = foreign_nameless_curve();
	void *key = make(side, m, DOMAIN);

	for (int i = 0; i < 2; i++) {
		text_addf(trace, "taken: %d\n",
			CALL(side, IMPORT, import)(
				key, OSSL_KEYMGMT_SELECT_ALL_PARAMETERS, nameless));
		note_exports(side, key, trace);
		text_addf(trace, "taken: %d\n", take_in(side, key, m, DOMAIN));
		note_exports(side, key, trace);
	}
	CALL(side, FREE, free)(key);
	OSSL_PARAM_free(nameless);
}

typedef void note_function(
	const struct side *side, const struct material *m, int which, struct text *trace);

static void compare(bool is_ec, note_function *note)
{
	struct material m;

	begin(&m, is_ec);
	for (int which = EMPTY; which < VARIANTS; which++) {
		AUTO_TEXT got = { 0 };
		AUTO_TEXT want = { 0 };

		note(&ours, &m, which, &got);
		note(&theirs, &m, which, &want);
		foreign_compare(text_peek(&got), text_peek(&want));
	}
	end(&m);
}

#define COMPARE(name)                        \
	static void name(void)               \
	{                                    \
		compare(false, note_##name); \
		compare(true, note_##name);  \
	}
COMPARE(keys)
COMPARE(matches)
COMPARE(copies)
COMPARE(imports)

static void groups(void)
{
	AUTO_TEXT got = { 0 };
	AUTO_TEXT want = { 0 };
	struct material m;

	begin(&m, true);
	note_groups(&ours, &m, &got);
	note_groups(&theirs, &m, &want);
	foreign_compare(text_peek(&got), text_peek(&want));
	end(&m);
}

/* A name that one list has and the other has not, or of another type. */
static void same_names(const OSSL_PARAM *got, const OSSL_PARAM *want, const char *ignored)
{
	CHECK((got != NULL) == (want != NULL));
	for (const OSSL_PARAM *p = got; p && p->key; p++) {
		const OSSL_PARAM *q = OSSL_PARAM_locate_const(want, p->key);

		if (strcmp(p->key, ignored) != 0)
			CHECK_ROW(p->key, q && q->data_type == p->data_type);
	}
	for (const OSSL_PARAM *p = want; p && p->key; p++)
		CHECK_ROW(p->key, OSSL_PARAM_locate_const(got, p->key) != NULL);
}

static void names_of(bool is_ec)
{
	struct material m;

	begin(&m, is_ec);
	same_names(CALL(&ours, GETTABLE_PARAMS, gettable_params)(ours.provider),
		CALL(&theirs, GETTABLE_PARAMS, gettable_params)(theirs.provider),
		AZKV_PARAM_URI);
	same_names(CALL(&ours, GEN_SETTABLE_PARAMS, gen_settable_params)(
			   NULL, ours.provider),
		CALL(&theirs, GEN_SETTABLE_PARAMS, gen_settable_params)(
			NULL, theirs.provider),
		"");
	CHECK((CALL(&ours, SETTABLE_PARAMS, settable_params) != NULL) == is_ec);
	if (is_ec)
		same_names(CALL(&ours, SETTABLE_PARAMS, settable_params)(ours.provider),
			CALL(&theirs, SETTABLE_PARAMS, settable_params)(theirs.provider),
			"");
	for (unsigned n = 0; n < SELECTIONS; n++) {
		int selection = selection_of(n);

		/* EC: what cannot be moved has no names with us. */
		if (is_ec &&
			(!(selection & OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS) ||
				(selection & OSSL_KEYMGMT_SELECT_KEYPAIR) ==
					OSSL_KEYMGMT_SELECT_PRIVATE_KEY))
			continue;
		same_names(CALL(&ours, IMPORT_TYPES, import_types)(selection),
			CALL(&theirs, IMPORT_TYPES, import_types)(selection), "");
		same_names(CALL(&ours, EXPORT_TYPES, export_types)(selection),
			CALL(&theirs, EXPORT_TYPES, export_types)(selection), "");
	}
	end(&m);
}

static void names(void)
{
	names_of(false);
	names_of(true);
}

static const struct test tests[] = {
	{ "keys have, give and are worth the same", keys },
	{ "the same keys are equal", matches },
	{ "copies have the same parts", copies },
	{ "what a key takes in changes it in the same way", imports },
	{ "groups with and without a name replace each other", groups },
	{ "the same parameters are listed", names },
};
TEST_MAIN(tests)
