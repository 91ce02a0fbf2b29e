/* The public calls: arguments checked, everything else handed down.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/acquire.h"
#include "core/cache_dir.h"
#include "core/rule.h"
#include "core/snapshot.h"
#include "core/verdict.h"

/* What the structs of callers had in the first version; they only grow at the end. */
#define OPTIONS_SIZE_0 (offsetof(struct mitok_options, own_process) + sizeof(int))
#define REQUEST_SIZE_0 (offsetof(struct mitok_request, flags) + sizeof(unsigned))

static enum mitok_code fill(
	struct mitok *m, const struct mitok_options *o, struct mitok_err *e)
{
	enum mitok_code r;

	cache_open(&m->host, o->read_only, &m->cache);
	r = snapshot_conf(&m->host, &m->cache, &m->conf, e);
	if (!r && o->identity && !m->conf.env_identity.text)
		r = conf_identity_from(&m->conf,
			o->identity_origin ? o->identity_origin : "the program",
			o->identity, e);
	if (r)
		return r;
	if (!text_to_ms(m->conf.timeout.text, &m->timeout_ms))
		return err_set(e, MITOK_E_CONF,
			"%s: timeout '%s' is no time span like \"5s\"",
			m->conf.timeout.origin, m->conf.timeout.text);
	r = choose_names(m->conf.source.text, e);
	return r ? err_within(e, MITOK_E_CONF, "%s", m->conf.source.origin) : r;
}

enum mitok_code context_new(const struct host *h, const struct mitok_options *o,
	struct mitok **ret, struct mitok_err *e)
{
	struct mitok_options known = { 0 };
	struct mitok *m;
	enum mitok_code r;

	if (o && (o->size < OPTIONS_SIZE_0 || o->size > sizeof(*o)))
		return err_set(e, MITOK_E_ARG,
			"mitok_options.size is %zu, not %zu to %zu", o->size,
			OPTIONS_SIZE_0, sizeof(*o));
	m = calloc(1, sizeof(*m));
	if (!m)
		return err_memory(e);
	if (o) /* what an older caller does not know is zero */
		memcpy(&known, o, o->size);
	m->log = (struct log){ known.log, known.log_arg };
	m->outside = (struct host_settings){ &m->log, known.own_process };
	m->host = h ? *h : host_real(&m->outside);
	m->host.log = &m->log;
	m->cache.dir = -1;
	m->cloud = CLOUD_UNKNOWN;
	r = fill(m, &known, e);
	if (r)
		mitok_free(m);
	else
		*ret = m;
	return r;
}

enum mitok_code mitok_new(
	const struct mitok_options *o, struct mitok **ret, struct mitok_err *e)
{
	struct mitok_err own;

	if (!ret)
		return err_set(
			e, MITOK_E_ARG, "mitok_new() needs a place for its result");
	return context_new(NULL, o, ret, e ? e : &own);
}

void mitok_free(struct mitok *m)
{
	if (!m)
		return;
	cache_close(&m->cache);
	memory_clear(&m->memory);
	conf_wipe(&m->conf);
	free(m);
}

/* A resource that a known service will not recognise is sent as it is, but not in
 * silence. */
static void warn_spelling(const char *resource, bool failed, struct mitok_err *e)
{
	const char *right = resource_right_spelling(resource);

	if (!right)
		return;
	if (failed)
		(void)err_hint(e, e->code, "the resource is spelt '%s'", right);
	else
		(void)err_set(e, MITOK_OK,
			"the resource '%s' is not the one the service expects; "
			"it is spelt '%s'",
			resource, right);
}

static enum mitok_code lacks(struct mitok_err *e)
{
	(void)err_set(e, MITOK_E_ARG, "the call lacks an argument that may not be NULL");
	return MITOK_E_ARG;
}

/* The caller's request, decided. What an older caller does not know is zero. */
static enum mitok_code decide(struct mitok *m, const struct mitok_request *rq,
	struct want *ret, struct mitok_err *e)
{
	struct mitok_request known = { 0 };

