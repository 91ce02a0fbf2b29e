/* What Key Vault computes with a key (Microsoft Learn, "Sign", "Verify", "Encrypt",
 * "Decrypt", "Wrap Key", "Unwrap Key"; RFC 7518, sections 3.3 to 3.5 and 4.2, 4.3).
 * No lock is held here. SPDX-License-Identifier: MIT */
#include "vault.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

/* One number is 4096 bits at most; r and s of P-521 are less. */
#define RESULT_MAX 512

struct alg {
	const char *name;
	bool signs;
	const char *crv; /* the key's; NULL: RSA */
	const EVP_MD *(*md)(void);
	int padding;
	size_t len; /* of the digest; 0: any */
};

// clang-format off
static const struct alg algs[] = {
	{ "RS256",        true,  NULL,     EVP_sha256, RSA_PKCS1_PADDING,      32 },
	{ "RS384",        true,  NULL,     EVP_sha384, RSA_PKCS1_PADDING,      48 },
	{ "RS512",        true,  NULL,     EVP_sha512, RSA_PKCS1_PADDING,      64 },
	{ "PS256",        true,  NULL,     EVP_sha256, RSA_PKCS1_PSS_PADDING,  32 },
	{ "PS384",        true,  NULL,     EVP_sha384, RSA_PKCS1_PSS_PADDING,  48 },
	{ "PS512",        true,  NULL,     EVP_sha512, RSA_PKCS1_PSS_PADDING,  64 },
	{ "RSNULL",       true,  NULL,     NULL,       RSA_PKCS1_PADDING,      0  },
	{ "ES256",        true,  "P-256",  NULL,       0,                      32 },
	{ "ES384",        true,  "P-384",  NULL,       0,                      48 },
	{ "ES512",        true,  "P-521",  NULL,       0,                      64 },
	{ "ES256K",       true,  "P-256K", NULL,       0,                      32 },
	{ "RSA1_5",       false, NULL,     NULL,       RSA_PKCS1_PADDING,      0  },
	{ "RSA-OAEP",     false, NULL,     EVP_sha1,   RSA_PKCS1_OAEP_PADDING, 0  },
	{ "RSA-OAEP-256", false, NULL,     EVP_sha256, RSA_PKCS1_OAEP_PADDING, 0  },
};
// clang-format on

/* What the body asks for. */
struct ask {
	const struct vault_job *job;
	struct reply *rp;
	const struct alg *alg;
	struct text value, digest;
};

static void bad(const struct ask *a, const char *message)
{
	azure_fail(a->rp, 400,
		&(struct azure_error){ .code = "BadParameter", .message = message });
}

static bool verifies(const struct ask *a)
{
	return strcmp(a->job->verb, "verify") == 0;
}

static bool signs(const struct ask *a)
{
	return strcmp(a->job->verb, "sign") == 0 || verifies(a);
}

/* The member, which must be base64url. */
static bool read_bytes(
	const struct ask *a, struct json_object *o, const char *name, struct text *ret)
{
	const char *text = json_text(o, name);
	AUTO_TEXT message = { 0 };

	if (text && *text && text_base64url(text, strlen(text), ret))
		return true;
	text_addf(
		&message, "The parameter '%s' is missing, empty or not base64url.", name);
	bad(a, text_peek(&message));
	return false;
}

static bool find_alg(struct ask *a, const char *name)
{
	AUTO_TEXT message = { 0 };

	for (size_t i = 0; name && i < sizeof(algs) / sizeof(*algs); i++)
		if (strcmp(algs[i].name, name) == 0 && algs[i].signs == signs(a))
			a->alg = &algs[i];
	if (a->alg && (a->alg->md || a->alg->crv || !signs(a) || !a->job->hsm))
		return true;
	text_addf(&message, "Invalid value for 'alg': '%s' is not supported for %s.",
		name ? name : "", a->job->verb);
	bad(a, text_peek(&message));
	return false;
}

