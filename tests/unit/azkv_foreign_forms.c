/* Foreign keys in and out of files, data and the structures of old programs, where azkv
 * comes before OpenSSL's own provider. SPDX-License-Identifier: MIT */
#define OPENSSL_SUPPRESS_DEPRECATED /* old programs use the old functions */
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "foreign.h"
#include "test.h"

static const char *const names[] = { "RSA:2048", "EC:P-256", "EC:secp384r1",
	"EC:sect233r1" };
#define PASSWORD "a pass phrase"

struct form {
	const char *type, *structure;
	int selection;
	const char *cipher; /* NULL: not encrypted */
};

/* The same bytes in both contexts, unless chance has a part in them; and read again. */
// clang-format off
static const struct form forms[] = {
	{ "DER", "PrivateKeyInfo",       EVP_PKEY_KEYPAIR, NULL },
	{ "PEM", "PrivateKeyInfo",       EVP_PKEY_KEYPAIR, NULL },
	{ "PEM", "PrivateKeyInfo",       EVP_PKEY_KEYPAIR, "AES-256-CBC" },
	{ "DER", "EncryptedPrivateKeyInfo", EVP_PKEY_KEYPAIR, "AES-128-CBC" },
	{ "DER", "type-specific",        EVP_PKEY_KEYPAIR, NULL },
	{ "PEM", "type-specific",        EVP_PKEY_KEYPAIR, NULL },
	{ "PEM", "type-specific",        EVP_PKEY_KEYPAIR, "AES-128-CBC" },
	{ "DER", "SubjectPublicKeyInfo", EVP_PKEY_PUBLIC_KEY, NULL },
	{ "PEM", "SubjectPublicKeyInfo", EVP_PKEY_PUBLIC_KEY, NULL },
	{ "DER", "type-specific",        EVP_PKEY_PUBLIC_KEY, NULL },
	{ "DER", "type-specific",        EVP_PKEY_KEY_PARAMETERS, NULL },
	{ "PEM", "type-specific",        EVP_PKEY_KEY_PARAMETERS, NULL },
	{ "TEXT", NULL,                  EVP_PKEY_KEYPAIR, NULL },
	{ "TEXT", NULL,                  EVP_PKEY_PUBLIC_KEY, NULL },
	{ "MSBLOB", NULL,                EVP_PKEY_KEYPAIR, NULL },
	{ "PVK", NULL,                   EVP_PKEY_KEYPAIR, NULL },
	{ "DER", "no such structure",    EVP_PKEY_KEYPAIR, NULL },
};
// clang-format on

/* What a key was written as. */
struct written {
	unsigned char *bytes;
	size_t len;
};

static void read_form(OSSL_LIB_CTX *ctx, struct text *trace, const struct form *form,
	const EVP_PKEY *key, const struct written *w)
{
	EVP_PKEY *read = NULL;
	OSSL_DECODER_CTX *in = OSSL_DECODER_CTX_new_for_pkey(
		&read, form->type, NULL, NULL, form->selection, ctx, NULL);
	const unsigned char *p = w->bytes;
	size_t rest = w->len;

	CHECK(in &&
		OSSL_DECODER_CTX_set_passphrase(
			in, (const unsigned char *)PASSWORD, strlen(PASSWORD)));
	foreign_step(trace, "read", OSSL_DECODER_from_data(in, &p, &rest));
	foreign_step(trace, "rest", (long)rest);
	if (read) {
		foreign_step(trace, "equal",
			form->selection == EVP_PKEY_KEY_PARAMETERS
				? EVP_PKEY_parameters_eq(key, read)
				: EVP_PKEY_eq(key, read));
		foreign_params(trace, read);
	}
	EVP_PKEY_free(read);
	OSSL_DECODER_CTX_free(in);
}

