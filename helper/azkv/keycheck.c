/* mi-token keycheck: is OpenSSL set up for a key in a vault, and does it sign.
 * SPDX-License-Identifier: MIT */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../process.h"
#include "../report/report.h"
#include "azkv.h"
#include "library.h"

struct check {
	const struct options *o;
	struct report rep;
	struct library library;
	EVP_PKEY *key;
	char uri[2048];
};

static void check_free(struct check *c)
{
	EVP_PKEY_free(c->key);
	library_free(&c->library);
	report_free(&c->rep);
}

/* The name of the provider that an unqualified fetch gets; "" when nobody has it. */
static void first_for(const char *algorithm, bool is_digest, char ret[64])
{
	EVP_MD *md = is_digest ? EVP_MD_fetch(NULL, algorithm, NULL) : NULL;
	EVP_KEYMGMT *keys = is_digest ? NULL : EVP_KEYMGMT_fetch(NULL, algorithm, NULL);
	const OSSL_PROVIDER *p = NULL;

	if (md)
		p = EVP_MD_get0_provider(md);
	else if (keys)
		p = EVP_KEYMGMT_get0_provider(keys);
	(void)snprintf(ret, 64, "%s", p ? OSSL_PROVIDER_get0_name(p) : "");
	EVP_MD_free(md);
	EVP_KEYMGMT_free(keys);
	ERR_clear_error();
}

/* What programs get that read OpenSSL's configuration. */
static void check_configuration(struct check *c)
{
	static const char fact[] = "openssl.cnf";
	char digests[64], keys[64];

	(void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	ERR_clear_error();
	first_for("SHA2-256", true, digests);
	first_for("EC", false, keys);
	if (!OSSL_PROVIDER_available(NULL, "azkv")) {
		report_warn(&c->rep, fact,
			"does not load azkv: programs cannot read "
			"the key");
		report_advice(&c->rep, "mi-token openssl-conf --install");
	} else if (!digests[0]) {
		report_fail(&c->rep, fact,
			&(struct mitok_err){ .code = MITOK_E_CONF,
				.message = "loads azkv alone: OpenSSL's own provider is "
					   "listed, but not activated",
				.hint = "write activate = 1 into the section of the "
					"provider default" });
	} else if (strcmp(keys, "azkv") == 0) {
		report_warn(&c->rep, fact,
			"loads azkv before default: other keys take "
			"a detour");
		report_advice(&c->rep, "list default before azkv");
	} else {
		report_ok(&c->rep, fact, "loads %s, then azkv", keys);
	}
}

static bool check_key(struct check *c, const char *name)
{
	struct mitok_err e = { 0 };

	if (library_read_key(&c->library, name, &c->key, &e)) {
		report_fail(&c->rep, "key", &e);
		return false;
	}
	if (!library_key_uri(c->key, c->uri, sizeof(c->uri))) {
		(void)err_set(&e, MITOK_E_ARG, "it is not in a vault, but in the file");
		report_fail(&c->rep, "key", &e);
		return false;
	}
	report_ok(&c->rep, "key", "%s, %d bits: %s", EVP_PKEY_get0_type_name(c->key),
		EVP_PKEY_get_bits(c->key), c->uri);
	return true;
}

static void take_choice(
	void *arg, const char *name, const char *value, const char *origin)
{
	if (strcmp(name, "identity") == 0)
		text_addf(arg, "%s (%s)", value, origin);
}

/* In place: percent-encoded bytes of an option. */
static void decode(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		int high = *s == '%' ? text_hex_digit(s[1]) : -1;
		int low = high >= 0 ? text_hex_digit(s[2]) : -1;

		*to = *s;
		if (low >= 0)
			*to = (char)(high << 4 | low);
		s += low >= 0 ? 2 : 0;
	}
	*to = '\0';
}

/* The key's URI is canonical: azkv://HOST/... [?identity=SELECTOR]. */
static void check_identity(struct check *c)
{
	struct mitok *m = NULL;
	AUTO_TOKEN t = NULL;
	AUTO_TEXT target = { 0 }, choice = { 0 };
	struct mitok_err e = { 0 };
	struct mitok_request rq = { .size = sizeof(rq) };
	const char *host = c->uri + strlen("azkv://");
	char *identity = strstr(c->uri, "?identity=");
	enum mitok_code r = mitok_new(NULL, &m, &e);

	text_addf(&target, "https://%.*s/", (int)strcspn(host, "/"), host);
	rq.target = text_peek(&target);
	if (identity) {
		rq.identity = identity + strlen("?identity=");
		decode(identity + strlen("?identity="));
	}
	if (!r)
		r = mitok_choice_each(m, &rq, take_choice, &choice, &e);
	if (!r)
		r = mitok_get(m, &rq, &t, &e);
	if (r)
		report_fail(&c->rep, "identity", &e);
	else
		report_ok(&c->rep, "identity", "%s, object id %s", text_peek(&choice),
			mitok_token_text(t, MITOK_TEXT_OBJECT_ID));
	mitok_free(m);
}

static double seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One signature, verified here with the public half; its milliseconds, or less than 0. */
static double sign_once(struct check *c)
{
	static const unsigned char text[] = "mi-token keycheck";
	unsigned char signature[1024];
	size_t len = sizeof(signature);
	double start = seconds_now(), took = -1;
	EVP_MD_CTX *sign = EVP_MD_CTX_new(), *verify = EVP_MD_CTX_new();
	OSSL_LIB_CTX *ctx = c->library.ctx;

	if (EVP_DigestSignInit_ex(sign, NULL, "SHA256", ctx, NULL, c->key, NULL) == 1 &&
		EVP_DigestSign(sign, signature, &len, text, sizeof(text)) == 1) {
		took = (seconds_now() - start) * 1000;
		if (EVP_DigestVerifyInit_ex(
			    verify, NULL, "SHA256", ctx, NULL, c->key, NULL) != 1 ||
			EVP_DigestVerify(verify, signature, len, text, sizeof(text)) != 1)
			took = -1;
	}
	EVP_MD_CTX_free(sign);
	EVP_MD_CTX_free(verify);
	return took;
}

static void check_signature(struct check *c)
{
	struct mitok_err e = { 0 };
	double first = sign_once(c), next = first < 0 ? first : sign_once(c);

	if (next < 0) {
		e.code = library_error(&e, "signing");
		report_fail(&c->rep, "signature", &e);
		return;
	}
	report_ok(&c->rep, "signature",
		"verified; the first took %.1f ms, the next %.1f ms", first, next);
}

static void check_all(struct check *c, const char *name)
{
	struct mitok_err e = { 0 };

	check_configuration(c);
	if (library_load(&c->library, &e)) {
		report_fail(&c->rep, "provider", &e);
		return;
	}
	report_ok(&c->rep, "provider", "azkv %s", MI_TOKEN_VERSION);
	if (!check_key(c, name))
		return;
	check_identity(c);
	check_signature(c);
}

enum mitok_code keycheck(const struct options *o, struct mitok_err *e)
{
	struct check c __attribute__((cleanup(check_free))) = { .o = o,
		.rep = { .json = o->json } };
	AUTO_TEXT name = { 0 };
	enum mitok_code r = library_name(o, o->args[0], &name, e);

	if (r)
		return r;
	report_begin(&c.rep, o->args[0]);
	check_all(&c, text_peek(&name));
	report_end(&c.rep);
	if (!text_ok(&c.rep.out))
		return err_memory(e);
	r = process_print(c.rep.out.p, c.rep.out.len, e);
	return r ? r : c.rep.first;
}