/* Nothing but what the operation takes. */
static bool read_members(struct ask *a, struct json_object *o)
{
	AUTO_TEXT message = { 0 };

	for (struct json_walk m = json_walk(o); json_next(&m);) {
		if (strcmp(m.name, "alg") == 0 || strcmp(m.name, "value") == 0 ||
			(verifies(a) && strcmp(m.name, "digest") == 0))
			continue;
		text_addf(&message, "Property '%s' is not known.", m.name);
		bad(a, text_peek(&message));
		return false;
	}
	return find_alg(a, json_text(o, "alg")) && read_bytes(a, o, "value", &a->value) &&
		(!verifies(a) || read_bytes(a, o, "digest", &a->digest));
}

/* RFC 8259, the whole body and nothing behind it. */
static bool read_body(struct ask *a)
{
	const struct request *rq = a->job->rq;
	const char *type = request_header(rq, "Content-Type");
	struct json_tokener *tokener;
	struct json_object *o = NULL;
	bool good;

	if (!type || !text_starts_nocase(type, "application/json") ||
		!strchr("; ", type[strlen("application/json")])) {
		azure_fail(a->rp, 415,
			&(struct azure_error){ .code = "UnsupportedMediaType",
				.message = "The body must be application/json." });
		return false;
	}
	tokener = json_tokener_new();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	if (rq->body_len && rq->body_len < TEXT_MAX &&
		text_is_utf8(rq->body, rq->body_len))
		o = json_tokener_parse_ex(tokener, rq->body, (int)rq->body_len + 1);
	good = json_object_is_type(o, json_type_object);
	json_tokener_free(tokener);
	if (good)
		good = read_members(a, o);
	else
		bad(a, "The body is not a JSON object.");
	json_object_put(o);
	return good;
}

static bool fits_key(const struct ask *a)
{
	const struct vault_curve *curve = a->job->key->curve;
	const char *want = a->alg->crv;
	AUTO_TEXT message = { 0 };

	if (!curve == !want && (!want || strcmp(want, curve->crv) == 0))
		return true;
	text_addf(&message, "Key and %s algorithm are incompatible. Key %s ",
		signs(a) ? "signing" : "encryption", a->job->kid);
	if (curve && want)
		text_addf(&message,
			"uses curve '%s', and algorithm '%s' can only be used with curve "
			"'%s'.",
			curve->crv, a->alg->name, want);
	else
		text_addf(&message,
			"is of type '%s%s', and algorithm '%s' can only be used with a "
			"key of type '%s' or '%s-HSM'.",
			curve ? "EC" : "RSA", a->job->hsm ? "-HSM" : "", a->alg->name,
			want ? "EC" : "RSA", want ? "EC" : "RSA");
	bad(a, text_peek(&message));
	return false;
}

/* The digest; what RSNULL pads (RFC 8017, section 9.2); what is to be decrypted. */
static bool has_length(const struct ask *a)
{
	const char *name = verifies(a) ? "digest" : "value";
	size_t len = verifies(a) ? a->digest.len : a->value.len, size = a->job->key->size;
	size_t want = a->alg->len;
	AUTO_TEXT message = { 0 };

	if (!want && (strstr(a->job->verb, "decrypt") || strstr(a->job->verb, "unwrap")))
		want = size;
	if (want ? len == want : !signs(a) || len + 11 <= size)
		return true;
	text_addf(&message,
		"Invalid length of '%s': %zu bytes. %s requires %s%zu bytes, encoded "
		"with base64url.",
		name, len, a->alg->name, want ? "" : "at most ", want ? want : size - 11);
	bad(a, text_peek(&message));
	return false;
}

/* r and s, each as long as a coordinate (RFC 7518, section 3.4), from DER. */
static bool split(unsigned char *result, size_t *len, size_t size)
{
	const unsigned char *at = result;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)*len);
	bool good = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), result, (int)size) >= 0 &&
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), result + size, (int)size) >= 0;

	ECDSA_SIG_free(sig);
	*len = 2 * size;
	return good;
}

