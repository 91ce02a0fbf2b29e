/* From what the caller said to what a source is asked: resource, identity, source.
 * SPDX-License-Identifier: MIT */
#include "core/choose.h"

#include <string.h>

#include "core/cloud.h"

/* Names have fewer letters: that of struct mitok_err, too. */
#define SOURCE_NAME_SIZE 24
#define MAX_VALID_S      86400L
#define MAX_TIMEOUT_MS   86400000L

const char *want_giver(const struct want *w)
{
	return w->identity.app_id ? "federate" : w->source->name;
}

/* The next of the names with commas between, and *names behind it, or NULL; false: it is
 * empty, or too long. */
static bool next_name(const char **names, char *ret, size_t size)
{
	size_t len = strcspn(*names, ",");

	if (!len || len >= size)
		return false;
	memcpy(ret, *names, len);
	ret[len] = '\0';
	*names = (*names)[len] ? *names + len + 1 : NULL;
	return true;
}

static void add_names(struct text *t, const struct source *const *s)
{
	for (; *s; s++)
		text_addf(t, ", %s", (*s)->name);
}

static enum mitok_code no_source(const char *names, struct mitok_err *e)
{
	int len = (int)strcspn(names, ",");
	AUTO_TEXT known = { 0 };

	if (len == 4 && text_starts(names, "auto"))
		return err_hint(e,
			err_set(e, MITOK_E_ARG,
				"'auto' is all sources that are not only asked by name, "
				"and stands alone"),
			"leave out auto, or the others");
	add_names(&known, sources);
	add_names(&known, sources_by_name);
	return err_hint(e, err_set(e, MITOK_E_ARG, "no source '%.*s'", len, names),
		"there are: auto%s", text_peek(&known));
}

enum mitok_code choose_names(const char *names, struct mitok_err *e)
{
	char name[SOURCE_NAME_SIZE];

	if (!names || strcmp(names, "auto") == 0)
		return MITOK_OK;
	for (const char *rest = names; rest; names = rest)
		if (!next_name(&rest, name, sizeof(name)) || !source_find(name))
			return no_source(names, e);
	return MITOK_OK;
}

/* The first of those that were named which this machine has. */
static enum mitok_code choose_named(const struct host *h, const char *names,
	const struct source **ret, struct mitok_err *e)
{
	char name[SOURCE_NAME_SIZE];
	AUTO_TEXT reasons = { 0 };
	const char *why = NULL;
	enum mitok_code r = choose_names(names, e);

	if (r)
		return r;
	for (const char *rest = names; rest && next_name(&rest, name, sizeof(name));) {
		const struct source *one = source_find(name);

		why = one->missing(h);
		if (!why) {
			*ret = one;
			return MITOK_OK;
		}
		text_addf(&reasons, "%s%s: %s", reasons.len ? "; " : "", name, why);
	}
	if (!strchr(names, ','))
		return err_set(
			e, MITOK_E_NOIDENTITY, "source '%s' is not here: %s", names, why);
	return err_set(e, MITOK_E_NOIDENTITY, "none of the sources '%s' is here: %s",
		names, text_peek(&reasons));
}

enum mitok_code choose_source(const struct host *h, const char *names,
	const struct source **ret, struct mitok_err *e)
{
	AUTO_TEXT reasons = { 0 };

	if (names && strcmp(names, "auto") != 0)
		return choose_named(h, names, ret, e);
	for (size_t i = 0; sources[i]; i++)
		if (!sources[i]->missing(h)) {
			*ret = sources[i];
			return MITOK_OK;
		}
	for (size_t i = 0; sources[i]; i++)
		text_addf(&reasons, "%s%s: %s", i ? "; " : "", sources[i]->name,
			sources[i]->missing(h));
	return err_set(e, MITOK_E_NOIDENTITY, "this machine has no managed identity: %s",
		text_peek(&reasons));
}

/* Exactly one of the three ways to say what the token is for. */
static enum mitok_code choose_resource(struct mitok *m, const struct mitok_request *rq,
	struct want *w, struct mitok_err *e)
{
	bool needs_cloud = false;
	enum cloud cloud;
	enum mitok_code r;

	if (!!rq->resource + !!rq->scope + !!rq->target != 1)
		return err_set(e, MITOK_E_ARG,
			"say what the token is for: a resource, a scope or a target, one "
			"of them");
	if (rq->resource) {
		r = resource_check(rq->resource, e);
		if (!r && !TEXT_COPY(w->resource.value, rq->resource))
			r = err_set(e, MITOK_E_ARG, "the resource is too long");
		return r;
	}
	if (rq->scope)
		return resource_from_scope(
			rq->scope, w->resource.value, sizeof(w->resource.value), e);
	cloud = cloud_find(m->conf.cloud.text);
	r = resource_resolve(rq->target, cloud, &w->resource, &needs_cloud, e);
	if (r || !needs_cloud)
		return r;
	r = cloud_ask(m, w->source, w->deadline_ms, &cloud, e);
	if (r)
		return r;
	return resource_resolve(rq->target, cloud, &w->resource, &needs_cloud, e);
}

static enum mitok_code check_numbers(const struct mitok_request *rq, struct mitok_err *e)
{
	if (rq->min_valid_s < 0 || rq->min_valid_s > MAX_VALID_S)
		return err_set(e, MITOK_E_ARG,
			"a token can be valid for 0 to %ld seconds, not %ld", MAX_VALID_S,
			rq->min_valid_s);
	if (rq->timeout_ms < 0 || rq->timeout_ms > MAX_TIMEOUT_MS)
		return err_set(e, MITOK_E_ARG, "the timeout must be 1 ms to 24 h");
	return MITOK_OK;
}

enum mitok_code choose(struct mitok *m, const struct mitok_request *rq, struct want *ret,
	struct mitok_err *e)
{
	struct moment now = m->host.now(m->host.self);
	struct identity_use use = { rq->host, rq->path, NULL };
	enum mitok_code r = check_numbers(rq, e);

	if (r)
		return r;
	*ret = (struct want){
		.started_ms = now.boot_ms,
		.deadline_ms =
			now.boot_ms + (rq->timeout_ms ? rq->timeout_ms : m->timeout_ms),
		.min_valid_s = rq->min_valid_s,
		.refresh = rq->flags & MITOK_REFRESH,
	};
	r = choose_source(
		&m->host, rq->source ? rq->source : m->conf.source.text, &ret->source, e);
	if (!r)
		r = choose_resource(m, rq, ret, e);
	if (r)
		return r;
	if (!use.host && ret->resource.host[0])
		use = (struct identity_use){ ret->resource.host, ret->resource.path,
			NULL };
	use.resource = ret->resource.value;
	r = identity_choose(&m->conf, rq->identity, &use, &ret->identity, e);
	if (!r && (rq->federate_client_id || rq->federate_tenant_id))
		r = identity_federate(&ret->identity, rq->federate_client_id,
			rq->federate_tenant_id, e);
	return r;
}
