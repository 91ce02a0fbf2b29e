/* The module json.so: json-c parses, this copies its tree into ours and wipes json-c's.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "io/json.h"
#include "module/jsonc-scan.h"

/* One document on its way. */
struct parse {
	json_tokener *tokener;
	json_object *root;
	char *filler; /* a JSON string of `longest` bytes, and nothing else in it */
	size_t longest;
	unsigned values; /* copied so far */
	const char *why; /* not to be copied; NULL: no memory */
};

/* One call with the whole text. A bare number ends only with the next byte, hence the
 * second. No other code is looked at: json-c 0.17 numbers them differently. */
static bool feed(struct parse *p, const char *text, size_t len, json_object **ret)
{
	json_tokener_reset(p->tokener);
	*ret = json_tokener_parse_ex(p->tokener, text, (int)len);
	if (json_tokener_get_error(p->tokener) == json_tokener_continue)
		*ret = json_tokener_parse_ex(p->tokener, "", 1);
	return json_tokener_get_error(p->tokener) == json_tokener_success;
}

/* The tokener gathers each text in one growing buffer. Before the document this makes the
 * buffer large enough not to be moved, after it nothing of the document is left in it. */
static bool overwrite_buffer(struct parse *p)
{
	json_object *text;
	bool good = feed(p, p->filler, p->longest + 2, &text);

	(void)json_object_put(text);
	return good;
}

/* A text of the same length goes where the old one was. */
static void wipe_tree(struct parse *p, json_object *o)
{
	size_t n;

	if (json_object_is_type(o, json_type_string)) {
		(void)json_object_set_string_len(
			o, p->filler + 1, json_object_get_string_len(o));
	} else if (json_object_is_type(o, json_type_array)) {
		n = json_object_array_length(o);
		for (size_t i = 0; i < n; i++)
			wipe_tree(p, json_object_array_get_idx(o, i));
	} else if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, value)
		{
			(void)name;
			wipe_tree(p, value);
		}
	}
}

static void parse_done(struct parse *p)
{
	if (p->filler && p->tokener) {
		wipe_tree(p, p->root);
		(void)overwrite_buffer(p);
	}
	(void)json_object_put(p->root);
	if (p->tokener)
		json_tokener_free(p->tokener);
	free(p->filler);
}

static struct json *copy_value(struct parse *p, json_object *o);

/* Appends a copy of o; false: *tail is NULL as before. */
static bool copy_child(
	struct parse *p, json_object *o, const char *name, struct json **tail)
{
	struct json *c = copy_value(p, o);

	if (c && name && !secret_add_text(&c->name, name)) {
		json_free(c);
		c = NULL;
	}
	*tail = c;
	return c != NULL;
}

static bool copy_array(struct parse *p, json_object *o, struct json *to)
{
	size_t n = json_object_array_length(o);
	struct json **tail = &to->child;

	to->kind = JSON_ARRAY;
	for (size_t i = 0; i < n; i++, tail = &(*tail)->next)
		if (!copy_child(p, json_object_array_get_idx(o, i), NULL, tail))
			return false;
	return true;
}

static bool copy_object(struct parse *p, json_object *o, struct json *to)
{
	struct json **tail = &to->child;

	to->kind = JSON_OBJECT;
	json_object_object_foreach(o, name, value)
	{
		if (!copy_child(p, value, name, tail))
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

static bool copy_text(struct parse *p, json_object *o, struct json *to)
{
	const char *s = json_object_get_string(o);
	size_t len = (size_t)json_object_get_string_len(o);

	to->kind = JSON_TEXT;
	if (!s || memchr(s, '\0', len)) {
		p->why = "a NUL in a text";
		return false;
	}
	return secret_add(&to->text, s, len);
}

static bool copy_double(struct parse *p, json_object *o, struct json *to)
{
	to->kind = JSON_DOUBLE;
	to->real = json_object_get_double(o);
	if (isfinite(to->real))
		return true;
	p->why = "a number too large";
	return false;
}

static bool fill(struct parse *p, json_object *o, struct json *to)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		to->kind = JSON_NULL;
		return true;
	case json_type_boolean:
		to->kind = JSON_BOOL;
		to->number = json_object_get_boolean(o) != 0;
		return true;
	case json_type_int:
		to->kind = JSON_INT;
		to->number = json_object_get_int64(o);
		return true;
	case json_type_double:
		return copy_double(p, o, to);
	case json_type_string:
		return copy_text(p, o, to);
	case json_type_array:
		return copy_array(p, o, to);
	case json_type_object:
		return copy_object(p, o, to);
	default:
		p->why = "a value of an unknown kind";
		return false;
	}
}