/* The other way round. -1: the length is wrong. */
static int join(const struct text *raw, size_t size, unsigned char **ret)
{
	const unsigned char *at = (const unsigned char *)text_peek(raw);
	ECDSA_SIG *sig;
	BIGNUM *r, *s;
	int len;

	if (raw->len != 2 * size)
		return -1;
	sig = ECDSA_SIG_new();
	r = BN_bin2bn(at, (int)size, NULL);
	s = BN_bin2bn(at + size, (int)size, NULL);
	if (!sig || !r || !s || ECDSA_SIG_set0(sig, r, s) != 1)
		return -1;
	len = i2d_ECDSA_SIG(sig, ret);
	ECDSA_SIG_free(sig);
	return len;
}

/* PSS: a salt as long as the digest, and MGF1 with the same one, which is the default. */
static bool set_padding(EVP_PKEY_CTX *ctx, const struct ask *a)
{
	const EVP_MD *md = a->alg->md ? a->alg->md() : NULL;

	if (a->alg->crv)
		return true;
	if (EVP_PKEY_CTX_set_rsa_padding(ctx, a->alg->padding) != 1)
		return false;
	if (!md)
		return true;
	if (a->alg->padding == RSA_PKCS1_OAEP_PADDING)
		return EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1;
	return EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
		(a->alg->padding != RSA_PKCS1_PSS_PADDING ||
			EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) ==
				1);
}

/* One of the three that give bytes. */
struct action {
	int (*init)(EVP_PKEY_CTX *);
	int (*run)(
		EVP_PKEY_CTX *, unsigned char *, size_t *, const unsigned char *, size_t);
};

static const struct action action_sign = { EVP_PKEY_sign_init, EVP_PKEY_sign };
static const struct action action_encrypt = { EVP_PKEY_encrypt_init, EVP_PKEY_encrypt };
static const struct action action_decrypt = { EVP_PKEY_decrypt_init, EVP_PKEY_decrypt };

static const struct action *action_of(const char *verb)
{
	if (strcmp(verb, "sign") == 0)
		return &action_sign;
	return strcmp(verb, "encrypt") == 0 || strcmp(verb, "wrapkey") == 0
		? &action_encrypt
		: &action_decrypt;
}

/* {"kid":...,"value":...} */
static void compute(const struct ask *a, EVP_PKEY_CTX *ctx)
{
	const struct action *action = action_of(a->job->verb);
	unsigned char result[RESULT_MAX];
	size_t len = sizeof(result);
	AUTO_TEXT body = { 0 };

	if (action->init(ctx) != 1 || !set_padding(ctx, a) ||
		action->run(ctx, result, &len,
			(const unsigned char *)text_peek(&a->value), a->value.len) != 1 ||
		(a->alg->crv && !split(result, &len, a->job->key->size))) {
		ERR_clear_error();
		return bad(a, "The value cannot be processed with this key.");
	}
	text_addf(&body, "{\"kid\":\"%s\",\"value\":\"", a->job->kid);
	text_add_base64url(&body, result, len);
	text_add(&body, "\"}");
	reply_json(a->rp, 200, "%s", text_peek(&body));
}

static void verify(const struct ask *a, EVP_PKEY_CTX *ctx)
{
	const unsigned char *sig = (const unsigned char *)text_peek(&a->value);
	unsigned char *der = NULL;
	int len = (int)a->value.len;
	bool good;

	if (a->alg->crv) {
		len = join(&a->value, a->job->key->size, &der);
		sig = der;
	}
	good = len > 0 && EVP_PKEY_verify_init(ctx) == 1 && set_padding(ctx, a) &&
		EVP_PKEY_verify(ctx, sig, (size_t)len,
			(const unsigned char *)text_peek(&a->digest), a->digest.len) == 1;
	ERR_clear_error();
	OPENSSL_free(der);
	reply_json(a->rp, 200, "{\"value\":%s}", good ? "true" : "false");
}

void vault_operate(struct vault_job *job, struct reply *rp)
{
	struct ask a = { .job = job, .rp = rp };
	EVP_PKEY_CTX *ctx;

	if (read_body(&a) && fits_key(&a) && has_length(&a)) {
		ctx = EVP_PKEY_CTX_new(job->key->pkey, NULL);
		if (verifies(&a))
			verify(&a, ctx);
		else
			compute(&a, ctx);
		EVP_PKEY_CTX_free(ctx);
	}
	text_free(&a.value);
	text_free(&a.digest);
}