	if (!m || !rq)
		return lacks(e);
	(void)err_set(e, MITOK_OK, "%s", "");
	if (rq->size < REQUEST_SIZE_0 || rq->size > sizeof(known)) {
		(void)err_set(e, MITOK_E_ARG, "mitok_request.size is %zu, not %zu to %zu",
			rq->size, REQUEST_SIZE_0, sizeof(known));
		return MITOK_E_ARG;
	}
	memcpy(&known, rq, rq->size);
	return choose(m, &known, ret, e);
}

enum mitok_code mitok_get(struct mitok *m, const struct mitok_request *rq,
	struct mitok_token **ret, struct mitok_err *e)
{
	AUTO_TEXT who = { 0 };
	struct mitok_err own;
	struct want w;
	enum mitok_code r;

	if (!e)
		e = &own;
	r = ret ? decide(m, rq, &w, e) : lacks(e);
	if (r)
		return r;
	identity_format(&w.identity, &who);
	log_debug(&m->log, "source %s, identity %s (%s), resource %s", w.source->name,
		text_peek(&who), w.identity.origin, w.resource.value);
	r = acquire(m, &w, ret, e);
	if (!r) /* nothing of tries that failed before one went well */
		(void)err_set(e, MITOK_OK, "%s",
			mitok_token_is_cached(*ret) ? "" : (*ret)->warning);
	warn_spelling(w.resource.value, r, e);
	return r;
}

enum mitok_code mitok_report_refused(struct mitok *m, const struct mitok_request *rq,
	const char *fingerprint, enum mitok_refusal *ret, struct mitok_err *e)
{
	enum mitok_refusal refusal;
	struct mitok_err own;
	struct want w;
	enum mitok_code r;

	if (!e)
		e = &own;
	r = decide(m, rq, &w, e);
	if (!r)
		r = verdict_refuse(m, &w, fingerprint, &refusal, e);
	if (!r && ret)
		*ret = refusal;
	return r;
}

enum mitok_code mitok_report_accepted(struct mitok *m, const struct mitok_request *rq,
	const char *fingerprint, struct mitok_err *e)
{
	struct mitok_err own;
	struct want w;
	enum mitok_code r;

	if (!e)
		e = &own;
	r = fingerprint ? decide(m, rq, &w, e) : lacks(e);
	return r ? r : verdict_accept(m, &w, fingerprint, e);
}

/* Whether the configuration says that it is federated, and no option. */
static bool is_federated_by(const struct conf *c, const struct identity *i)
{
	const struct conf_identity *row = i->name ? conf_identity_find(c, i->name) : NULL;

	return row && row->federate_client_id == i->app_id;
}

enum mitok_code mitok_choice_each(struct mitok *m, const struct mitok_request *rq,
	void (*each)(void *arg, const char *name, const char *value, const char *origin),
	void *arg, struct mitok_err *e)
{
	AUTO_TEXT who = { 0 };
	struct mitok_err own;
	struct identity voucher;
	struct want w;
	enum mitok_code r;

	if (!e)
		e = &own;
	r = each ? decide(m, rq, &w, e) : lacks(e);
	if (r)
		return r;
	voucher = identity_voucher(&w.identity);
	if (w.identity.app_id && w.identity.name)
		text_add(&who, w.identity.name);
	else
		identity_format(&voucher, &who);
	if (!text_ok(&who))
		return err_memory(e);
	each(arg, "identity", text_peek(&who), w.identity.origin);
	if (w.identity.app_id) {
		const char *origin = is_federated_by(&m->conf, &w.identity)
			? w.identity.origin
			: "--federate";

		each(arg, "federate", w.identity.app_id, origin);
		each(arg, "tenant", w.identity.app_tenant_id, origin);
	}
	each(arg, "source", w.source->name,
		rq->source ? "--source" : m->conf.source.origin);
	each(arg, "resource", w.resource.value, "--resource");
	return MITOK_OK;
}

int mitok_host_is_granted(
	const struct mitok *m, const char *host, const char *path, const char *resource)
{
	const struct identity_use use = { host, path, resource };

	return m && host && rule_grants(&m->conf, &use);
}

