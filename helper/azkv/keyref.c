/* mi-token keyref: the file that stands for a private key in a vault.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "azkv.h"
#include "base/file.h"
#include "library.h"

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

/* The first line is for people: PEM begins where it begins (RFC 7468, section 2). */
static enum mitok_code write_reference(
	EVP_PKEY *key, BIO *bio, const char *uri, struct mitok_err *e)
{
	if (BIO_printf(bio, "# %s, %s, %d bits\n", uri, EVP_PKEY_get0_type_name(key),
		    EVP_PKEY_get_bits(key)) <= 0 ||
		!PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return library_error(e, "writing the reference");
	return MITOK_OK;
}

/* The reference goes where a private key was, which may be the only one of its kind. */
static enum mitok_code check_output(const char *path, struct mitok_err *e)
{
	static const char label[] = "PRIVATE KEY-----";
	AUTO_SECRET content = { 0 };
	struct file_ask ask = { .path = path, .limit = SECRET_MAX };
	const char *at;

	if (!path || file_read(AT_FDCWD, &ask, &content, NULL))
		return MITOK_OK; /* writing tells what is wrong with it */
	at = secret_peek(&content);
	for (; (at = strstr(at, "-----BEGIN ")); at++) {
		const char *key = strstr(at, label);

		if (key && !memchr(at, '\n', (size_t)(key - at)) &&
			!text_starts(at, "-----BEGIN AZURE KEY VAULT "))
			return err_hint(e,
				err_set(e, MITOK_E_ARG, "'%s' is a private key", path),
				"move it away, or write the reference elsewhere");
	}
	return MITOK_OK;
}

enum mitok_code keyref(const struct options *o, struct mitok_err *e)
{
	AUTO_LIBRARY library = { 0 };
	AUTO_TEXT name = { 0 };
	__attribute__((cleanup(free_key))) EVP_PKEY *key = NULL;
	AUTO_BIO bio = BIO_new(BIO_s_mem());
	char uri[2048];
	char *p;
	size_t len;
	enum mitok_code r = library_name(o, o->args[0], &name, e);

	if (!r)
		r = check_output(o->output, e);
	if (!r)
		r = library_load(&library, e);
	if (!r)
		r = library_read_key(&library, text_peek(&name), &key, e);
	if (r)
		return r;
	if (!bio)
		return err_memory(e);
	if (!library_key_uri(key, uri, sizeof(uri)))
		return err_set(
			e, MITOK_E_ARG, "'%s' is not a key in a vault", o->args[0]);
	r = write_reference(key, bio, uri, e);
	if (r)
		return r;
	len = (size_t)BIO_get_mem_data(bio, &p);
	return write_output(o, p, len, e);
}
