/* Entra: what applications prove themselves by: client secrets, certificates, federated
 * credentials (Microsoft Learn, "Certificate credentials for application authentication").
 * SPDX-License-Identifier: MIT */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "azure.h"
#include "entra.h"

struct json_object *app_find(const struct world *w, const char *client_id)
{
	struct json_object *list = scenario_get(w, NULL, "applications");
	size_t count = json_object_is_type(list, json_type_array)
		? json_object_array_length(list)
		: 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *app = json_object_array_get_idx(list, i);
		const char *id = json_text(app, "client_id");

		if (id && text_equal_nocase(id, client_id))
			return app;
	}
	return NULL;
}

bool app_knows_tenant(const struct world *w, const char *tenant)
{
	struct json_object *list = scenario_get(w, NULL, "applications");
	size_t count = json_object_is_type(list, json_type_array)
		? json_object_array_length(list)
		: 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *tenants =
			json_member(json_object_array_get_idx(list, i), "tenants");

		if (tenants && azure_lists(tenants, tenant))
			return true;
	}
	return false;
}

static bool is_in_tenant(const struct entra_ask *a, struct json_object *app)
{
	struct json_object *tenants = json_member(app, "tenants");

	return tenants ? azure_lists(tenants, a->tenant)
		       : text_equal_nocase(a->tenant, scenario_tenant(a->w));
}

static bool is(struct json_object *o, const char *name, const char *value)
{
	const char *have = json_text(o, name);

	return have && strcmp(have, value) == 0;
}

static bool prove_by_secret(const struct entra_ask *a, struct json_object *app)
{
	if (is(app, "secret", a->secret))
		return true;
	if (is(app, "expired_secret", a->secret))
		return entra_refuse(a, 7000222,
			"The provided client secret keys for app '%s' are expired. Visit "
			"the Azure portal to create new keys for your app: "
			"https://aka.ms/NewClientSecret, or consider using certificate "
			"credentials for added security: https://aka.ms/certCreds.",
			a->client_id);
	return entra_refuse(a, 7000215,
		"Invalid client secret provided. Ensure the secret being sent in the "
		"request is the client secret value, not the client secret ID, for a "
		"secret added to app '%s'.",
		a->client_id);
}

/* The JOSE header, or NULL. */
static struct json_object *header_of(const char *jwt)
{
	const char *dot = strchr(jwt, '.');
	AUTO_TEXT text = { 0 };

	if (!dot || !text_base64url(jwt, (size_t)(dot - jwt), &text))
		return NULL;
	return json_tokener_parse(text_peek(&text));
}

static X509 *read_certificate(struct json_object *app)
{
	const char *path = json_text(app, "certificate");
	FILE *f = path ? fopen(path, "re") : NULL;
	X509 *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		(void)fclose(f);
	return cert;
}

/* RFC 7515, section 4.1.8: base64url of the certificate's SHA-256. */
static bool is_named(X509 *cert, struct json_object *header)
{
	const char *name = json_text(header, "x5t#S256");
	unsigned char digest[32];
	AUTO_TEXT want = { 0 };

	if (!name || X509_digest(cert, EVP_sha256(), digest, NULL) != 1)
		return false;
	text_add_base64url(&want, digest, sizeof(digest));
	return strcmp(name, text_peek(&want)) == 0;
}

/* RSASSA-PSS with SHA-256, MGF1 with SHA-256, and 32 bytes of salt (RFC 7518, section 3.5).
 */
static bool is_signed(X509 *cert, const char *jwt)
{
	const char *dot = strrchr(jwt, '.');
	EVP_PKEY *key = X509_get0_pubkey(cert);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey = NULL;
	AUTO_TEXT signature = { 0 };
	bool good = ctx && key && text_base64url(dot + 1, strlen(dot + 1), &signature) &&
		EVP_DigestVerifyInit(ctx, &pkey, EVP_sha256(), NULL, key) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, 32) == 1 &&
		EVP_DigestVerify(ctx, (const unsigned char *)text_peek(&signature),
			signature.len, (const unsigned char *)jwt,
			(size_t)(dot - jwt)) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