static void one_form(OSSL_LIB_CTX *ctx, struct text *trace, const struct form *form,
	const EVP_PKEY *key)
{
	OSSL_ENCODER_CTX *out = OSSL_ENCODER_CTX_new_for_pkey(
		key, form->selection, form->type, form->structure, NULL);
	struct written w = { 0 };

	text_addf(trace, "%s %s %d\n", form->type, form->structure ? form->structure : "",
		form->selection);
	if (form->cipher) {
		CHECK(OSSL_ENCODER_CTX_set_cipher(out, form->cipher, NULL));
		CHECK(OSSL_ENCODER_CTX_set_passphrase(
			out, (const unsigned char *)PASSWORD, strlen(PASSWORD)));
	}
	foreign_step(trace, "encoders", OSSL_ENCODER_CTX_get_num_encoders(out) > 0);
	foreign_step(trace, "written", OSSL_ENCODER_to_data(out, &w.bytes, &w.len));
	if (w.bytes && !form->cipher)
		foreign_bytes(trace, "bytes", w.bytes, w.len);
	if (w.bytes && strcmp(form->type, "TEXT") != 0)
		read_form(ctx, trace, form, key, &w);
	OPENSSL_clear_free(w.bytes, w.len);
	OSSL_ENCODER_CTX_free(out);
}

static const struct form *form; /* that is being tried */

static void each_key_in_form(OSSL_LIB_CTX *ctx, struct text *trace)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		EVP_PKEY *key = foreign_key(ctx, names[i]);

		one_form(ctx, trace, form, key);
		EVP_PKEY_free(key);
	}
}

static void all_forms(void)
{
	for (size_t i = 0; i < COUNT(forms); i++) {
		form = &forms[i];
		foreign_same(each_key_in_form);
	}
}

static int give_password(char *buf, int size, int writing, void *arg)
{
	(void)writing;
	CHECK(size > (int)strlen(PASSWORD));
	CHECK_TEXT(arg, "arg");
	memcpy(buf, PASSWORD, strlen(PASSWORD));
	return (int)strlen(PASSWORD);
}

/* The functions that most programs call: PEM_write_*, PEM_read_*, d2i_*, i2d_*. */
static void usual_functions(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static char arg[] = "arg";

	for (size_t i = 0; i < COUNT(names); i++) {
		EVP_PKEY *key = foreign_key(ctx, names[i]), *read;
		BIO *bio = BIO_new(BIO_s_mem());

		foreign_step(trace, "PKCS #8",
			PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(), NULL,
				0, give_password, arg));
		foreign_step(trace, "traditional",
			PEM_write_bio_PrivateKey_traditional(bio, key, EVP_aes_128_cbc(),
				NULL, 0, give_password, arg));
		foreign_step(trace, "plain",
			PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
		for (int j = 0; j < 3; j++) {
			read = PEM_read_bio_PrivateKey_ex(
				bio, NULL, give_password, arg, ctx, NULL);
			foreign_step(trace, "read", read ? EVP_PKEY_eq(key, read) : -9);
			EVP_PKEY_free(read);
		}
		foreign_step(trace, "public", PEM_write_bio_PUBKEY(bio, key));
		read = PEM_read_bio_PUBKEY_ex(bio, NULL, NULL, NULL, ctx, NULL);
		foreign_step(trace, "read", read ? EVP_PKEY_eq(key, read) : -9);
		foreign_step(trace, "text", EVP_PKEY_print_private(bio, key, 2, NULL));
		foreign_step(trace, "length", (long)BIO_pending(bio));
		foreign_step(trace, "sizes",
			i2d_PrivateKey(key, NULL) * 10000L + i2d_PUBKEY(key, NULL));
		EVP_PKEY_free(read);
		BIO_free(bio);
		EVP_PKEY_free(key);
	}
}

static const char *name; /* of the key that is being tried */

