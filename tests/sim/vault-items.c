/* What a scenario says of keys and certificates, version by version.
 * SPDX-License-Identifier: MIT */
#include "vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_object *vault_item_member(const struct vault_item *item, const char *name)
{
	struct json_object *versions = json_member(item->spec, "versions");
	struct json_object *own = versions
		? json_member(json_object_array_get_idx(versions, item->at), name)
		: NULL;

	return own ? own : json_member(item->spec, name);
}

bool vault_item_enabled(const struct vault_item *item)
{
	struct json_object *enabled = vault_item_member(item, "enabled");

	return !enabled || json_object_get_boolean(enabled);
}

/* All but its version. */
static void start(const struct json_walk *m, bool certificate, struct vault_item *ret)
{
	struct json_object *versions = json_member(m->value, "versions");

	*ret = (struct vault_item){
		.name = m->name,
		.spec = m->value,
		.count = versions ? json_object_array_length(versions) : 1,
		.certificate = certificate,
	};
}

static void pick(const struct vault_call *c, size_t at, struct vault_item *item)
{
	item->at = at;
	vault_version(c, item->name, at, item->version);
}

static struct json_object *all_of(const struct vault_call *c, bool certificates)
{
	return json_member(c->vault, certificates ? "certificates" : "keys");
}

bool vault_item_find(const struct vault_call *c, bool certificate, struct vault_item *ret)
{
	struct json_walk m;

	if (!vault_member(all_of(c, certificate), c->object, &m))
		return false;
	start(&m, certificate, ret);
	for (size_t at = ret->count; at-- > 0;) {
		pick(c, at, ret);
		if (!c->version || text_equal_nocase(ret->version, c->version))
			return true;
	}
	return false;
}

struct json_object *vault_item_url(const struct vault_call *c,
	const struct vault_item *item, const char *kind, bool versioned)
{
	AUTO_TEXT url = { 0 };

	text_addf(&url, "https://%s/%s/%s", c->host, kind, item->name);
	if (versioned)
		text_addf(&url, "/%s", item->version);
	return json_object_new_string(text_peek(&url));
}

void vault_item_describe(
	const struct vault_item *item, const char *kind, struct json_object *ret)
{
	static const char *const times[] = { "nbf", "exp" };
	struct json_object *attributes = vault_attributes(vault_item_enabled(item));
	struct json_object *tags = vault_item_member(item, "tags"), *copy = NULL;

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		struct json_object *t = vault_item_member(item, times[i]);

		if (t)
			(void)json_object_object_add(attributes, times[i],
				json_object_new_int64(json_object_get_int64(t)));
	}
	(void)json_object_object_add(ret, "attributes", attributes);
	/* Never shared with the scenario: json-c counts references without a lock. */
	if (!tags || json_object_deep_copy(tags, &copy, NULL) < 0)
		copy = json_object_new_object();
	(void)json_object_object_add(ret, "tags", copy);
	if (item->certificate && strcmp(kind, "certificates") != 0)
		(void)json_object_object_add(
			ret, "managed", json_object_new_boolean(true));
}

void vault_item_add_all(const struct vault_call *c, bool certificates, vault_row *row,
	struct json_object *ret)
{
	struct vault_item item;

	for (struct json_walk m = json_walk(all_of(c, certificates)); json_next(&m);) {
		start(&m, certificates, &item);
		pick(c, item.count - 1, &item);
		(void)json_object_array_add(ret, row(c, &item, false));
	}
}

void vault_item_add_versions(const struct vault_call *c, const struct vault_item *item,
	vault_row *row, struct json_object *ret)
{
	struct vault_item version = *item;

	for (size_t i = 0; i < item->count; i++) {
		pick(c, i, &version);
		(void)json_object_array_add(ret, row(c, &version, true));
	}
}

static void job_work(struct reply *rp, void *arg)
{
	struct vault_job *job = arg;

	if (vault_store_make(job->w, job->key))
		job->run(job, rp);
	else
		azure_fail(rp, 500,
			&(struct azure_error){ .code = "InternalError",
				.message =
					"the simulator has no such key: its file is "
					"missing, or not of a kind that vaults have" });
	json_object_put(job->answer);
	free(job);
}

struct vault_job *vault_job_start(const struct vault_call *c,
	const struct vault_item *item, struct json_object *answer,
	void (*run)(struct vault_job *job, struct reply *rp))
{
	struct vault_job *job = calloc(1, sizeof(*job));

	if (!job)
		abort();
	*job = (struct vault_job){
		.w = c->w,
		.rq = c->rq,
		.key = vault_store_find(c, item),
		.verb = c->route->verb,
		.hsm = c->hsm,
		.answer = answer,
		.run = run,
	};
	(void)snprintf(job->kid, sizeof(job->kid), "https://%s/keys/%s/%s", c->host,
		item->name, item->version);
	c->rp->work = job_work;
	c->rp->work_arg = job;
	return job;
}
