/* The client of Key Vault and Managed HSM: keys and what is done with them.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "openssl/answer.h"
#include "openssl/auto.h"
#include "openssl/public.h"
#include "openssl/vault-pass.h"
#include "openssl/vault-token.h"
#include "openssl/vault-visit.h"

struct vault *vault_new(const struct vault_settings *s)
{
	struct vault *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->host = host_real(&v->outside);
	v->timeout_ms = s->timeout_ms > 0 ? s->timeout_ms : VAULT_TIMEOUT_MS;
	vault_pool_init(&v->pool);
	vault_places_look(&v->places);
	if (s->identity) {
		v->identity = strdup(s->identity);
		if (!v->identity) {
			free(v);
			return NULL;
		}
	}
	return v;
}

void vault_free(struct vault *v)
{
	if (!v)
		return;
	/* From OPENSSL_cleanup() on nothing of TLS works any more; it says so itself, but
	 * for the error that it raises. */
	vault_pool_done(&v->pool, !OPENSSL_init_crypto(0, NULL));
	vault_recent_done(&v->recent);
	vault_pass_drop_all(&v->passes);
	vault_users_free(v);
	free(atomic_load(&v->known));
	free(v->identity);
	free(v);
}

void vault_key_wipe(struct vault_key *k)
{
	EVP_PKEY_free(k->public_key);
	*k = (struct vault_key){ 0 };
}

bool vault_is_hsm(const struct uri *u)
{
	const char *suffix = strchr(u->host, '.');

	return u->is_hsm || (suffix && text_starts(suffix, ".managedhsm."));
}

/* The error queue is the program's: who calls us looks there for its own (SSL_get_error(3)
 * takes anything on it for a failed connection). */
void vault_visit_begin(struct vault_visit *x, struct vault *v, struct mitok_err *e)
{
	*x = (struct vault_visit){ .v = v, .e = e ? e : &x->own };
	x->now_ms = v->host.now(v->host.self).boot_ms;
	x->deadline_ms = x->now_ms + v->timeout_ms;
	(void)ERR_set_mark();
}

enum mitok_code vault_visit_end(struct vault_visit *x, enum mitok_code r)
{
	(void)ERR_pop_to_mark();
	if (!r) /* of tries that failed before one went well */
		(void)err_set(x->e, MITOK_OK, "%s", "");
	return r;
}

static enum mitok_code resolve(struct vault_visit *x, struct uri *u)
{
	struct vault_target target;
	enum mitok_code r = vault_target_complete(x->v, u, x->e);

	if (r)
		return r;
	r = vault_target_find(x->v, u,
		u->kind == URI_CERTIFICATE ? "certificates" : "keys", &target, x->e);
	/* Whatever else is wrong is told when the key is used: servers check their
	 * configuration on machines that have no identity. */
	return r == MITOK_E_ARG ? r : MITOK_OK;
}

enum mitok_code vault_resolve(struct vault *v, struct uri *u, struct mitok_err *e)
{
	struct vault_visit x;
	struct uri found = *u;
	enum mitok_code r;

	vault_visit_begin(&x, v, e);
	r = resolve(&x, &found);
	if (!r)
		*u = found;
	return vault_visit_end(&x, r);
}

/* GETs /COLLECTION/NAME[/VERSION] of u. */
enum mitok_code vault_visit_get(struct vault_visit *x, const struct vault_verb *verb,
	const struct uri *u, struct secret *ret)
{
	struct vault_call c = {
		.verb = verb, .object = u, .deadline_ms = x->deadline_ms
	};
	AUTO_TEXT path = { 0 };

	text_addf(&path, "/%s/%s%s%s?" VAULT_API_VERSION, verb->collection, u->name,
		u->version[0] ? "/" : "", u->version);
	if (!text_ok(&path))
		return err_memory(x->e);
	c.path = text_peek(&path);
	return vault_call_send(x->v, &c, ret, x->e);
}