static void one_as_data(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static const int selections[] = { EVP_PKEY_KEY_PARAMETERS, EVP_PKEY_PUBLIC_KEY,
		EVP_PKEY_KEYPAIR, OSSL_KEYMGMT_SELECT_PRIVATE_KEY,
		OSSL_KEYMGMT_SELECT_PUBLIC_KEY, OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS,
		OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS, OSSL_KEYMGMT_SELECT_ALL, 0 };
	EVP_PKEY *key = foreign_key(ctx, name), *made;
	EVP_PKEY_CTX *op = EVP_PKEY_CTX_new_from_pkey(ctx, key, NULL);
	OSSL_PARAM *params;

	for (size_t i = 0; i < COUNT(selections); i++) {
		params = NULL;
		made = NULL;
		foreign_step(trace, "selection", selections[i]);
		foreign_step(trace, "out", EVP_PKEY_todata(key, selections[i], &params));
		for (const OSSL_PARAM *p = params; p && p->key; p++)
			foreign_bytes(trace, p->key, p->data, p->data_size);
		foreign_step(trace, "init", EVP_PKEY_fromdata_init(op));
		if (params)
			foreign_step(trace, "in",
				EVP_PKEY_fromdata(op, &made, selections[i], params));
		if (made) {
			foreign_step(trace, "same", EVP_PKEY_eq(key, made));
			foreign_params(trace, made);
		}
		OSSL_PARAM_free(params);
		EVP_PKEY_free(made);
	}
	EVP_PKEY_CTX_free(op);
	EVP_PKEY_free(key);
}

static void as_data(void)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		name = names[i];
		foreign_same(one_as_data);
	}
}

/* Parameters in, a key of them made, written, read, and agreed with. */
static void nameless(OSSL_LIB_CTX *ctx, struct text *trace)
{
	EVP_PKEY_CTX *op = EVP_PKEY_CTX_new_from_name(ctx, "EC", NULL);
	OSSL_PARAM *params = foreign_nameless_curve();
	EVP_PKEY *group = NULL, *key = NULL, *dup;

	foreign_step(trace, "init", EVP_PKEY_fromdata_init(op));
	foreign_step(trace, "group",
		EVP_PKEY_fromdata(op, &group, EVP_PKEY_KEY_PARAMETERS, params));
	foreign_params(trace, group);
	EVP_PKEY_CTX_free(op);
	op = EVP_PKEY_CTX_new_from_pkey(ctx, group, NULL);
	foreign_step(trace, "init", EVP_PKEY_keygen_init(op));
	foreign_step(trace, "key", EVP_PKEY_keygen(op, &key));
	EVP_PKEY_CTX_free(op);
	dup = EVP_PKEY_dup(key);
	foreign_step(trace, "group", EVP_PKEY_parameters_eq(group, dup));
	foreign_step(trace, "key", EVP_PKEY_eq(key, dup));
	foreign_step(trace, "public DER", i2d_PUBKEY(dup, NULL));
	op = EVP_PKEY_CTX_new_from_name(ctx, "EC", NULL);
	EVP_PKEY_free(dup);
	dup = NULL;
	foreign_step(trace, "init", EVP_PKEY_keygen_init(op));
	foreign_step(trace, "set", EVP_PKEY_CTX_set_params(op, params));
	foreign_step(trace, "key", EVP_PKEY_keygen(op, &dup));
	foreign_step(trace, "group", EVP_PKEY_parameters_eq(group, dup));
	EVP_PKEY_CTX_free(op);
	EVP_PKEY_free(dup);
	EVP_PKEY_free(key);
	EVP_PKEY_free(group);
	OSSL_PARAM_free(params);
}

/* What is added to a trace of a key that was made by chance. */
static void note_made(struct text *trace, const EVP_PKEY *key)
{
	static const char *const texts[] = { OSSL_PKEY_PARAM_GROUP_NAME,
		OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
		OSSL_PKEY_PARAM_EC_GROUP_CHECK_TYPE };
	char text[64];
	int cofactor = -1;

	for (size_t i = 0; i < COUNT(texts); i++) {
		text[0] = '\0';
		foreign_step(trace, texts[i],
			EVP_PKEY_get_utf8_string_param(
				key, texts[i], text, sizeof(text), NULL));
		text_addf(trace, "%s\n", text);
	}
	foreign_step(trace, "cofactor",
		EVP_PKEY_get_int_param(
			key, OSSL_PKEY_PARAM_USE_COFACTOR_ECDH, &cofactor));
	foreign_step(trace, "is", cofactor);
}

