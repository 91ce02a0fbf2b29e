/* mi-token keycheck: is OpenSSL set up for a key in a vault, and does it sign.
 * SPDX-License-Identifier: MIT */
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

/* What programs get that read OpenSSL's configuration. */
static enum mitok_code judge(
	struct check *c, const struct library *l, struct mitok_err *e)
{
	if (!l->ours)
		return err_hint(e,
			err_set(e, MITOK_E_CONF,
				"does not load azkv: programs cannot read the key"),
			"mi-token openssl-conf --install");
	return library_report(l, &c->rep, e);
}

/* What follows is done as programs do it; where their configuration is no use, without it. */
static bool check_configuration(struct check *c)
{
	struct mitok_err e = { 0 };
	enum mitok_code r = library_configure(&c->library, &e);

	if (!r)
		r = judge(c, &c->library, &e);
	if (!r)
		return true;
	report_fail(&c->rep, "openssl.cnf", &e);
	library_free(&c->library);
	r = library_load(&c->library, &e);
	if (r)
		report_fail(&c->rep, "provider", &e);
	return !r;
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

/* The identity that was chosen, and who has chosen it. */
struct choice {
	struct text text;
	const char *origin; /* instead of the library's word for it, or NULL */
};

static void take_choice(
	void *arg, const char *name, const char *value, const char *origin)
{
	struct choice *choice = arg;

	if (strcmp(name, "identity") == 0)
		text_addf(&choice->text, "%s (%s)", value,
			choice->origin ? choice->origin : origin);
}

/* In place: percent-encoded bytes of an option. */
static void decode(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		int high = *s == '%' ? text_hex_digit(s[1]) : -1;
		int low = high >= 0 ? text_hex_digit(s[2]) : -1;

		*to = (char)(low >= 0 ? high << 4 | low : *s);
		s += low >= 0 ? 2 : 0;
	}
	*to = '\0';
}

static enum mitok_code ask(const struct mitok_request *rq, const char *configured,
	struct choice *choice, struct mitok_token **ret, struct mitok_err *e)
{
	const struct mitok_options o = { .size = sizeof(o),
		.identity = configured[0] ? configured : NULL,
		.identity_origin = "token-identity in openssl.cnf" };
	struct mitok *m = NULL;
	enum mitok_code r = mitok_new(&o, &m, e);

	if (!r)
		r = mitok_choice_each(m, rq, take_choice, choice, e);
	if (!r)
		r = mitok_get(m, rq, ret, e);
	mitok_free(m);
	return r;
}

/* Of HOST/keys/NAME[/VERSION][?...]. */
static size_t name_len(const char *s)
{
	size_t len = strcspn(s, "/");

	len += len + 1 < strlen(s) ? 1 + strcspn(s + len + 1, "/?") : 0;
	len += s[len] == '/' ? 1 + strcspn(s + len + 1, "/?") : 0;
	return len;
}

/* The key's URI is canonical: azkv://HOST/... [?identity=SELECTOR]. */
static void check_identity(struct check *c)
{
	AUTO_TOKEN t = NULL;
	AUTO_TEXT target = { 0 };
	struct choice choice = { .origin = NULL };
	struct mitok_err e = { 0 };
	struct mitok_request rq = { .size = sizeof(rq) };
	const char *host = c->uri + strlen("azkv://");
	char *identity = strstr(c->uri, "?identity=");

	/* With the path, as rules may have one: https://HOST/keys/NAME. */
	text_addf(&target, "https://%.*s", (int)name_len(host), host);
	rq.target = text_peek(&target);
	if (identity) {
		decode(identity += strlen("?identity="));
		rq.identity = identity;
		choice.origin = c->o->identity ? "--identity" : "in the key's name";
	}
	if (ask(&rq, c->library.identity, &choice, &t, &e))
		report_fail(&c->rep, "identity", &e);
	else
		report_ok(&c->rep, "identity", "%s, object id %s",
			text_peek(&choice.text),
			mitok_token_text(t, MITOK_TEXT_OBJECT_ID));
	text_free(&choice.text);
}

static double ms_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* One signature, verified here with the public half; its milliseconds, or less than 0. */
static double sign_once(struct check *c)
{
	static const unsigned char text[] = "mi-token keycheck";
	unsigned char signature[1024];
	size_t len = sizeof(signature);
	double start = ms_now(), took = -1;
	EVP_MD_CTX *sign = EVP_MD_CTX_new(), *verify = EVP_MD_CTX_new();
	OSSL_LIB_CTX *ctx = c->library.ctx;

	if (EVP_DigestSignInit_ex(sign, NULL, "SHA256", ctx, NULL, c->key, NULL) == 1 &&
		EVP_DigestSign(sign, signature, &len, text, sizeof(text)) == 1) {
		took = ms_now() - start;
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
		e.code = ERR_peek_error()
			? library_error(&e, "signing")
			: err_set(&e, MITOK_E_REPLY, "it does not verify");
		report_fail(&c->rep, "signature", &e);
		return;
	}
	report_ok(&c->rep, "signature",
		"verified; the first took %.1f ms, the next %.1f ms", first, next);
}

static void check_all(struct check *c, const char *name)
{
	if (!check_configuration(c))
		return;
	report_ok(&c->rep, "provider", "azkv %s", library_version(&c->library));
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
