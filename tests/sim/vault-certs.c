/* Key Vault's certificates, and the secrets that they are as well (Microsoft Learn, "Get
 * Certificate", "Get Certificates", "About Azure Key Vault certificates").
 * SPDX-License-Identifier: MIT */
#include "vault.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "tls.h"

#define PEM_TYPE    "application/x-pem-file"
#define PKCS12_TYPE "application/x-pkcs12"

static const char *content_type(const struct vault_item *item)
{
	struct json_object *type = vault_item_member(item, "contentType");

	return type ? json_object_get_string(type) : PKCS12_TYPE;
}

static bool is_exportable(const struct vault_item *item)
{
	return json_object_get_boolean(vault_item_member(item, "exportable"));
}

static struct json_object *list_row(
	const struct vault_call *c, const struct vault_item *item, bool versioned)
{
	struct json_object *o = json_object_new_object();

	(void)json_object_object_add(
		o, "id", vault_item_url(c, item, "certificates", versioned));
	vault_item_describe(item, "certificates", o);
	return o;
}

struct json_object *vault_certificate_secret_row(
	const struct vault_call *c, const struct vault_item *item, bool versioned)
{
	struct json_object *o = json_object_new_object();

	(void)json_object_object_add(
		o, "contentType", json_object_new_string(content_type(item)));
	(void)json_object_object_add(
		o, "id", vault_item_url(c, item, "secrets", versioned));
	vault_item_describe(item, "secrets", o);
	return o;
}

static void fail_unknown(const struct vault_call *c)
{
	vault_fail_unknown(c, "certificate", "CertificateNotFound");
}

void vault_certificate_list(const struct vault_call *c)
{
	struct json_object *all = json_object_new_array();

	vault_item_add_all(c, true, list_row, all);
	vault_give_page(c, all);
}

void vault_certificate_versions(const struct vault_call *c)
{
	struct json_object *all;
	struct vault_item item;

	if (!vault_item_find(c, true, &item))
		return fail_unknown(c);
	all = json_object_new_array();
	vault_item_add_versions(c, &item, list_row, all);
	vault_give_page(c, all);
}

/* "key_props" of the policy. */
static struct json_object *key_properties(const struct vault_key *key, bool exportable)
{
	struct json_object *o = json_object_new_object();

	(void)json_object_object_add(
		o, "exportable", json_object_new_boolean(exportable));
	(void)json_object_object_add(
		o, "kty", json_object_new_string(key->curve ? "EC" : "RSA"));
	(void)json_object_object_add(
		o, "key_size", json_object_new_int((int)EVP_PKEY_get_bits(key->pkey)));
	if (key->curve)
		(void)json_object_object_add(
			o, "crv", json_object_new_string(key->curve->crv));
	(void)json_object_object_add(o, "reuse_key", json_object_new_boolean(false));
	return o;
}

static struct json_object *x509_properties(const struct vault_key *key)
{
	struct json_object *o = json_object_new_object();
	AUTO_TEXT subject = { 0 };

	text_addf(&subject, "CN=%s", key->subject);
	(void)json_object_object_add(
		o, "subject", json_object_new_string(text_peek(&subject)));
	(void)json_object_object_add(o, "validity_months", json_object_new_int(1));
	return o;
}

/* What only the certificate itself tells. */
static void add_certificate(struct vault_job *job, struct reply *rp)
{
	struct json_object *policy = json_member(job->answer, "policy");
	unsigned char digest[20], *der = NULL;
	int len = i2d_X509(job->key->cert, &der);
	AUTO_TEXT base64 = { 0 };

	if (len < 0 || X509_digest(job->key->cert, EVP_sha1(), digest, NULL) != 1)
		return reply_status(rp, 500);
	text_add_base64(&base64, der, (size_t)len);
	OPENSSL_free(der);
	(void)json_object_object_add(
		job->answer, "x5t", vault_base64url(digest, sizeof(digest)));
	(void)json_object_object_add(
		job->answer, "cer", json_object_new_string(text_peek(&base64)));
	(void)json_object_object_add(
		policy, "key_props", key_properties(job->key, job->exportable));
	(void)json_object_object_add(policy, "x509_props", x509_properties(job->key));
	reply_object(rp, 200, json_object_get(job->answer));
}