/* What was set for the making of a key, and then a template that has its own. */
static void templates(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static const struct {
		const char *name, *value;
	} sets[] = {
		{ NULL, NULL },
		{ OSSL_PKEY_PARAM_EC_ENCODING, "explicit" },
		{ OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed" },
		{ OSSL_PKEY_PARAM_GROUP_NAME, "P-521" },
	};
	EVP_PKEY *template = foreign_key(ctx, "EC:sect283k1"), *key;

	for (size_t i = 0; i < COUNT(sets); i++) {
		EVP_PKEY_CTX *op = EVP_PKEY_CTX_new_from_pkey(ctx, template, NULL);
		OSSL_PARAM set[2] = { OSSL_PARAM_END, OSSL_PARAM_END };
		char value[16];
		int on = 1;

		foreign_step(trace, "init", EVP_PKEY_keygen_init(op));
		if (sets[i].name) {
			CHECK(TEXT_COPY(value, sets[i].value));
			set[0] = OSSL_PARAM_construct_utf8_string(sets[i].name, value, 0);
			foreign_step(trace, value, EVP_PKEY_CTX_set_params(op, set));
			set[0] = OSSL_PARAM_construct_int(
				OSSL_PKEY_PARAM_USE_COFACTOR_ECDH, &on);
			foreign_step(trace, "cofactor", EVP_PKEY_CTX_set_params(op, set));
		}
		key = NULL;
		foreign_step(trace, "key", EVP_PKEY_keygen(op, &key));
		note_made(trace, key);
		EVP_PKEY_free(key);
		EVP_PKEY_CTX_free(op);
	}
	EVP_PKEY_free(template);
}

/* The structures of OpenSSL 1, out of keys and into them. */
static void old_structures(OSSL_LIB_CTX *ctx, struct text *trace)
{
	static const unsigned char digest[32] = "thirty-two bytes that are signed";
	EVP_PKEY *key = foreign_key(ctx, "RSA:2048"), *old = EVP_PKEY_new();
	RSA *rsa = EVP_PKEY_get1_RSA(key);
	unsigned char signature[512];
	size_t len = sizeof(signature);
	EVP_PKEY_CTX *op;
	EC_KEY *ec;

	CHECK(rsa != NULL);
	foreign_step(trace, "private", RSA_get0_d(rsa) != NULL && RSA_check_key(rsa));
	foreign_step(trace, "assign", EVP_PKEY_assign_RSA(old, rsa));
	foreign_step(trace, "eq", EVP_PKEY_eq(key, old));
	foreign_step(trace, "eq", EVP_PKEY_eq(old, key));
	op = EVP_PKEY_CTX_new_from_pkey(ctx, old, NULL);
	foreign_step(trace, "init", EVP_PKEY_sign_init(op));
	foreign_step(trace, "md", EVP_PKEY_CTX_set_signature_md(op, EVP_sha256()));
	foreign_step(trace, "sign",
		EVP_PKEY_sign(op, signature, &len, digest, sizeof(digest)));
	foreign_bytes(trace, "signature", signature, len);
	EVP_PKEY_CTX_free(op);
	EVP_PKEY_free(old);
	EVP_PKEY_free(key);

	key = foreign_key(ctx, "EC:P-256");
	ec = EVP_PKEY_get1_EC_KEY(key);
	old = EVP_PKEY_new();
	CHECK(ec != NULL);
	foreign_step(trace, "private", EC_KEY_check_key(ec));
	foreign_step(trace, "set", EVP_PKEY_set1_EC_KEY(old, ec));
	foreign_step(trace, "eq", EVP_PKEY_eq(key, old));
	foreign_step(trace, "copied", EVP_PKEY_copy_parameters(old, key));
	foreign_step(trace, "size", EVP_PKEY_get_size(old));
	EC_KEY_free(ec);
	EVP_PKEY_free(old);
	EVP_PKEY_free(key);
}

#define SAME(name)                    \
	static void name##_same(void) \
	{                             \
		foreign_same(name);   \
	}
SAME(usual_functions)
SAME(nameless)
SAME(templates)
SAME(old_structures)

static const struct test tests[] = {
	{ "keys are written and read in all forms as without azkv", all_forms },
	{ "the functions that most programs call do the same", usual_functions_same },
	{ "keys are given and taken as parameters", as_data },
	{ "a curve without a name is a curve", nameless_same },
	{ "a template's group counts, and what else was set", templates_same },
	{ "old structures come out of keys and go into them", old_structures_same },
};

int main(void)
{
	int status = test_run(tests, COUNT(tests));

	foreign_end();
	return status;
}
