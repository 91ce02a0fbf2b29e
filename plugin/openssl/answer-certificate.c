/* A certificate as a vault gives it. SPDX-License-Identifier: MIT */
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "openssl/answer-parts.h"

/* RFC 5280, section 4.1. OpenSSL's own reader of certificates makes a key of what is in
 * them, in the context of the application, whose providers we may be one of: this one
 * leaves the key as it is. */
struct tbs {
	ASN1_INTEGER *version, *serial;
	X509_ALGOR *algorithm;
	X509_NAME *issuer;
	X509_VAL *validity;
	X509_NAME *subject;
	ASN1_TYPE *key;
	ASN1_BIT_STRING *issuer_id, *subject_id;
	STACK_OF(X509_EXTENSION) * extensions;
};
struct certificate {
	struct tbs *tbs;
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *signature;
};
typedef struct tbs TBS;
typedef struct certificate CERTIFICATE;

ASN1_SEQUENCE(TBS) = {
	ASN1_EXP_OPT(TBS, version, ASN1_INTEGER, 0),
	ASN1_SIMPLE(TBS, serial, ASN1_INTEGER),
	ASN1_SIMPLE(TBS, algorithm, X509_ALGOR),
	ASN1_SIMPLE(TBS, issuer, X509_NAME),
	ASN1_SIMPLE(TBS, validity, X509_VAL),
	ASN1_SIMPLE(TBS, subject, X509_NAME),
	ASN1_SIMPLE(TBS, key, ASN1_ANY),
	ASN1_IMP_OPT(TBS, issuer_id, ASN1_BIT_STRING, 1),
	ASN1_IMP_OPT(TBS, subject_id, ASN1_BIT_STRING, 2),
	ASN1_EXP_SEQUENCE_OF_OPT(TBS, extensions, X509_EXTENSION, 3),
	// cppcheck-suppress unknownMacro
} static_ASN1_SEQUENCE_END(TBS)

ASN1_SEQUENCE(CERTIFICATE) = {
	ASN1_SIMPLE(CERTIFICATE, tbs, TBS),
	ASN1_SIMPLE(CERTIFICATE, algorithm, X509_ALGOR),
	ASN1_SIMPLE(CERTIFICATE, signature, ASN1_BIT_STRING),
	// cppcheck-suppress unknownMacro
} static_ASN1_SEQUENCE_END(CERTIFICATE)

/* All of it, and nothing behind it. */
static bool is_certificate(const unsigned char *der, size_t len)
{
	const unsigned char *end = der;
	ASN1_VALUE *c;
	bool is_one;

	(void)ERR_set_mark();
	c = ASN1_item_d2i(NULL, &end, (long)len, ASN1_ITEM_rptr(CERTIFICATE));
	(void)ERR_pop_to_mark();
	is_one = c && end == der + len &&
		((const CERTIFICATE *)c)->tbs->key->type == V_ASN1_SEQUENCE;
	ASN1_item_free(c, ASN1_ITEM_rptr(CERTIFICATE));
	return is_one;
}

enum mitok_code answer_certificate(const struct secret *body, const char *host,
	struct text *ret_der, struct uri *ret_key, struct mitok_err *e)
{
	AUTO_JSON j = NULL;
	AUTO_SECRET der = { 0 };
	const char *cer;
	struct uri key = { .name = "" };
	enum mitok_code r = answer_parse(body, &j, e);

	if (r)
		return r;
	cer = json_text(json_member(j, "cer"));
	if (!cer)
		return err_set(e, MITOK_E_REPLY,
			"an answer without a certificate ('cer'): it has not been issued "
			"yet?");
	r = answer_key_id(j, host, &key, e);
	if (!r)
		r = answer_decode_standard(cer, &der, e);
	if (r)
		return r;
	cer = secret_peek(&der);
	if (!is_certificate((const unsigned char *)cer, der.len))
		return err_set(e, MITOK_E_REPLY, "a certificate that is none (not DER)");
	text_add_bytes(ret_der, cer, der.len);
	if (!text_ok(ret_der))
		return err_memory(e);
	*ret_key = key;
	return MITOK_OK;
}
