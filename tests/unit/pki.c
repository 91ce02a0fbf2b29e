/* A chain of three certificates, made for a test.
 * SPDX-License-Identifier: MIT */
#include "pki.h"

#include <openssl/x509v3.h>

#include "foreign.h"
#include "test.h"

static void add(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *x;
	X509V3_CTX v3;

	X509V3_set_ctx(&v3, issuer, cert, NULL, NULL, 0);
	x = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
	CHECK(x && X509_add_ext(cert, x, -1));
	X509_EXTENSION_free(x);
}

/* Certifies that `key` is name's. A root has no issuer, and only a leaf is no authority. */
static X509 *certify(OSSL_LIB_CTX *ctx, const char *name, EVP_PKEY *key, X509 *issuer,
	EVP_PKEY *signer)
{
	static long serial;
	bool is_leaf = strcmp(name, "localhost") == 0;
	X509 *cert = X509_new_ex(ctx, NULL);

	CHECK(cert != NULL);
	CHECK(X509_set_version(cert, X509_VERSION_3));
	CHECK(ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial));
	CHECK(X509_gmtime_adj(X509_getm_notBefore(cert), -86400) != NULL);
	CHECK(X509_gmtime_adj(X509_getm_notAfter(cert), 86400) != NULL);
	CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0));
	CHECK(X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert)));
	CHECK(X509_set_pubkey(cert, key));
	add(cert, issuer ? issuer : cert, NID_subject_key_identifier, "hash");
	if (is_leaf)
		add(cert, issuer, NID_subject_alt_name, "DNS:localhost");
	else
		add(cert, issuer ? issuer : cert, NID_basic_constraints,
			"critical,CA:TRUE");
	CHECK(X509_sign(cert, signer, EVP_sha256()) > 0);
	return cert;
}

void pki_new(struct pki *pki, OSSL_LIB_CTX *ctx, const char *const names[3])
{
	EVP_PKEY *root = foreign_key(ctx, names[0]), *issuer = foreign_key(ctx, names[1]);

	pki->key = foreign_key(ctx, names[2]);
	pki->root = certify(ctx, "root", root, NULL, root);
	pki->issuer = certify(ctx, "issuer", issuer, pki->root, root);
	pki->leaf = certify(ctx, "localhost", pki->key, pki->issuer, issuer);
	EVP_PKEY_free(root);
	EVP_PKEY_free(issuer);
}

static X509 *read_again(OSSL_LIB_CTX *ctx, X509 *from)
{
	unsigned char *der = NULL;
	int len = i2d_X509(from, &der);
	const unsigned char *p = der;
	X509 *cert = X509_new_ex(ctx, NULL);

	CHECK(len > 0 && d2i_X509(&cert, &p, len) != NULL);
	OPENSSL_free(der);
	return cert;
}

void pki_copy(struct pki *pki, OSSL_LIB_CTX *ctx, const struct pki *from)
{
	pki->root = read_again(ctx, from->root);
	pki->issuer = read_again(ctx, from->issuer);
	pki->leaf = read_again(ctx, from->leaf);
	pki->key = NULL;
}

void pki_free(struct pki *pki)
{
	X509_free(pki->root);
	X509_free(pki->issuer);
	X509_free(pki->leaf);
	EVP_PKEY_free(pki->key);
}
