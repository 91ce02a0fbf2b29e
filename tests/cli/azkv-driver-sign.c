/* Keys: loaded by file or URI, and used, and judged by an OpenSSL that knows no azkv.
 * SPDX-License-Identifier: MIT */
#include "azkv-driver.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void add_line(struct outcome *o, const char *a, const char *b)
{
	size_t len = strlen(o->why);

	(void)snprintf(
		o->why + len, sizeof(o->why) - len, "%s%s%s\n", a, b[0] ? ": " : "", b);
}

/* All of the error queue, which is empty then. */
static void add_queue(struct outcome *o)
{
	const char *data;
	unsigned long code;
	int flags;

	while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags))) {
		const char *reason = ERR_reason_error_string(code);

		add_line(o, reason ? reason : "no reason",
			flags & ERR_TXT_STRING ? data : "");
	}
}

void outcome_fail(struct outcome *o, const char *what)
{
	if (!o->why[0]) {
		add_line(o, what, "");
		add_queue(o);
	}
	ERR_clear_error();
}

static EVP_PKEY *from_store(OSSL_LIB_CTX *context, const char *uri)
{
	OSSL_STORE_CTX *store =
		OSSL_STORE_open_ex(uri, context, NULL, NULL, NULL, NULL, NULL, NULL);
	EVP_PKEY *key = NULL;

	while (store && !key && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (!info)
			break;
		key = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	return key;
}

static EVP_PKEY *from_file(OSSL_LIB_CTX *context, const char *path)
{
	BIO *file = BIO_new_file(path, "r");
	EVP_PKEY *key = file
		? PEM_read_bio_PrivateKey_ex(file, NULL, NULL, NULL, context, NULL)
		: NULL;

	BIO_free(file);
	return key;
}

static pthread_once_t plain_once = PTHREAD_ONCE_INIT;
static OSSL_LIB_CTX *plain;

/* It reads no configuration. */
static void make_plain(void)
{
	plain = OSSL_LIB_CTX_new();
}

static EVP_PKEY *judge_of(EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	const unsigned char *at = der;
	EVP_PKEY *judge = NULL;

	(void)pthread_once(&plain_once, make_plain);
	if (len > 0)
		judge = d2i_PUBKEY_ex(NULL, &at, len, plain, NULL);
	OPENSSL_free(der);
	return judge;
}

bool signer_load(
	struct signer *s, OSSL_LIB_CTX *context, const char *name, struct outcome *o)
{
	*s = (struct signer){ .context = context };
	ERR_clear_error();
	s->key = strncmp(name, "azkv:", 5) == 0 ? from_store(context, name)
						: from_file(context, name);
	if (!s->key) {
		outcome_fail(o, "not loaded");
		return false;
	}
	if (ERR_peek_error()) {
		outcome_fail(o, "left on the queue by loading");
		signer_free(s);
		return false;
	}
	s->judge = judge_of(s->key);
	if (s->judge)
		return true;
	outcome_fail(o, "its public half cannot be read");
	signer_free(s);
	return false;
}

void signer_free(struct signer *s)
{
	EVP_PKEY_free(s->key);
	EVP_PKEY_free(s->judge);
	*s = (struct signer){ .key = NULL };
}

/* Each thread and process signs something else each time. */
static void make_message(char ret[64], long n)
{
	(void)snprintf(ret, 64, "%ld of %ld in %lx", n, (long)getpid(),
		(unsigned long)pthread_self());
}

static const char *sign_one(const struct signer *s, const char *message)
{
	const unsigned char *text = (const unsigned char *)message;
	EVP_MD_CTX *context = EVP_MD_CTX_new(), *judge = EVP_MD_CTX_new();
	const char *wrong = NULL;
	unsigned char signature[1024];
	size_t len = sizeof(signature);

	if (EVP_DigestSignInit_ex(
		    context, NULL, "SHA256", s->context, NULL, s->key, NULL) != 1 ||
		EVP_DigestSign(context, signature, &len, text, strlen(message)) != 1)
		wrong = "not signed";
	else if (ERR_peek_error())
		wrong = "left on the queue by signing";
	else if (EVP_DigestVerifyInit_ex(
			 judge, NULL, "SHA256", plain, NULL, s->judge, NULL) != 1 ||
		EVP_DigestVerify(judge, signature, len, text, strlen(message)) != 1)
		wrong = "not the key's signature";
	EVP_MD_CTX_free(context);
	EVP_MD_CTX_free(judge);
	return wrong;
}

bool signer_sign(const struct signer *s, long count, struct outcome *o)
{
	long before = o->done;
	char message[64];

	ERR_clear_error();
	for (long i = 0; i < count; i++) {
		const char *wrong;

		make_message(message, i);
		wrong = sign_one(s, message);
		if (wrong)
			outcome_fail(o, wrong);
		else
			o->done++;
	}
	return o->done - before == count;
}

static struct {
	char name[512];
	struct signer signer;
} loaded[16];

const struct signer *signer_find(const char *name, struct outcome *o)
{
	size_t i = 0;

	while (loaded[i].name[0] && strcmp(loaded[i].name, name) != 0)
		i++;
	if (loaded[i].name[0])
		return &loaded[i].signer;
	if (i == sizeof(loaded) / sizeof(*loaded) - 1) {
		outcome_fail(o, "too many keys");
		return NULL;
	}
	if (!signer_load(&loaded[i].signer, NULL, name, o))
		return NULL;
	(void)snprintf(loaded[i].name, sizeof(loaded[i].name), "%s", name);
	return &loaded[i].signer;
}

void signers_forget(void)
{
	for (size_t i = 0; loaded[i].name[0]; i++) {
		signer_free(&loaded[i].signer);
		loaded[i].name[0] = '\0';
	}
	OSSL_LIB_CTX_free(plain);
	plain = NULL;
}
