/* Certificates for servers of tests, made anew for each run.
 * SPDX-License-Identifier: MIT */
#include "cert.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	CHECK(x && X509_add_ext(cert, x, -1));
	X509_EXTENSION_free(x);
}

void cert_new(struct cert *id, long serial, long days)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned len = 0;
	char *text;
	long n;

	id->key = EVP_EC_gen("P-256");
	id->x509 = X509_new();
	CHECK(id->key && id->x509 && bio);
	CHECK(X509_set_version(id->x509, 2));
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(id->x509), serial));
	CHECK(X509_gmtime_adj(X509_getm_notBefore(id->x509), -172800) != NULL);
	CHECK(X509_gmtime_adj(X509_getm_notAfter(id->x509), days * 86400) != NULL);
	CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(id->x509), "CN",
		MBSTRING_ASC, (const unsigned char *)"mi-token test", -1, -1, 0));
	CHECK(X509_set_issuer_name(id->x509, X509_get_subject_name(id->x509)));
	CHECK(X509_set_pubkey(id->x509, id->key));
	add_extension(id->x509, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(id->x509, NID_subject_alt_name, "DNS:localhost,DNS:" CERT_NAME);
	CHECK(X509_sign(id->x509, id->key, EVP_sha256()));
	CHECK(PEM_write_bio_X509(bio, id->x509));
	n = BIO_get_mem_data(bio, &text);
	id->pem = strndup(text, (size_t)n);
	BIO_free(bio);
	CHECK(X509_digest(id->x509, EVP_sha1(), digest, &len) && len == 20);
	for (size_t i = 0; i < 20; i++)
		(void)snprintf(id->thumbprint + 2 * i, 3, "%02x", digest[i]);
}

void cert_free(struct cert *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->x509);
	free(id->pem);
}