static int64_t number(struct json_object *claims, const char *name)
{
	return json_object_get_int64(json_member(claims, name));
}

/* What the claims of an assertion have to be, but for its times. */
static bool check_claims(const struct entra_ask *a, struct json_object *claims)
{
	char audience[512];

	(void)snprintf(audience, sizeof(audience), "https://%s/%s/oauth2/v2.0/token",
		a->host ? a->host : "login.microsoftonline.com", a->tenant);
	if (!is(claims, "sub", a->client_id) || !is(claims, "iss", a->client_id))
		return entra_refuse(a, 700021,
			"Client assertion application identifier doesn't match "
			"'client_id' parameter.");
	if (!is(claims, "aud", audience))
		return entra_refuse(a, 700023,
			"Client assertion audience claim does not match Realm issuer.");
	if (!json_text(claims, "jti"))
		return entra_refuse(a, 50027,
			"JWT token is invalid or malformed. The claim 'jti' is missing.");
	return true;
}

static bool check_times(const struct entra_ask *a, struct json_object *claims)
{
	int64_t now = now_s(), from = number(claims, "nbf"), to = number(claims, "exp");

	if (to > now && from <= now + 300 && number(claims, "iat") <= now + 300)
		return true;
	return entra_refuse(a, 700024,
		"Client assertion is not within its valid time range. Current time: "
		"%lld, assertion valid from %lld, expiry time of assertion %lld.",
		(long long)now, (long long)from, (long long)to);
}

static bool check_signature(
	const struct entra_ask *a, struct json_object *app, struct json_object *header)
{
	X509 *cert = read_certificate(app);
	bool named = cert && is_named(cert, header);
	bool good = named && is(header, "alg", "PS256") && is_signed(cert, a->assertion);

	X509_free(cert);
	if (good)
		return true;
	return entra_refuse(a, 700027,
		"The certificate with identifier used to sign the client assertion is "
		"not "
		"registered on application. [Reason - %s, Please visit the Azure Portal, "
		"Graph Explorer or directly use MS Graph to see configured keys for app "
		"Id "
		"'%s'.]",
		named ? "The signature is not valid." : "The key was not found.",
		a->client_id);
}

static bool prove_by_certificate(
	const struct entra_ask *a, struct json_object *app, struct json_object *header)
{
	struct json_object *claims = token_claims(a->assertion);
	bool good;

	if (!claims)
		return entra_refuse(a, 50027,
			"JWT token is invalid or malformed. The client_assertion is no "
			"JWT.");
	good = check_claims(a, claims) && check_times(a, claims) &&
		check_signature(a, app, header);
	json_object_put(claims);
	return good;
}

static bool prove_by_federation(const struct entra_ask *a, struct json_object *app)
{
	struct json_object *claims = entra_check_assertion(a);
	bool good = claims &&
		entra_find_credential(a, json_member(app, "federated"), NULL, claims);

	json_object_put(claims);
	return good;
}

bool app_prove(const struct entra_ask *a, struct json_object *app)
{
	struct json_object *header;
	bool good;

	if (!is_in_tenant(a, app))
		return entra_refuse(a, 700016,
			"Application with identifier '%s' was not found in the directory "
			"'%s'. This can happen if the application has not been installed "
			"by "
			"the administrator of the tenant or consented to by any user in "
			"the "
			"tenant. You may have sent your authentication request to the "
			"wrong "
			"tenant.",
			a->client_id, a->tenant);
	if (a->secret)
		return prove_by_secret(a, app);
	header = header_of(a->assertion);
	/* Tokens of ours are named by x5t and kid. */
	if (json_text(header, "kid"))
		good = prove_by_federation(a, app);
	else
		good = prove_by_certificate(a, app, header);
	json_object_put(header);
	return good;
}
