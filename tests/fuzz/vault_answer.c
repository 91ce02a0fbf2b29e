/* Fuzz: the body of a vault's answer, read as each kind of answer.
 * SPDX-License-Identifier: MIT */
#include "openssl/answer.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

static const char host[] = "myvault.vault.azure.net";

static void check_error(enum mitok_code r, const struct mitok_err *e)
{
	if (r == MITOK_OK)
		return;
	assert(r == MITOK_E_REPLY || r == MITOK_E_ARG);
	assert(e->code == r && e->message[0] && !text_has_control(e->message));
}

static void check_key_id(const struct uri *u)
{
	assert(u->kind == URI_KEY && strcmp(u->host, host) == 0);
	assert(u->name[0] && strlen(u->version) == 32 && !u->identity[0]);
}

static void check_public(EVP_PKEY *k)
{
	int bits = EVP_PKEY_get_bits(k);
	char group[32];

	if (EVP_PKEY_is_a(k, "RSA")) {
		assert(bits >= 2048 && bits <= 4096);
		return;
	}
	assert(EVP_PKEY_is_a(k, "EC") && (bits == 256 || bits == 384 || bits == 521));
	assert(EVP_PKEY_get_group_name(k, group, sizeof(group), NULL));
}

static void try_key(const struct secret *body, OSSL_LIB_CTX *inner)
{
	struct vault_key k = { .public_key = NULL };
	struct mitok_err e = { 0 };
	enum mitok_code r = answer_key(body, host, inner, &k, &e);

	check_error(r, &e);
	assert((r == MITOK_OK) == (k.public_key != NULL));
	if (r)
		return;
	check_key_id(&k.uri);
	check_public(k.public_key);
	EVP_PKEY_free(k.public_key);
}

static void try_certificate(const struct secret *body)
{
	struct mitok_err e = { 0 };
	AUTO_TEXT der = { 0 };
	struct uri key;
	enum mitok_code r = answer_certificate(body, host, &der, &key, &e);

	check_error(r, &e);
	assert((r == MITOK_OK) == (der.len > 0));
	if (r == MITOK_OK)
		check_key_id(&key);
}

/* Bytes that begin like DER, as a certificate in an answer. */
static void try_der(const uint8_t *data, size_t size)
{
	AUTO_TEXT text = { 0 };
	AUTO_SECRET body = { 0 };

	text_addf(&text,
		"{\"kid\":\"https://%s/keys/k/"
		"0123456789abcdef0123456789abcdef\",\"cer\":\"",
		host);
	answer_encode(data, size, &text);
	text_addf(&text, "%.*s", (int)((3 - size % 3) % 3), "==");
	text_add(&text, "\"}");
	for (char *c = strstr(text_peek(&text), "cer"); c && *c; c++)
		*c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
	if (secret_add_text(&body, text_peek(&text)))
		try_certificate(&body);
}

static void try_values(const struct secret *body)
{
	struct mitok_err e = { 0 };
	AUTO_SECRET value = { 0 };
	char type[64];
	struct uri id;
	enum mitok_code r = answer_secret(body, &value, type, &e);

	check_error(r, &e);
	if (r == MITOK_OK)
		assert(strlen(secret_peek(&value)) == value.len &&
			!text_has_control(type));
	else
		assert(!value.p);
	secret_wipe(&value);
	r = answer_operation(body, host, &id, &value, &e);
	check_error(r, &e);
	if (r == MITOK_OK)
		check_key_id(&id);
	else
		assert(!value.p);
}

static bool each(void *arg, const struct uri *id)
{
	int *left = arg;

	assert(id->kind != URI_LIST && strcmp(id->host, host) == 0 && id->name[0]);
	return --*left > 0;
}

static void try_list(const struct secret *body)
{
	int left = 3;
	const struct answer_rows rows = { each, &left };
	struct mitok_err e = { 0 };
	AUTO_TEXT next = { 0 };
	enum mitok_code r = answer_list(body, host, &rows, &next, &e);

	check_error(r, &e);
	assert(r == MITOK_OK || left == 3);
	if (next.len)
		assert(r == MITOK_OK && left > 0 && next.p[0] == '/' &&
			!strpbrk(next.p, "\\# \r\n") && !text_has_control(next.p));
}

static void try_error(const struct secret *body)
{
	struct answer_error got;

	answer_error(body, &got);
	assert(!text_has_control(got.code) && !text_has_control(got.inner));
	assert(!text_has_control(got.message));
	assert(text_is_utf8(got.message, strlen(got.message)));
}

/* What is read is written in the same way, padding aside. */
static void try_base64(const char *text)
{
	size_t len = strlen(text);
	AUTO_SECRET value = { 0 };
	AUTO_TEXT again = { 0 };

	if (answer_decode(text, &value, NULL))
		return;
	answer_encode((const unsigned char *)secret_peek(&value), value.len, &again);
	while (len && text[len - 1] == '=')
		len--;
	assert(again.len == len && memcmp(text_peek(&again), text, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static OSSL_LIB_CTX *inner;
	AUTO_SECRET body = { 0 };

	if (!inner)
		inner = OSSL_LIB_CTX_new();
	if (!secret_add(&body, (const char *)data, size))
		return 0;
	try_key(&body, inner);
	try_certificate(&body);
	if (size && data[0] == 0x30)
		try_der(data, size);
	try_values(&body);
	try_list(&body);
	try_error(&body);
	assert(ERR_peek_error() == 0);
	try_base64(secret_peek(&body));
	return 0;
}