/* Puts what was tried in front of an answer's fault. */
enum mitok_code vault_visit_within(struct vault_visit *x, const struct vault_verb *verb,
	const struct uri *u, enum mitok_code r)
{
	const struct vault_call c = { .verb = verb, .object = u };

	return r ? vault_call_within(&c, r, x->e) : r;
}

static enum mitok_code fetch_key(struct vault_visit *x, const struct uri *u,
	OSSL_LIB_CTX *inner, struct vault_key *ret)
{
	AUTO_SECRET body = { 0 };
	enum mitok_code r = vault_visit_get(x, &vault_verb_key, u, &body);

	if (r)
		return r;
	r = answer_key(&body, u->host, inner, ret, x->e);
	if (!r &&
		(strcmp(ret->uri.name, u->name) != 0 ||
			(u->version[0] && strcmp(ret->uri.version, u->version) != 0))) {
		vault_key_wipe(ret);
		r = err_set(x->e, MITOK_E_REPLY, "the answer is about another key");
	}
	return vault_visit_within(x, &vault_verb_key, u, r);
}

enum mitok_code vault_visit_certificate(struct vault_visit *x, const struct uri *u,
	struct text *ret_der, struct uri *ret_key)
{
	AUTO_SECRET body = { 0 };
	enum mitok_code r;

	if (vault_is_hsm(u))
		return vault_visit_within(x, &vault_verb_certificate, u,
			err_set(x->e, MITOK_E_ARG, "a Managed HSM has no certificates"));
	r = vault_visit_get(x, &vault_verb_certificate, u, &body);
	if (r)
		return r;
	r = answer_certificate(&body, u->host, ret_der, ret_key, x->e);
	if (!r && strcmp(ret_key->name, u->name) != 0)
		r = err_set(x->e, MITOK_E_REPLY, "the answer is about another key");
	return vault_visit_within(x, &vault_verb_certificate, u, r);
}

/* The certificate's own key: what is served with it must fit, and keys/get is not needed. */
static enum mitok_code key_of(
	const struct text *der, OSSL_LIB_CTX *inner, EVP_PKEY **ret, struct mitok_err *e)
{
	const unsigned char *p = (const unsigned char *)text_peek(der);
	X509 *x = X509_new_ex(inner, NULL);
	AUTO_PKEY k = NULL;
	enum mitok_code r;

	if (x && d2i_X509(&x, &p, (long)der->len))
		k = X509_get_pubkey(x);
	X509_free(x);
	if (!k)
		return err_set(e, MITOK_E_REPLY, "the certificate's key cannot be read");
	r = public_check(k, inner, e);
	if (r)
		return r;
	*ret = k;
	k = NULL;
	return MITOK_OK;
}

static enum mitok_code fetch_key_of_certificate(struct vault_visit *x,
	const struct uri *u, OSSL_LIB_CTX *inner, struct vault_key *ret)
{
	AUTO_TEXT der = { 0 };
	enum mitok_code r = vault_visit_certificate(x, u, &der, &ret->uri);

	if (r)
		return r;
	r = key_of(&der, inner, &ret->public_key, x->e);
	return vault_visit_within(x, &vault_verb_certificate, u, r);
}

static enum mitok_code get_key(struct vault_visit *x, const struct uri *asked,
	OSSL_LIB_CTX *inner, struct vault_key *ret)
{
	struct vault_key found = { 0 };
	struct uri u = *asked;
	AUTO_TEXT what = { 0 };
	enum mitok_code r;
	int64_t now_ms;

	if (u.kind == URI_LIST)
		return err_set(x->e, MITOK_E_ARG, "all of '%s' is not one key", u.host);
	r = vault_target_complete(x->v, &u, x->e);
	uri_format(&u, &what);
	if (!r && !text_ok(&what))
		r = err_memory(x->e);
	if (r)
		return r;
	if (vault_recent_key(&x->v->recent, text_peek(&what), x->now_ms, inner, ret))
		return MITOK_OK;
	r = u.kind == URI_KEY ? fetch_key(x, &u, inner, &found)
			      : fetch_key_of_certificate(x, &u, inner, &found);
	if (r)
		return r;
	found.uri.is_hsm = u.is_hsm;
	(void)!TEXT_COPY(found.uri.identity, u.identity);
	now_ms = x->v->host.now(x->v->host.self).boot_ms;
	vault_recent_add_key(&x->v->recent, text_peek(&what), now_ms, inner, &found);
	*ret = found;
	return MITOK_OK;
}