enum mitok_code mitok_config_each(struct mitok *m,
	void (*each)(void *arg, const char *key, const char *value, const char *origin),
	void *arg, struct mitok_err *e)
{
	if (!m || !each)
		return lacks(e);
	return conf_each(&m->conf, each, arg, e);
}

struct source_walk {
	void (*each)(void *arg, const char *name, const char *about, const char *missing,
		int is_chosen);
	void *arg;
	const struct host *h;
	const struct source *chosen;
};

static void each_source(const struct source *const *s, const struct source_walk *walk)
{
	for (; *s; s++)
		walk->each(walk->arg, (*s)->name, (*s)->about, (*s)->missing(walk->h),
			*s == walk->chosen);
}

enum mitok_code mitok_sources_each(struct mitok *m,
	void (*each)(void *arg, const char *name, const char *about, const char *missing,
		int is_chosen),
	void *arg, struct mitok_err *e)
{
	struct source_walk walk = { each, arg, m ? &m->host : NULL, NULL };

	if (!m || !each)
		return lacks(e);
	if (choose_source(&m->host, m->conf.source.text, &walk.chosen, NULL))
		walk.chosen = NULL; /* what was configured is not here */
	each_source(sources, &walk);
	each_source(sources_by_name, &walk);
	return MITOK_OK;
}

/* Passes rows of the cache on, with the value taken out. */
struct cache_walk {
	void (*each)(void *arg, const struct mitok_token *t, const char *identity);
	void *arg;
};

static void show_token(void *arg, struct mitok_token *t)
{
	const struct cache_walk *walk = arg;

	secret_wipe(&t->value);
	t->cached = true;
	walk->each(walk->arg, t, t->identity);
}

enum mitok_code mitok_cache_each(struct mitok *m,
	void (*each)(void *arg, const struct mitok_token *t, const char *identity),
	void *arg, const char **ret_dir, struct mitok_err *e)
{
	struct cache_walk walk = { each, arg };

	if (!m || !each)
		return lacks(e);
	if (ret_dir)
		*ret_dir = m->cache.dir < 0 ? NULL : m->cache.path;
	cache_each(&m->cache, show_token, &walk);
	return MITOK_OK;
}

enum mitok_code mitok_cache_places_each(struct mitok *m,
	void (*each)(void *arg, const char *path, const char *why_not), void *arg,
	struct mitok_err *e)
{
	if (!m || !each)
		return lacks(e);
	cache_dir_each(&m->host, each, arg);
	return MITOK_OK;
}

enum mitok_code mitok_cache_clear(
	struct mitok *m, unsigned *ret_count, struct mitok_err *e)
{
	unsigned count;

	if (!m)
		return lacks(e);
	memory_clear(&m->memory);
	count = cache_clear(&m->cache);
	if (ret_count)
		*ret_count = count;
	return MITOK_OK;
}

/* Where the members of a JWT go. */
struct jwt_walk {
	void (*each)(
		void *arg, int part, const char *name, const char *value, int is_string);
	void *arg;
};

static enum mitok_code walk_part(
	const struct jwt_walk *w, int part, const struct json *j, struct mitok_err *e)
{
	for (const struct json *member = j->child; member; member = member->next) {
		const char *text = json_text(member);
		AUTO_TEXT other = { 0 };

		if (!text)
			json_format(member, &other);
		if (!text_ok(&other))
			return err_memory(e);
		w->each(w->arg, part, secret_peek(&member->name),
			text ? text : text_peek(&other), !!text);
	}
	return MITOK_OK;
}

enum mitok_code mitok_jwt_each(const char *jwt, size_t len,
	void (*each)(
		void *arg, int part, const char *name, const char *value, int is_string),
	void *arg, struct mitok_err *e)
{
	const struct jwt_walk w = { each, arg };
	AUTO_JSON header = NULL;
	AUTO_JSON payload = NULL;
	enum mitok_code r;

	if (!jwt || !each)
		return lacks(e);
	r = claims_part(jwt, len, 0, &header, e);
	if (!r)
		r = claims_part(jwt, len, 1, &payload, e);
	if (!r)
		r = walk_part(&w, 0, header, e);
	return r ? r : walk_part(&w, 1, payload, e);
}
