/* Where a token may go, and the token for it.
 * SPDX-License-Identifier: MIT */
#include "openssl/vault-token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/conf.h"

static struct vault_user *find_user(struct vault_user *list, uid_t euid)
{
	while (list && list->euid != euid)
		list = list->next;
	return list;
}

static void free_user(struct vault_user *u)
{
	mitok_free(u->m);
	free(u);
}

enum mitok_code vault_user_add(
	struct vault *v, struct mitok *m, struct mitok **ret, struct mitok_err *e)
{
	struct vault_user *new = calloc(1, sizeof(*new)), *found;

	if (!new) {
		mitok_free(m);
		return err_memory(e);
	}
	*new = (struct vault_user){ geteuid(), m, atomic_load(&v->users) };
	do
		found = find_user(new->next, new->euid);
	while (!found && !atomic_compare_exchange_weak(&v->users, &new->next, new));
	if (found)
		free_user(new); /* another thread was faster */
	*ret = found ? found->m : m;
	return MITOK_OK;
}

void vault_places_look(struct vault_places *ret)
{
	struct stat st;

	*ret = (struct vault_places){ .root = { 0 } };
	if (stat("/", &st) == 0) {
		ret->root.dev = st.st_dev;
		ret->root.ino = st.st_ino;
	}
	if (stat(CONF_DIR, &st) == 0) {
		ret->conf.dev = st.st_dev;
		ret->conf.ino = st.st_ino;
	}
}

/* In a chroot root's rules and pins would seem not to be there, and another identity might
 * slip in; nor are there the system's certificates and name servers. */
static enum mitok_code check_places(const struct vault *v, struct mitok_err *e)
{
	const struct vault_places *then = &v->places;
	struct vault_places now;

	vault_places_look(&now);
	if (now.root.dev == then->root.dev && now.root.ino == then->root.ino &&
		now.conf.dev == then->conf.dev && now.conf.ino == then->conf.ino)
		return MITOK_OK;
	return err_hint(e,
		err_set(e, MITOK_E_CONF,
			"this program has changed its root directory since it loaded "
			"OpenSSL, or " CONF_DIR " was replaced"),
		"take `chroot` out of its configuration, or start it again");
}

static enum mitok_code context(struct vault *v, struct mitok **ret, struct mitok_err *e)
{
	const struct mitok_options o = {
		.size = sizeof(o),
		.identity = v->identity,
		.identity_origin = v->identity ? "token-identity in openssl.cnf" : NULL,
	};
	struct vault_user *found = find_user(atomic_load(&v->users), geteuid());
	struct mitok *m;
	enum mitok_code r;

	if (found) {
		*ret = found->m;
		return MITOK_OK;
	}
	r = check_places(v, e);
	if (!r)
		r = mitok_new(&o, &m, e);
	return r ? r : vault_user_add(v, m, ret, e);
}

void vault_users_free(struct vault *v)
{
	struct vault_user *u = atomic_exchange(&v->users, NULL);

	while (u) {
		struct vault_user *next = u->next;

		free_user(u);
		u = next;
	}
}

static void take_resource(
	void *arg, const char *name, const char *value, const char *origin)
{
	(void)origin;
	if (strcmp(name, "resource") == 0)
		text_add(arg, value);
}

/* What the library would ask for, for that target: https://... */
static enum mitok_code resource_of(struct mitok *m, const struct mitok_request *rq,
	struct text *ret, struct mitok_err *e)
{
	enum mitok_code r = mitok_choice_each(m, rq, take_resource, ret, e);

	if (!r && !text_ok(ret))
		r = err_memory(e);
	return r;
}

enum mitok_code vault_target_complete(struct vault *v, struct uri *u, struct mitok_err *e)
{
	const struct mitok_request rq = {
		.size = sizeof(rq),
		.target = u->is_hsm ? "hsm" : "vault",
	};
	char name[sizeof(u->host)];
	AUTO_TEXT resource = { 0 };
	struct mitok *m;
	enum mitok_code r;

	if (strchr(u->host, '.'))
		return MITOK_OK;
	r = context(v, &m, e);
	if (!r)
		r = resource_of(m, &rq, &resource, e);
	if (r)
		return err_within(e, r, "the full name of '%s'", u->host);
	(void)!TEXT_COPY(name, u->host);
	if (snprintf(u->host, sizeof(u->host), "%s.%s", name,
		    text_peek(&resource) + strlen("https://")) < (int)sizeof(u->host))
		return MITOK_OK;
	(void)!TEXT_COPY(u->host, name);
	return err_set(e, MITOK_E_ARG, "the host's name is too long");
}

/* Vaults and HSMs lie right below their resource's own name. Hosts of other services are
 * known too, but what is asked of vaults is none of their business. */
