/* What a scenario may say of vaults: a misspelt member would be a test that tests nothing.
 * SPDX-License-Identifier: MIT */
#include "vault.h"

#include <stdio.h>
#include <string.h>

struct complaint {
	char *why;
	size_t size;
	const char *vault, *name; /* where */
};

static bool complain(const struct complaint *c, const char *what, const char *value)
{
	(void)snprintf(c->why, c->size, "vault '%s'%s%s: %s '%s'", c->vault,
		c->name ? ", " : "", c->name ? c->name : "", what, value);
	return false;
}

/* What a member must be. */
struct member {
	const char *name;
	enum json_type type;
	const char *values; /* blank separated; NULL: any */
	bool of_certificates;
};

// clang-format off
static const struct member members[] = {
	{ "kty",         json_type_string,  "RSA RSA-HSM EC EC-HSM",         false },
	{ "size",        json_type_int,     "2048 3072 4096",                false },
	{ "crv",         json_type_string,  "P-256 P-384 P-521 P-256K",      false },
	{ "enabled",     json_type_boolean, NULL,                            false },
	{ "nbf",         json_type_int,     NULL,                            false },
	{ "exp",         json_type_int,     NULL,                            false },
	{ "key_ops",     json_type_array,   NULL,                            false },
	{ "tags",        json_type_object,  NULL,                            false },
	{ "pem",         json_type_string,  NULL,                            false },
	{ "sans",        json_type_array,   NULL,                            true  },
	{ "subject",     json_type_string,  NULL,                            true  },
	{ "exportable",  json_type_boolean, NULL,                            true  },
	{ "contentType", json_type_string,  "application/x-pem-file application/x-pkcs12", true },
};

static const struct member vault_members[] = {
	{ "secrets",      json_type_object,  NULL, false },
	{ "keys",         json_type_object,  NULL, false },
	{ "certificates", json_type_object,  NULL, false },
	{ "readers",      json_type_array,   NULL, false },
	{ "actions",      json_type_array,   NULL, false },
	{ "tenant",       json_type_string,  NULL, false },
	{ "hsm",          json_type_boolean, NULL, false },
	{ "deny",         json_type_string,
	  "ForbiddenByRbac ForbiddenByPolicy ForbiddenByFirewall ForbiddenByConnection", false },
};
// clang-format on

static bool is_one_of(const char *value, const char *list)
{
	size_t len = strlen(value);

	for (const char *at = list; *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");

		if (word == len && memcmp(at, value, len) == 0)
			return true;
		at += word;
	}
	return false;
}

static bool check_member(
	const struct complaint *c, const struct member *m, const struct json_walk *at)
{
	if (!m)
		return complain(c, "no member", at->name);
	if (!json_object_is_type(at->value, m->type) ||
		(m->values && !is_one_of(json_object_get_string(at->value), m->values)))
		return complain(c, "not understood:", at->name);
	return true;
}

static const struct member *find(const char *name, bool certificate)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (strcmp(members[i].name, name) == 0 &&
			(certificate || !members[i].of_certificates))
			return &members[i];
	return NULL;
}

static bool check_item(
	const struct complaint *c, struct json_object *item, bool certificate)
{
	for (struct json_walk m = json_walk(item); json_next(&m);) {
		if (strcmp(m.name, "versions") != 0) {
			if (!check_member(c, find(m.name, certificate), &m))
				return false;
			continue;
		}
		if (!json_object_is_type(m.value, json_type_array) ||
			!json_object_array_length(m.value))
			return complain(c, "not understood:", m.name);
		for (size_t i = 0; i < json_object_array_length(m.value); i++) {
			struct json_object *v = json_object_array_get_idx(m.value, i);

			if (!json_object_is_type(v, json_type_object) ||
				json_member(v, "versions"))
				return complain(c, "not understood:", m.name);
			if (!check_item(c, v, certificate))
				return false;
		}
	}
	return true;
}

/* "keys" or "certificates". */
static bool check_items(struct complaint c, struct json_object *all, bool certificates)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ-";

	for (struct json_walk m = json_walk(all); json_next(&m);) {
		c.name = m.name;
		if (!*m.name || strlen(m.name) > 127 ||
			strspn(m.name, letters) != strlen(m.name))
			return complain(&c, "no name:", m.name);
		if (!json_object_is_type(m.value, json_type_object))
			return complain(&c, "no object:", m.name);
		if (!check_item(&c, m.value, certificates))
			return false;
	}
	return true;
}

static bool check_vault(const struct complaint *c, struct json_object *vault)
{
	size_t count = sizeof(vault_members) / sizeof(*vault_members);

	for (struct json_walk m = json_walk(vault); json_next(&m);) {
		size_t i = 0;

		while (i < count && strcmp(vault_members[i].name, m.name) != 0)
			i++;
		if (!check_member(c, i < count ? &vault_members[i] : NULL, &m))
			return false;
	}
	if (json_object_get_boolean(json_member(vault, "hsm")) &&
		(json_member(vault, "certificates") || json_member(vault, "secrets")))
		return complain(c, "a Managed HSM has", "keys");
	return check_items(*c, json_member(vault, "keys"), false) &&
		check_items(*c, json_member(vault, "certificates"), true);
}

bool vault_check(struct json_object *vaults, char *why, size_t why_size)
{
	struct complaint c = { .why = why, .size = why_size, .vault = "" };

	if (vaults && !json_object_is_type(vaults, json_type_object))
		return complain(&c, "no object:", "vaults");
	for (struct json_walk m = json_walk(vaults); json_next(&m);) {
		c.vault = m.name;
		if (!json_object_is_type(m.value, json_type_object))
			return complain(&c, "no object:", m.name);
		if (!check_vault(&c, m.value))
			return false;
	}
	return true;
}

bool vault_rotate(struct world *w, const struct params *query, struct json_object *own,
	char *why, size_t why_size)
{
	const char *name = params_get(query, "vault"), *key = params_get(query, "key");
	struct complaint c = { why, why_size, name ? name : "", key ? key : "" };
	struct json_object *vault = json_member(scenario_get(w, NULL, "vaults"), c.vault);
	struct json_object *item = json_member(json_member(vault, "keys"), c.name);
	struct json_object *versions;
	bool certificate = !item;

	if (!item)
		item = json_member(json_member(vault, "certificates"), c.name);
	if (!item)
		return complain(&c, "no key or certificate", c.name);
	if (json_member(own, "versions") || !check_item(&c, own, certificate))
		return complain(&c, "not understood:", "the members of the new version");
	versions = json_member(item, "versions");
	if (!versions) {
		versions = json_object_new_array();
		(void)json_object_array_add(versions, json_object_new_object());
		(void)json_object_object_add(item, "versions", versions);
	}
	(void)json_object_array_add(
		versions, own ? json_object_get(own) : json_object_new_object());
	return true;
}