enum mitok_code vault_get_key(struct vault *v, const struct uri *u, OSSL_LIB_CTX *inner,
	struct vault_key *ret, struct mitok_err *e)
{
	struct vault_visit x;

	vault_visit_begin(&x, v, e);
	return vault_visit_end(&x, get_key(&x, u, inner, ret));
}

/* What was loaded is the public half of that version; another's signature does not fit. */
static enum mitok_code check_version(
	const struct uri *key, const struct uri *did, struct mitok_err *e)
{
	enum mitok_code r;

	if (strcmp(did->name, key->name) != 0)
		return err_set(e, MITOK_E_REPLY, "the answer is about another key");
	if (!key->version[0] || strcmp(did->version, key->version) == 0)
		return MITOK_OK;
	r = err_set(e, MITOK_E_REPLY,
		"the version %s of the key did it, not the one that was loaded",
		did->version);
	e->http_status = 200; /* by which a rotated key is told from a broken answer */
	return err_hint(e, r,
		"the key was rotated: renew the certificate, and the reference file with "
		"`mi-token keyref`");
}

static void add_path(const struct vault_job *job, struct text *ret)
{
	text_add(ret, "/keys/");
	text_add(ret, job->key->name);
	text_add(ret, job->key->version[0] ? "/" : "");
	text_add(ret, job->key->version);
	text_add(ret, "/");
	text_add(ret, job->operation);
	text_add(ret, "?" VAULT_API_VERSION);
}

static void add_body(const struct vault_job *job, struct text *ret)
{
	text_add(ret, "{\"alg\":\"");
	text_add(ret, job->algorithm);
	text_add(ret, "\",\"value\":\"");
	answer_encode(job->in, job->in_len, ret);
	text_add(ret, "\"}");
}

static enum mitok_code do_job(
	struct vault_visit *x, const struct vault_job *job, struct secret *ret)
{
	struct vault_call c = { .object = job->key, .deadline_ms = x->deadline_ms };
	AUTO_SECRET json = { 0 }, body = { 0 }, value = { 0 };
	AUTO_TEXT path = { 0 }, sent = { 0 };
	struct uri did;
	enum mitok_code r;

	c.verb = vault_verb_find(job->operation);
	if (!c.verb)
		return err_set(x->e, MITOK_E_ARG, "no operation '%s'", job->operation);
	add_path(job, &path);
	add_body(job, &sent);
	if (!text_ok(&path) || !text_ok(&sent) ||
		!secret_add(&json, text_peek(&sent), sent.len))
		return err_memory(x->e);
	c.path = text_peek(&path);
	c.body = &json;
	r = vault_call_send(x->v, &c, &body, x->e);
	if (r)
		return r;
	r = answer_operation(&body, job->key->host, &did, &value, x->e);
	if (!r)
		r = check_version(job->key, &did, x->e);
	if (r)
		return vault_call_within(&c, r, x->e);
	*ret = secret_move(&value);
	return MITOK_OK;
}

enum mitok_code vault_do(struct vault *v, const struct vault_job *job, struct secret *ret,
	struct mitok_err *e)
{
	struct vault_visit x;

	vault_visit_begin(&x, v, e);
	return vault_visit_end(&x, do_job(&x, job, ret));
}