static bool is_vaults(const char *resource, const char *host)
{
	const char *label = strchr(host, '.');

	return (text_starts(resource, "https://vault.") ||
		       text_starts(resource, "https://managedhsm.")) &&
		label && strcmp(label + 1, resource + strlen("https://")) == 0;
}

static enum mitok_code refuse_host(const char *host, struct mitok_err *e)
{
	enum mitok_code r = err_set(e, MITOK_E_ARG,
		"'%s' is no host of Key Vault or Managed HSM: no token goes there", host);

	return err_hint(e, r,
		"if it is one, root says so in /etc/mi-token/mi-token.conf: rules = ( { "
		"host = \"%s\"; identity = \"default\"; } );",
		host);
}

/* For a vault's token, whatever else root's rules say about that host; in which cloud this
 * machine is need not be known for that. */
static bool is_granted(
	const struct mitok *m, const struct uri *u, const struct vault_target *t)
{
	static const char *const clouds[] = { "azure.net", "usgovcloudapi.net",
		"azure.cn" };
	char resource[64];

	for (size_t i = 0; i < sizeof(clouds) / sizeof(*clouds); i++) {
		(void)snprintf(resource, sizeof(resource), "https://%s.%s",
			u->is_hsm ? "managedhsm" : "vault", clouds[i]);
		if (mitok_host_is_granted(m, u->host, t->path, resource))
			return true;
	}
	return false;
}

/* What a service's host is does not change, and most programs have one vault. */
static void remember(struct vault *v, const char *host)
{
	char *copy = strdup(host), *none = NULL;

	if (!copy || !atomic_compare_exchange_strong(&v->known, &none, copy))
		free(copy);
}

enum mitok_code vault_target_find(struct vault *v, const struct uri *u,
	const char *collection, struct vault_target *ret, struct mitok_err *e)
{
	struct mitok_request probe = { .size = sizeof(probe), .target = ret->url };
	AUTO_TEXT resource = { 0 };
	const char *known;
	struct mitok *m;
	enum mitok_code r = context(v, &m, e);

	if (r)
		return r;
	(void)snprintf(ret->path, sizeof(ret->path), "/%s%s%s", collection,
		u->name[0] ? "/" : "", u->name);
	(void)snprintf(ret->url, sizeof(ret->url), "https://%s%s", u->host, ret->path);
	ret->rq = (struct mitok_request){ .size = sizeof(ret->rq), .target = ret->url };
	ret->rq.identity = u->identity[0] ? u->identity : NULL;
	ret->is_granted = false;
	known = atomic_load(&v->known);
	if (known && strcmp(known, u->host) == 0)
		return MITOK_OK;
	r = resource_of(m, &probe, &resource, e);
	if (!r && is_vaults(text_peek(&resource), u->host)) {
		remember(v, u->host);
		return MITOK_OK;
	}
	/* MITOK_E_ARG is about the host: nothing else was asked for. */
	if (r && r != MITOK_E_ARG)
		return r;
	if (!r || !is_granted(m, u, ret))
		return refuse_host(u->host, e);
	ret->is_granted = true;
	ret->rq.target = u->is_hsm ? "hsm" : "vault";
	ret->rq.host = u->host;
	ret->rq.path = ret->path;
	return MITOK_OK;
}

enum mitok_code vault_target_token(struct vault *v, struct vault_target *t,
	int64_t left_ms, struct mitok_token **ret, struct mitok_err *e)
{
	struct mitok *m;
	enum mitok_code r = context(v, &m, e);

	if (r)
		return r;
	t->rq.timeout_ms = (long)left_ms;
	return mitok_get(m, &t->rq, ret, e);
}

static void fingerprint(const struct mitok_token *t, char ret[MITOK_FINGERPRINT_SIZE])
{
	size_t len;
	const char *value = mitok_token_value(t, &len);

	mitok_fingerprint(value, len, ret);
}

/* What cannot be told is told next time. */
void vault_target_refused(
	struct vault *v, const struct vault_target *t, const struct mitok_token *token)
{
	char name[MITOK_FINGERPRINT_SIZE];
	struct mitok *m = NULL;

	fingerprint(token, name);
	if (!context(v, &m, NULL))
		(void)mitok_report_refused(m, &t->rq, name, NULL, NULL);
}

void vault_target_accepted(
	struct vault *v, const struct vault_target *t, const struct mitok_token *token)
{
	char name[MITOK_FINGERPRINT_SIZE];
	struct mitok *m = NULL;

	fingerprint(token, name);
	if (!context(v, &m, NULL))
		(void)mitok_report_accepted(m, &t->rq, name, NULL);
}
