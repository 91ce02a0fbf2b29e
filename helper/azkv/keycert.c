/* mi-token keycert: a certificate that is in a vault, and its issuers.
 * SPDX-License-Identifier: MIT */
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "../flags.h"
#include "../process.h"
#include "azkv.h"
#include "library.h"

static bool add_certificate(void *arg, OSSL_STORE_INFO *info)
{
	return PEM_write_bio_X509(arg, OSSL_STORE_INFO_get0_CERT(info)) == 1;
}

static enum mitok_code read_certificates(
	struct library *l, const char *name, BIO *bio, struct mitok_err *e)
{
	return library_read(l,
		&(struct library_ask){ name, OSSL_STORE_INFO_CERT, add_certificate, bio },
		e);
}

/* The issuers are in the secret of the same name, which not everybody may read: then the leaf
 * alone, and a warning. */
static enum mitok_code read_chain(const struct options *o, struct library *l,
	const char *leaf, BIO *bio, struct mitok_err *e)
{
	AUTO_TEXT chain = { 0 };
	struct mitok_err why = { 0 };
	enum mitok_code r;

	text_addf(&chain, "%s%schain=yes", leaf, strchr(leaf, '?') ? "&" : "?");
	if (!text_ok(&chain))
		return err_memory(e);
	if (strcasestr(leaf, "chain="))
		return read_certificates(l, leaf, bio, e);
	r = read_certificates(l, text_peek(&chain), bio, &why);
	if (r != MITOK_E_DENIED) {
		if (r && e)
			*e = why;
		return r;
	}
	(void)BIO_reset(bio);
	r = read_certificates(l, leaf, bio, e);
	if (!r) {
		(void)err_within(&why, MITOK_OK, "only the leaf, without its issuers");
		why.code = MITOK_OK;
		process_print_error(flags_wants_json(o->error_format), &why);
	}
	return r;
}

enum mitok_code keycert(const struct options *o, struct mitok_err *e)
{
	AUTO_LIBRARY library = { 0 };
	AUTO_TEXT name = { 0 };
	AUTO_BIO bio = BIO_new(BIO_s_mem());
	char *p;
	size_t len;
	enum mitok_code r = library_name(o, o->args[0], &name, e);

	if (!r && strstr(text_peek(&name), "/keys/"))
		r = err_set(e, MITOK_E_ARG,
			"'%s' names a key: a certificate is .../certificates/NAME",
			o->args[0]);
	if (!r)
		r = library_load(&library, e);
	if (r)
		return r;
	if (!bio)
		return err_memory(e);
	r = read_chain(o, &library, text_peek(&name), bio, e);
	if (r)
		return r;
	len = (size_t)BIO_get_mem_data(bio, &p);
	return write_output(o, p, len, e);
}
