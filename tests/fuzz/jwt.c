/* Fuzz: tokens that anybody may send, as text or as two lines of JSON for header and claims. None is
 * good; what our reader of JSON takes, json-c takes for the same.
 * SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/signer.h"
#include "../../helper/verify/answer.h"
#include "../../helper/verify/print.h"
#include "io/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TENANT "91880000-0000-4000-8000-00000000a001"

static struct verifier verifier;

static int64_t now_s(void)
{
	return 1800000000;
}

static void start(void)
{
	static const char *const audiences[] = { "api://orders", NULL };
	static const char *const nobody[] = { NULL };
	AUTO_TEXT jwks = { 0 };
	AUTO_JSON document = NULL;

	signer_start();
	text_add(&jwks, "{\"keys\":[");
	signer_add_jwk(SIGNER_RSA, "rsa", "", &jwks);
	text_add(&jwks, ",");
	signer_add_jwk(SIGNER_EC, "ec", "", &jwks);
	text_add(&jwks, "]}");
	verifier.policy = (struct policy){ .trust = &verifier.trust,
		.audiences = audiences,
		.appids = nobody,
		.oids = nobody,
		.roles = nobody,
		.skew_s = SKEW_DEFAULT_S };
	verifier.ring.now_s = now_s;
	verifier.ring.shelf = -1;
	if (trust_set(TENANT, NULL, NULL, &verifier.trust, NULL) ||
		crypto_start(&verifier.crypto, NULL) ||
		json_parse(jwks.p, jwks.len, &document, NULL) ||
		keyset_read(&verifier.crypto, document, &verifier.given, NULL))
		abort();
	memcpy(verifier.given->tenant, TENANT, sizeof(TENANT));
}

/* Numbers that are written in another way once they were read as such. */
static bool is_exact(const struct item *v)
{
	if (v->kind == ITEM_NUMBER &&
		(v->text_len > 18 || memchr(v->text, '.', v->text_len) ||
			memchr(v->text, 'e', v->text_len) ||
			memchr(v->text, 'E', v->text_len) ||
			(v->text_len == 2 && memcmp(v->text, "-0", 2) == 0)))
		return false;
	for (const struct item *c = v->child; c; c = c->next)
		if (!is_exact(c))
			return false;
	return true;
}

/* Two readers that read a token in two ways are one attack. */
static void compare_readers(const uint8_t *data, size_t size)
{
	static struct tree tree;
	char *copy = malloc(size + 1);
	const struct item *root = NULL;
	AUTO_JSON other = NULL;
	AUTO_TEXT ours = { 0 };
	AUTO_TEXT theirs = { 0 };

	if (!copy)
		return;
	memcpy(copy, data, size);
	copy[size] = '\0';
	tree.count = 0;
	if (tree_read(&tree, copy, size, &root) == TREE_OK && is_exact(root)) {
		assert(json_parse((const char *)data, size, &other, NULL) == MITOK_OK);
		item_format(root, &ours);
		json_format(other, &theirs);
		assert(ours.len == theirs.len && strcmp(ours.p, theirs.p) == 0);
	}
	free(copy);
}

static void check_token(const struct text *text)
{
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_TEXT out = { 0 };
	AUTO_TOKEN_PARTS t;
	enum reason r;

	token_begin(&t);
	r = token_read(text_peek(text), text->len, &t, &e);
	assert(r < REASON_COUNT && (r == REASON_NONE) == (e.code == MITOK_OK));
	assert(!text_has_control(e.message));
	if (r)
		return;
	assert(t.kid && *t.kid && t.alg < ALG_COUNT);
	assert(t.signed_len < text->len && t.signed_text[t.signed_len] == '.');
	assert(!item_member(t.header, "jwk") && !item_member(t.header, "crit"));
	assert(item_equals(item_member(t.header, "alg"), alg_name(t.alg)));
	print_claims(&t, true, &out);
	assert(text_ok(&out) && text_is_utf8(text_peek(&out), out.len));
}

static void check_answer(const struct text *text)
{
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_TEXT value = { 0 };
	AUTO_ANSWER a = { .status = 0 };

	text_add(&value, "Bearer ");
	text_add(&value, text_peek(text));
	answer_make(&verifier, text_peek(&value), &a, &e);
	assert(a.status == 401 && e.code == MITOK_E_DENIED);
	assert(a.count == 1 && text_starts(text_peek(&a.values[0]), "Bearer"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = memchr(data, '\n', size);
	AUTO_TEXT text = { 0 };

	if (!verifier.given)
		start();
	if (line) {
		size_t len = (size_t)(line - data);

		compare_readers(data, len);
		compare_readers(line + 1, size - len - 1);
		signer_add_base64url((const char *)data, len, &text);
		text_add(&text, ".");
		signer_add_base64url((const char *)line + 1, size - len - 1, &text);
		text_add(&text, ".YQ");
	} else {
		text_add_bytes(&text, (const char *)data, size);
	}
	check_token(&text);
	check_answer(&text);
	return 0;
}