static const struct scan_limits answer = { (size_t)256 * 1024, 16, 4096, 0 };
static const struct scan_limits document = { (size_t)16 * 1024 * 1024, 256, 200000,
	SCAN_HUGE };

/* Recursion is as deep as scan_json() allowed. */
static struct json *copy_value(struct parse *p, json_object *o)
{
	struct json *to = calloc(1, sizeof(*to));

	if (!to)
		return NULL;
	p->values++;
	if (fill(p, o, to))
		return to;
	json_free(to);
	return NULL;
}

static bool prepare(struct parse *p, size_t longest, const struct scan_limits *limits)
{
	p->longest = longest;
	p->filler = malloc(longest + 2);
	p->tokener = json_tokener_new_ex((int)limits->depth + 2);
	if (!p->filler || !p->tokener)
		return false;
	memset(p->filler, 'x', longest + 2);
	p->filler[0] = p->filler[longest + 1] = '"';
	/* Not STRICT: 0.18 takes every byte beyond ASCII for an error where char is
	 * signed. */
	json_tokener_set_flags(p->tokener, JSON_TOKENER_VALIDATE_UTF8);
	return overwrite_buffer(p);
}

/* With an exponent behind each huge number, which json-c then takes for what is rounded. */
static bool round_huge(
	const char *text, size_t len, const struct scan_result *found, struct secret *ret)
{
	size_t from = 0;

	for (unsigned i = 0; i < found->huge; i++) {
		if (!secret_add(ret, text + from, found->huge_ends[i] - from) ||
			!secret_add_text(ret, "e0"))
			return false;
		from = found->huge_ends[i];
	}
	return secret_add(ret, text + from, len - from);
}

static enum mitok_code parse_within(const struct scan_limits *limits, const char *text,
	size_t len, struct json **ret, struct mitok_err *e)
{
	__attribute__((cleanup(parse_done))) struct parse p = { 0 };
	AUTO_JSON tree = NULL;
	AUTO_SECRET rounded = { 0 };
	struct scan_result found;
	enum mitok_code r = scan_json(text, len, limits, &found, e);

	if (r)
		return r;
	if (found.huge) {
		if (!round_huge(text, len, &found, &rounded))
			return err_set(e, MITOK_E_REPLY,
				"no JSON: a number beyond 64 bits in more than 1 MiB");
		text = secret_peek(&rounded);
		len = rounded.len;
	}
	if (!prepare(&p, found.longest + strlen("e0"), limits))
		return err_memory(e);
	if (!feed(&p, text, len, &p.root))
		return err_set(e, MITOK_E_REPLY, "no JSON: json-c refuses it");
	tree = copy_value(&p, p.root);
	if (!tree && !p.why)
		return err_memory(e);
	if (!tree)
		return err_set(e, MITOK_E_REPLY, "no JSON: %s", p.why);
	/* json-c keeps the last of members with the same name, so that some are missing.
	 */
	if (p.values != found.values && limits == &answer)
		return err_set(
			e, MITOK_E_REPLY, "no JSON: a member stands twice in one object");
	*ret = tree;
	tree = NULL;
	return MITOK_OK;
}

static enum mitok_code parse(
	const char *text, size_t len, struct json **ret, struct mitok_err *e)
{
	return parse_within(&answer, text, len, ret, e);
}

static enum mitok_code parse_document(
	const char *text, size_t len, struct json **ret, struct mitok_err *e)
{
	return parse_within(&document, text, len, ret, e);
}

extern const struct json_module mitok_module_json;

__attribute__((visibility("default"))) const struct json_module mitok_module_json = {
	.module = { .abi = MODULE_ABI },
	.parse = parse,
	.parse_document = parse_document,
};