void vault_certificate_get(const struct vault_call *c)
{
	struct json_object *o, *policy, *secret;
	struct vault_item item;
	AUTO_TEXT id = { 0 };

	if (!vault_item_find(c, true, &item))
		return fail_unknown(c);
	o = json_object_new_object();
	policy = json_object_new_object();
	secret = json_object_new_object();
	(void)json_object_object_add(
		o, "id", vault_item_url(c, &item, "certificates", true));
	(void)json_object_object_add(o, "kid", vault_item_url(c, &item, "keys", true));
	(void)json_object_object_add(o, "sid", vault_item_url(c, &item, "secrets", true));
	vault_item_describe(&item, "certificates", o);
	text_addf(&id, "https://%s/certificates/%s/policy", c->host, item.name);
	(void)json_object_object_add(
		policy, "id", json_object_new_string(text_peek(&id)));
	(void)json_object_object_add(
		secret, "contentType", json_object_new_string(content_type(&item)));
	(void)json_object_object_add(policy, "secret_props", secret);
	(void)json_object_object_add(o, "policy", policy);
	vault_job_start(c, &item, o, add_certificate)->exportable = is_exportable(&item);
}

/* The key when it may leave, the certificate, and who signed that (but for the root). */
static bool add_pem(const struct vault_job *job, X509 *issuer, BIO *to)
{
	return (!job->exportable ||
		       PEM_write_bio_PKCS8PrivateKey(
			       to, job->key->pkey, NULL, NULL, 0, NULL, NULL) == 1) &&
		PEM_write_bio_X509(to, job->key->cert) == 1 &&
		PEM_write_bio_X509(to, issuer) == 1;
}

/* The same with an empty password, in base64. */
static bool add_pkcs12(const struct vault_job *job, X509 *issuer, struct text *ret)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	unsigned char *der = NULL;
	PKCS12 *p12;
	int len;

	if (!chain || sk_X509_push(chain, issuer) < 1)
		return false;
	p12 = PKCS12_create("", NULL, job->exportable ? job->key->pkey : NULL,
		job->key->cert, chain, 0, 0, 0, 0, 0);
	len = p12 ? i2d_PKCS12(p12, &der) : -1;
	sk_X509_free(chain);
	PKCS12_free(p12);
	if (len < 0)
		return false;
	text_add_base64(ret, der, (size_t)len);
	OPENSSL_free(der);
	return true;
}

static void add_secret(struct vault_job *job, struct reply *rp)
{
	X509 *issuer = tls_intermediate(job->w);
	BIO *pem = BIO_new(BIO_s_mem());
	AUTO_TEXT value = { 0 };
	bool good = pem != NULL;
	char *data = NULL;
	long len;

	if (job->pkcs12) {
		good = good && add_pkcs12(job, issuer, &value);
	} else if (good && add_pem(job, issuer, pem)) {
		len = BIO_get_mem_data(pem, &data);
		text_add_bytes(&value, data, (size_t)len);
	} else {
		good = false;
	}
	BIO_free(pem);
	ERR_clear_error();
	if (!good)
		return reply_status(rp, 500);
	(void)json_object_object_add(
		job->answer, "value", json_object_new_string(text_peek(&value)));
	reply_object(rp, 200, json_object_get(job->answer));
}

void vault_certificate_secret(const struct vault_call *c, const struct vault_item *item)
{
	struct json_object *o = vault_certificate_secret_row(c, item, true);
	struct vault_job *job;

	(void)json_object_object_add(o, "kid", vault_item_url(c, item, "keys", true));
	job = vault_job_start(c, item, o, add_secret);
	job->exportable = is_exportable(item);
	job->pkcs12 = strcmp(content_type(item), PEM_TYPE) != 0;
}
