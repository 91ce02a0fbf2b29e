/* The client of Key Vault and Managed HSM: certificates and lists.
 * SPDX-License-Identifier: MIT */
#include "openssl/answer.h"
#include "openssl/vault-chain.h"
#include "openssl/vault-token.h"
#include "openssl/vault-visit.h"
#include "openssl/vault.h"

/* A list that goes on for longer goes round. */
#define MAX_PAGES 4000

static enum mitok_code get_certificates(
	struct vault_visit *x, const struct uri *asked, const struct vault_taker *taker)
{
	AUTO_SECRET body = { 0 }, value = { 0 };
	AUTO_TEXT leaf = { 0 };
	struct uri u = *asked, key;
	char type[64];
	enum mitok_code r;

	if (u.kind != URI_CERTIFICATE)
		return err_set(
			x->e, MITOK_E_ARG, "that is not the name of a certificate");
	r = vault_target_complete(x->v, &u, x->e);
	if (!r)
		r = vault_visit_certificate(x, &u, &leaf, &key);
	if (r ||
		!taker->each(
			taker->arg, (const unsigned char *)text_peek(&leaf), leaf.len) ||
		!u.with_chain)
		return r;
	r = vault_visit_get(x, &vault_verb_secret, &u, &body);
	if (r)
		return r;
	r = answer_secret(&body, &value, type, x->e);
	if (!r)
		r = vault_chain_each(&value, type, &leaf, taker, x->e);
	return vault_visit_within(x, &vault_verb_secret, &u, r);
}

enum mitok_code vault_get_certificates(struct vault *v, const struct uri *u,
	bool (*each)(void *arg, const unsigned char *der, size_t len), void *arg,
	struct mitok_err *e)
{
	const struct vault_taker taker = { each, arg };
	struct vault_visit x;

	vault_visit_begin(&x, v, e);
	return vault_visit_end(&x, get_certificates(&x, u, &taker));
}

/* Whom a list is given to, until it has enough. */
struct listener {
	struct answer_rows to;
	bool has_enough;
};

static bool pass_on(void *arg, const struct uri *id)
{
	struct listener *l = arg;

	l->has_enough = !l->to.each(l->to.arg, id);
	return !l->has_enough;
}

/* One page; *path becomes that of the next one, or empty. Each has the time-out of its own:
 * some vaults have thousands of keys. */
static enum mitok_code list_page(struct vault_visit *x, const struct vault_verb *verb,
	const struct uri *u, struct text *path, struct listener *l)
{
	const struct vault_call c = { verb, u, text_peek(path), NULL,
		x->v->host.now(x->v->host.self).boot_ms + x->v->timeout_ms };
	const struct answer_rows rows = { pass_on, l };
	AUTO_SECRET body = { 0 };
	enum mitok_code r = vault_call_send(x->v, &c, &body, x->e);

	if (r)
		return r;
	r = answer_list(&body, u->host, &rows, path, x->e);
	return vault_visit_within(x, verb, u, r);
}

static enum mitok_code list(struct vault_visit *x, const struct vault_verb *verb,
	const struct uri *u, struct listener *l)
{
	AUTO_TEXT path = { 0 };
	enum mitok_code r;

	text_addf(&path, "/%s?maxresults=25&" VAULT_API_VERSION, verb->collection);
	if (!text_ok(&path))
		return err_memory(x->e);
	for (int page = 0; page < MAX_PAGES; page++) {
		r = list_page(x, verb, u, &path, l);
		if (r || l->has_enough || !path.len)
			return r;
	}
	return vault_visit_within(
		x, verb, u, err_set(x->e, MITOK_E_REPLY, "the list has no end"));
}

static enum mitok_code list_all(
	struct vault_visit *x, const struct uri *asked, struct listener *l)
{
	struct uri u = *asked;
	enum mitok_code r;

	u.kind = URI_LIST;
	u.name[0] = u.version[0] = '\0';
	r = vault_target_complete(x->v, &u, x->e);
	if (!r)
		r = list(x, &vault_verb_keys, &u, l);
	if (!r && !l->has_enough && !vault_is_hsm(&u))
		r = list(x, &vault_verb_certificates, &u, l);
	return r;
}

enum mitok_code vault_list(struct vault *v, const struct uri *u,
	bool (*each)(void *arg, const struct uri *id), void *arg, struct mitok_err *e)
{
	struct listener l = { { each, arg }, false };
	struct vault_visit x;

	vault_visit_begin(&x, v, e);
	return vault_visit_end(&x, list_all(&x, u, &l));
}
