/* JSON (RFC 8259) as a tree of our own: parsed by json-c in a module, walked without it.
 * SPDX-License-Identifier: MIT */
#include "io/json.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/json_flat.h"

/* A module stays loaded, and finding it again costs more than a small document. */
static const struct json_module *find_module(struct mitok_err *e)
{
	static _Atomic(const struct module *) found;
	const struct module *m = atomic_load(&found);

	if (!m) {
		m = module_find("json", e);
		atomic_store(&found, m);
	}
	return (const struct json_module *)m;
}

enum mitok_code json_parse(
	const char *text, size_t len, struct json **ret, struct mitok_err *e)
{
	struct json *flat = json_flat(text, len);
	const struct json_module *m;

	if (flat) {
		*ret = flat;
		return MITOK_OK;
	}
	m = find_module(e);
	return m ? m->parse(text, len, ret, e) : MITOK_E_CONF;
}

enum mitok_code json_parse_document(
	const char *text, size_t len, struct json **ret, struct mitok_err *e)
{
	const struct json_module *m = find_module(e);

	return m ? m->parse_document(text, len, ret, e) : MITOK_E_CONF;
}

/* Recursion is as deep as the document, which the parser bounds. */
void json_free(struct json *j)
{
	while (j) {
		struct json *next = j->next;

		json_free(j->child);
		secret_wipe(&j->name);
		secret_wipe(&j->text);
		explicit_bzero(j, sizeof(*j));
		free(j);
		j = next;
	}
}

void json_cleanup(struct json **j)
{
	json_free(*j);
	*j = NULL;
}

const struct json *json_member(const struct json *j, const char *name)
{
	if (!j || j->kind != JSON_OBJECT)
		return NULL;
	for (j = j->child; j; j = j->next)
		if (strcmp(secret_peek(&j->name), name) == 0)
			return j;
	return NULL;
}

const char *json_text(const struct json *j)
{
	return j && j->kind == JSON_TEXT ? secret_peek(&j->text) : NULL;
}

bool json_to_number(const struct json *j, int64_t min, int64_t max, int64_t *ret)
{
	const char *text = json_text(j);

	if (text)
		return text_is_digit(*text) && text_to_number(text, min, max, ret);
	if (!j || j->kind != JSON_INT || j->number < min || j->number > max)
		return false;
	*ret = j->number;
	return true;
}

/* The shortest form that reads back as the same number and kind. The host program's
 * locale decides what printf() writes for the point, so anything else than a number's
 * letters is one. */
static void add_double(double real, struct text *ret)
{
	bool is_point = false;
	char s[64];

	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(s, sizeof(s), "%.*g", digits, real);
		if (strtod(s, NULL) >= real && strtod(s, NULL) <= real)
			break;
	}
	for (const char *c = s; *c; c++) {
		bool is_plain = strchr("0123456789+-e", *c);

		if (is_plain)
			text_add_bytes(ret, c, 1);
		else if (!is_point)
			text_add(ret, ".");
		is_point = !is_plain;
	}
	if (s[strspn(s, "-0123456789")] == '\0')
		text_add(ret, ".0");
}

static void add_members(const struct json *j, struct text *ret)
{
	for (const struct json *c = j->child; c; c = c->next) {
		if (c != j->child)
			text_add(ret, ",");
		if (j->kind == JSON_OBJECT) {
			text_add_json(ret, secret_peek(&c->name));
			text_add(ret, ":");
		}
		json_format(c, ret);
	}
}

void json_format(const struct json *j, struct text *ret)
{
	switch (j->kind) {
	case JSON_NULL:
		text_add(ret, "null");
		break;
	case JSON_BOOL:
		text_add(ret, j->number ? "true" : "false");
		break;
	case JSON_INT:
		text_addf(ret, "%lld", (long long)j->number);
		break;
	case JSON_DOUBLE:
		add_double(j->real, ret);
		break;
	case JSON_TEXT:
		text_add_json(ret, secret_peek(&j->text));
		break;
	case JSON_ARRAY:
		text_add(ret, "[");
		add_members(j, ret);
		text_add(ret, "]");
		break;
	case JSON_OBJECT:
		text_add(ret, "{");
		add_members(j, ret);
		text_add(ret, "}");
		break;
	}
}
