/* Key Vault's secrets (Microsoft Learn, "Get Secret", "Get Secrets", "Get Secret Versions").
 * SPDX-License-Identifier: MIT */
#include "vault.h"

#include <string.h>

/* A secret is a text, an array of texts (the newest is the last one), or an object with
 * "value" (either), "contentType", "enabled" and "tags". */
static struct json_object *values_of(struct json_object *secret)
{
	return json_object_is_type(secret, json_type_object)
		? json_member(secret, "value")
		: secret;
}

static size_t count_of(struct json_object *secret)
{
	struct json_object *values = values_of(secret);

	return json_object_is_type(values, json_type_array)
		? json_object_array_length(values)
		: 1;
}

static const char *value_of(struct json_object *secret, size_t at)
{
	struct json_object *values = values_of(secret);

	return json_object_get_string(json_object_is_type(values, json_type_array)
			? json_object_array_get_idx(values, at)
			: values);
}

static bool is_enabled(struct json_object *secret)
{
	struct json_object *enabled = json_member(secret, "enabled");

	return !enabled || json_object_get_boolean(enabled);
}

/* Adds "id", "attributes", "tags" and "contentType" to the object, and gives it back;
 * version NULL: of the secret as such. */
static struct json_object *describe(const struct vault_call *c, const struct json_walk *m,
	const char *version, struct json_object *o)
{
	struct json_object *tags = json_member(m->value, "tags");
	const char *type = json_text(m->value, "contentType");
	AUTO_TEXT id = { 0 };

	text_addf(&id, "https://%s/secrets/%s%s%s", c->host, m->name, version ? "/" : "",
		version ? version : "");
	if (type)
		(void)json_object_object_add(
			o, "contentType", json_object_new_string(type));
	(void)json_object_object_add(o, "id", json_object_new_string(text_peek(&id)));
	(void)json_object_object_add(
		o, "attributes", vault_attributes(is_enabled(m->value)));
	(void)json_object_object_add(
		o, "tags", tags ? json_object_get(tags) : json_object_new_object());
	return o;
}

static void fail_disabled(const struct vault_call *c)
{
	vault_forbid(c, "SecretDisabled",
		"Operation get is not allowed on a disabled secret.");
}

static void get_certificate(const struct vault_call *c)
{
	struct vault_item item;

	if (!vault_item_find(c, true, &item))
		vault_fail_unknown(c, "secret", "SecretNotFound");
	else if (vault_item_enabled(&item))
		vault_certificate_secret(c, &item);
	else
		fail_disabled(c);
}

void vault_secret_get(const struct vault_call *c)
{
	struct json_walk m;
	char id[VERSION_SIZE] = "";
	struct json_object *o;
	size_t at;

	if (!vault_member(c->secrets, c->object, &m))
		return get_certificate(c);
	for (at = count_of(m.value); at-- > 0;) {
		vault_version(c, m.name, at, id);
		if (!c->version || text_equal_nocase(id, c->version))
			break;
	}
	if (at == SIZE_MAX)
		return vault_fail_unknown(c, "secret", "SecretNotFound");
	if (!is_enabled(m.value))
		return fail_disabled(c);
	o = json_object_new_object();
	(void)json_object_object_add(
		o, "value", json_object_new_string(value_of(m.value, at)));
	reply_object(c->rp, 200, describe(c, &m, id, o));
}

void vault_secret_list(const struct vault_call *c)
{
	struct json_object *all = json_object_new_array();

	for (struct json_walk m = json_walk(c->secrets); json_next(&m);)
		(void)json_object_array_add(
			all, describe(c, &m, NULL, json_object_new_object()));
	vault_item_add_all(c, true, vault_certificate_secret_row, all);
	vault_give_page(c, all);
}

void vault_secret_versions(const struct vault_call *c)
{
	struct json_object *all = json_object_new_array();
	struct json_walk m;
	struct vault_item item;
	char id[VERSION_SIZE];

	if (vault_member(c->secrets, c->object, &m)) {
		for (size_t i = 0; i < count_of(m.value); i++) {
			vault_version(c, m.name, i, id);
			(void)json_object_array_add(
				all, describe(c, &m, id, json_object_new_object()));
		}
	} else if (vault_item_find(c, true, &item)) {
		vault_item_add_versions(c, &item, vault_certificate_secret_row, all);
	} else {
		json_object_put(all);
		return vault_fail_unknown(c, "secret", "SecretNotFound");
	}
	vault_give_page(c, all);
}
