/* Objects of plain texts, which is what most answers are, without json-c: it is worth more
 * than all else that is done with an answer. SPDX-License-Identifier: MIT */
#include "io/json_flat.h"

#include <stdlib.h>

#include "base/eight.h"

/* What is larger is read by json-c. */
#define BYTES_MAX   ((size_t)64 * 1024)
#define MEMBERS_MAX 16

struct flat {
	const char *at, *end;
};

static void skip_blanks(struct flat *f)
{
	while (f->at < f->end &&
		(*f->at == ' ' || *f->at == '\n' || *f->at == '\r' || *f->at == '\t'))
		f->at++;
}

/* With the blanks around it. */
static bool take(struct flat *f, char c)
{
	skip_blanks(f);
	if (f->at == f->end || *f->at != c)
		return false;
	f->at++;
	skip_blanks(f);
	return true;
}

/* Stands for itself, whatever stands beside it. */
static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static bool are_plain(uint64_t x)
{
	return !(x & EIGHT_OF(0x80)) && !eight_has_below(x, 0x20) &&
		!eight_has(x, 0x7f) && !eight_has(x, '"') && !eight_has(x, '\\');
}

static bool take_text(struct flat *f, struct secret *ret)
{
	const char *from;

	if (f->at == f->end || *f->at != '"')
		return false;
	from = ++f->at;
	while (f->end - f->at >= 8 && are_plain(eight_read(f->at)))
		f->at += 8;
	while (f->at < f->end && is_plain(*f->at))
		f->at++;
	return f->at < f->end && *f->at == '"' &&
		secret_add(ret, from, (size_t)(f->at++ - from));
}

static bool take_member(struct flat *f, struct json *ret)
{
	ret->kind = JSON_TEXT;
	return take_text(f, &ret->name) && take(f, ':') && take_text(f, &ret->text);
}

/* Up to the closing brace; no member may stand twice. */
static bool take_members(struct flat *f, struct json *object)
{
	struct json **tail = &object->child;
	unsigned count = 0;

	do {
		struct json *c = calloc(1, sizeof(*c));

		if (!c || ++count > MEMBERS_MAX || !take_member(f, c) ||
			json_member(object, secret_peek(&c->name))) {
			json_free(c);
			return false;
		}
		*tail = c;
		tail = &c->next;
	} while (take(f, ','));
	return take(f, '}');
}

struct json *json_flat(const char *text, size_t len)
{
	struct flat f = { text, text + len };
	struct json *object;

	if (len > BYTES_MAX || !take(&f, '{'))
		return NULL;
	object = calloc(1, sizeof(*object));
	if (!object)
		return NULL;
	object->kind = JSON_OBJECT;
	if ((take(&f, '}') || take_members(&f, object)) && f.at == f.end)
		return object;
	json_free(object);
	return NULL;
}
