/* Certificates, made at run time, and the TLS contexts that show them.
 * SPDX-License-Identifier: MIT */
#include "tls.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400L

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool good;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
	good = ext && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return good;
}

static bool set_name(X509 *cert, const char *name)
{
	return X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
		       (const unsigned char *)name, -1, -1, 0) == 1;
}

/* A certificate for key with these alternative names (NULL: it is a CA), signed by the
 * issuer, or by itself when issuer is NULL. */
static X509 *make_cert(EVP_PKEY *key, const char *name, const char *alt, X509 *issuer,
	EVP_PKEY *issuer_key)
{
	X509 *cert = X509_new();
	unsigned char serial[8];
	ASN1_INTEGER *number = cert ? X509_get_serialNumber(cert) : NULL;
	BIGNUM *bn = RAND_bytes(serial, sizeof(serial)) == 1
		? BN_bin2bn(serial, sizeof(serial), NULL)
		: NULL;
	bool good = number && bn && BN_to_ASN1_INTEGER(bn, number) &&
		X509_set_version(cert, X509_VERSION_3) == 1 && set_name(cert, name) &&
		X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) &&
		X509_gmtime_adj(X509_getm_notAfter(cert), 30 * DAY) &&
		X509_set_pubkey(cert, key) == 1;

	BN_free(bn);
	if (good && !issuer)
		issuer = cert;
	good = good && X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
		add_extension(cert, issuer, NID_basic_constraints,
			alt ? "critical,CA:FALSE" : "critical,CA:TRUE") &&
		add_extension(cert, issuer, NID_subject_key_identifier, "hash") &&
		add_extension(cert, issuer, NID_key_usage,
			alt ? "critical,digitalSignature,keyEncipherment"
			    : "critical,keyCertSign,cRLSign") &&
		(!alt || add_extension(cert, issuer, NID_subject_alt_name, alt)) &&
		(issuer == cert ||
			add_extension(
				cert, issuer, NID_authority_key_identifier, "keyid")) &&
		X509_sign(cert, issuer_key, EVP_sha256()) != 0;
	if (good)
		return cert;
	X509_free(cert);
	return NULL;
}

X509 *tls_self_signed(EVP_PKEY *key, const char *name)
{
	return make_cert(key, name, "DNS:localhost,IP:127.0.0.1", NULL, key);
}

bool tls_thumbprint(X509 *cert, char ret[41])
{
	unsigned char digest[20];
	unsigned len = 0;

	if (X509_digest(cert, EVP_sha1(), digest, &len) != 1 || len != sizeof(digest))
		return false;
	for (unsigned i = 0; i < len; i++)
		(void)snprintf(ret + (size_t)2 * i, 3, "%02X", digest[i]);
	return true;
}

/* Who signs what vaults have certificates for. */
struct authority {
	EVP_PKEY *key;
	X509 *cert;
};

X509 *tls_issue(const struct world *w, EVP_PKEY *key, const char *name, const char *alt)
{
	return make_cert(key, name, alt, w->authority->cert, w->authority->key);
}

X509 *tls_intermediate(const struct world *w)
{
	return w->authority->cert;
}

static FILE *open_in(const char *state, const char *name, const char *mode)
{
	char path[600];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", state, name) >= (int)sizeof(path))
		return NULL;
	if (*mode == 'r')
		return fopen(path, "re");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		text_ends_nocase(name, ".key") ? 0600 : 0644);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool write_cert(const char *state, const char *name, X509 *cert)
{
	FILE *f = open_in(state, name, "w");
	bool good = f && PEM_write_X509(f, cert) == 1;

	return f && fclose(f) == 0 && good;
}

static bool write_key(const char *state, const char *name, EVP_PKEY *key)
{
	FILE *f = open_in(state, name, "w");
	bool good = f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;

	return f && fclose(f) == 0 && good;
}

static X509 *read_cert(const char *state, const char *name)
{
	FILE *f = open_in(state, name, "r");
	X509 *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		(void)fclose(f);
	return cert;
}

static EVP_PKEY *read_key(const char *state, const char *name)
{
	FILE *f = open_in(state, name, "r");
	EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;

	if (f)
		(void)fclose(f);
	return key;
}

