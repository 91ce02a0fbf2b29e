/* TLS: the system's roots, roots of the caller's, or one certificate by its thumbprint.
 * SPDX-License-Identifier: MIT */
#include "module/curl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/* Replaces OpenSSL's walk up the chain: the server is the one with this very certificate
 * (Microsoft Learn, "How to use a managed identity with a Service Fabric application").
 * Runs within the handshake, so that another server gets nothing of the request. */
static int verify_thumbprint(X509_STORE_CTX *store, void *arg)
{
	struct session *s = arg;
	const X509 *leaf = X509_STORE_CTX_get0_cert(store);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (leaf && X509_digest(leaf, EVP_sha1(), digest, &len) &&
		len == sizeof(s->terms.thumbprint) &&
		CRYPTO_memcmp(digest, s->terms.thumbprint, len) == 0) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		s->is_verified = true;
		return 1;
	}
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	if (s->at) {
		s->at->fault = HTTP_TLS;
		s->at->why = "the server's certificate does not have the expected "
			     "thumbprint";
	}
	return 0;
}

static CURLcode use_thumbprint(CURL *easy, void *ssl_ctx, void *arg)
{
	(void)easy;
	SSL_CTX_set_verify(ssl_ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ssl_ctx, verify_thumbprint, arg);
	return CURLE_OK;
}

/* The callback gets an SSL_CTX of the library that libcurl is linked with, which must be
 * the one that we are linked with. */
bool exchange_is_our_openssl(const char *backend)
{
	char want[32];

	(void)snprintf(want, sizeof(want), "OpenSSL/%d.", OPENSSL_VERSION_MAJOR);
	return backend && text_starts(backend, want);
}

static bool parse_thumbprint(const char *hex, unsigned char ret[20])
{
	if (strlen(hex) != 40 || strspn(hex, "0123456789abcdefABCDEF") != 40)
		return false;
	for (size_t i = 0; i < 20; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1] };

		ret[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return true;
}

static enum mitok_code setup_thumbprint(struct exchange *x, struct mitok_err *e)
{
	const char *backend = curl_version_info(CURLVERSION_NOW)->ssl_version;

	x->terms.is_pinned = true;
	if (!parse_thumbprint(x->rq->thumbprint, x->terms.thumbprint))
		return err_set(e, MITOK_E_CONF,
			"the thumbprint of the server's certificate is not 40 hex "
			"digits");
	if (!exchange_is_our_openssl(backend)) {
		(void)err_set(e, MITOK_E_CONF,
			"cannot check the server's thumbprint: libcurl uses '%s', not "
			"OpenSSL %d",
			backend ? backend : "no TLS", OPENSSL_VERSION_MAJOR);
		return err_hint(e, MITOK_E_CONF,
			"install the libcurl that is built with OpenSSL");
	}
	/* VERIFYPEER stays on: it makes libcurl believe the callback's verdict. The host
	 * name says nothing about a certificate that is known byte for byte. */
	EXCHANGE_SET(x, CURLOPT_SSL_VERIFYPEER, 1L);
	EXCHANGE_SET(x, CURLOPT_SSL_VERIFYHOST, 0L);
	EXCHANGE_SET(x, CURLOPT_SSL_CTX_FUNCTION, use_thumbprint);
	EXCHANGE_SET(x, CURLOPT_SSL_CTX_DATA, x->session);
	return MITOK_OK;
}

enum mitok_code exchange_setup_tls(struct exchange *x, struct mitok_err *e)
{
	EXCHANGE_SET(x, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* A handshake that resumes shows no certificate to take a thumbprint of. */
	EXCHANGE_SET(x, CURLOPT_SSL_SESSIONID_CACHE,
		(long)(x->rq->session && !x->rq->thumbprint));
	/* NULL takes the built-in paths away: machines without them must work as well,
	 * and the caller's roots are not to be joined by the system's. */
	if (x->rq->thumbprint || x->rq->ca) {
		EXCHANGE_SET(x, CURLOPT_CAINFO, (char *)NULL);
		EXCHANGE_SET(x, CURLOPT_CAPATH, (char *)NULL);
	}
	if (x->rq->thumbprint)
		return setup_thumbprint(x, e);
	EXCHANGE_SET(x, CURLOPT_SSL_VERIFYPEER, 1L);
	EXCHANGE_SET(x, CURLOPT_SSL_VERIFYHOST, 2L);
	if (x->rq->ca) {
		struct curl_blob blob = {
			.data = (void *)(uintptr_t)x->rq->ca, /* only read */
			.len = strlen(x->rq->ca),
			.flags = CURL_BLOB_NOCOPY,
		};

		if (blob.len == 0)
			return err_set(
				e, MITOK_E_CONF, "the given CA certificates are empty");
		EXCHANGE_SET(x, CURLOPT_CAINFO_BLOB, &blob);
	} else if (x->rq->session) {
		exchange_setup_roots(x);
	}
	return MITOK_OK;
}