bool tls_prepare(const char *state)
{
	EVP_PKEY *key = read_key(state, "ca.key");
	X509 *cert = read_cert(state, "ca.pem");
	bool good = key && cert;

	if (!good) {
		EVP_PKEY_free(key);
		X509_free(cert);
		key = EVP_EC_gen("P-256");
		cert = key ? make_cert(key, "mi-token test CA", NULL, NULL, key) : NULL;
		good = cert && write_key(state, "ca.key", key) &&
			write_cert(state, "ca.pem", cert);
	}
	EVP_PKEY_free(key);
	X509_free(cert);
	return good;
}

/* Each visit is a handshake of its own, so that counting them means something; where they
 * are resumed, see start_azure(). */
static SSL_CTX *make_ctx(X509 *cert, EVP_PKEY *key)
{
	SSL_CTX *ctx = cert && key ? SSL_CTX_new(TLS_server_method()) : NULL;

	if (!ctx)
		return NULL;
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_num_tickets(ctx, 0);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_use_certificate(ctx, cert) == 1 &&
		SSL_CTX_use_PrivateKey(ctx, key) == 1)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

/* All names of the services behind TLS, as certificates write them. */
static void add_names(struct text *alt)
{
	for (unsigned i = 0; i < service_count; i++) {
		for (const char *at = services[i].hosts; at && *at;) {
			size_t len = strcspn(at, " ");

			text_add(alt, alt->len ? ",DNS:" : "DNS:");
			text_add_bytes(alt, at, len);
			at += len;
			at += strspn(at, " ");
		}
	}
}

/* Azure resumes sessions, by tickets. */
static SSL_CTX *start_azure(const char *state, struct authority *authority)
{
	EVP_PKEY *ca_key = read_key(state, "ca.key"), *key = EVP_EC_gen("P-256");
	X509 *ca = read_cert(state, "ca.pem"), *cert = NULL;
	AUTO_TEXT alt = { 0 };
	SSL_CTX *ctx;

	add_names(&alt);
	authority->key = EVP_EC_gen("P-256");
	if (ca && ca_key && authority->key)
		authority->cert = make_cert(
			authority->key, "mi-token test vaults", NULL, ca, ca_key);
	if (ca && ca_key && key)
		cert = make_cert(key, "mi-token test", text_peek(&alt), ca, ca_key);
	ctx = authority->cert ? make_ctx(cert, key) : NULL;
	if (ctx) {
		(void)SSL_CTX_clear_options(ctx, SSL_OP_NO_TICKET);
		(void)SSL_CTX_set_num_tickets(ctx, 1);
	}
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	return ctx;
}

static SSL_CTX *start_self(struct world *w)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = key ? tls_self_signed(key, "ServiceFabricClusterCert") : NULL;
	SSL_CTX *ctx =
		cert && tls_thumbprint(cert, w->thumbprint) ? make_ctx(cert, key) : NULL;

	X509_free(cert);
	EVP_PKEY_free(key);
	return ctx;
}

static int only_proxy_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)arg;
	if (name && strcmp(name, PROXY_NAME) == 0)
		return SSL_TLSEXT_ERR_OK;
	*alert = SSL_AD_UNRECOGNIZED_NAME;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *start_proxy(const char *state)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = ca_key
		? make_cert(ca_key, "mi-token test proxy CA", NULL, NULL, ca_key)
		: NULL;
	X509 *cert = ca && key ? make_cert(key, PROXY_NAME, "DNS:" PROXY_NAME, ca, ca_key)
			       : NULL;
	SSL_CTX *ctx = cert && write_cert(state, "proxy-ca.pem", ca) ? make_ctx(cert, key)
								     : NULL;

	if (ctx)
		(void)SSL_CTX_set_tlsext_servername_callback(ctx, only_proxy_name);
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	return ctx;
}

bool tls_start(struct world *w, SSL_CTX *ret[TLS_KINDS])
{
	static struct authority authority;

	if (!tls_prepare(w->state))
		return false;
	ret[TLS_NONE] = NULL;
	ret[TLS_AZURE] = start_azure(w->state, &authority);
	w->authority = &authority;
	ret[TLS_SELF] = start_self(w);
	ret[TLS_PROXY] = start_proxy(w->state);
	return ret[TLS_AZURE] && ret[TLS_SELF] && ret[TLS_PROXY];
}
