/* The JSON of a token (RFC 8259), read in place: strict, bounded.
 * SPDX-License-Identifier: MIT */
#include "tree.h"

#include <string.h>

struct reader {
	struct tree *tree;
	char *at, *end; /* *end is NUL, which no value goes over */
	unsigned depth;
	enum tree_fault fault; /* set by whoever gives up first; TREE_OK: TREE_SYNTAX */
};

static bool give_up(struct reader *r, enum tree_fault fault)
{
	if (r->fault == TREE_OK)
		r->fault = fault;
	return false;
}

static void skip_blanks(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')
		r->at++;
}

static bool take(struct reader *r, char c)
{
	if (*r->at != c || r->at == r->end)
		return false;
	r->at++;
	return true;
}

/* Whether a char is signed is for the machine to say: on ARM it is not. */
static bool is_high(char c)
{
	return (unsigned char)c >= 0x80;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20;
}

/* Of a text, what stands for itself and can be taken at once. */
static bool is_plain(char c)
{
	return !is_control(c) && !is_high(c) && c != '"' && c != '\\';
}

/* Whether eight bytes are plain, at once: not below 0x20, nor 0x80 and above, nor one of the two.
 * Each difference borrows from the highest bit of its byte. */
static bool is_plain_word(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t word, quote, backslash;

	memcpy(&word, at, sizeof(word));
	quote = word ^ (ones * '"');
	backslash = word ^ (ones * '\\');
	return !((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) &
		high);
}

static char *skip_plain(char *at, const char *end)
{
	while (end - at >= 8 && is_plain_word(at))
		at += 8;
	while (is_plain(*at))
		at++;
	return at;
}

/* Four hex digits behind "\u"; -1 when they are none. NUL ends them. */
static int read_unit(struct reader *r)
{
	int unit = 0;

	for (int i = 0; i < 4; i++, r->at++) {
		int digit = text_hex_digit(*r->at);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* A code point, of one escape or of a pair (RFC 8259, section 7); -1: none, or NUL. */
static long read_code(struct reader *r)
{
	int first = read_unit(r), second;

	if (first <= 0 || (first >= 0xdc00 && first <= 0xdfff))
		return -1;
	if (first < 0xd800 || first > 0xdbff)
		return first;
	if (!take(r, '\\') || !take(r, 'u'))
		return -1;
	second = read_unit(r);
	if (second < 0xdc00 || second > 0xdfff)
		return -1;
	return 0x10000L + ((first - 0xd800L) << 10) + (second - 0xdc00);
}

/* Never more bytes than the escape has. */
static char *write_code(char *to, long code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 63));
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 63));
		*to++ = (char)(0x80 | (code & 63));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 63));
		*to++ = (char)(0x80 | (code >> 6 & 63));
		*to++ = (char)(0x80 | (code & 63));
	}
	return to;
}

/* Behind the backslash; NULL when it is no escape. */
static char *read_escape(struct reader *r, char *to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char *found;
	long code;

	if (take(r, 'u')) {
		code = read_code(r);
		return code < 0 ? NULL : write_code(to, code);
	}
	found = *r->at ? strchr(from, *r->at) : NULL;
	if (!found)
		return NULL;
	r->at++;
	*to = into[found - from];
	return to + 1;
}

/* A text with escapes or bytes beyond ASCII, from its first such byte on. */
static bool read_hard_text(struct reader *r, const char *from, char *to)
{
	bool has_high = false;

	while (*r->at != '"') {
		if (take(r, '\\')) {
			to = read_escape(r, to);
			if (!to)
				return false;
			continue;
		}
		if (is_control(*r->at)) /* as NUL at the end is */
			return false;
		has_high = has_high || is_high(*r->at);
		*to++ = *r->at++;
	}
	*to = '\0';
	r->at++;
	return !has_high || text_is_utf8(from, (size_t)(to - from));
}

/* Behind the opening quote. */
static bool read_text(struct reader *r, const char **ret, uint32_t *ret_len)
{
	char *from = r->at;

	r->at = skip_plain(from, r->end);
	*ret = from;
	if (*r->at == '"') {
		*ret_len = (uint32_t)(r->at - from);
		*r->at++ = '\0';
		return true;
	}
	if (!read_hard_text(r, from, r->at))
		return give_up(r, TREE_SYNTAX);
	*ret_len = (uint32_t)strlen(from);
	return true;
}

static bool skip_digits(struct reader *r)
{
	if (!text_is_digit(*r->at))
		return false;
	while (text_is_digit(*r->at))
		r->at++;
	return true;
}

/* RFC 8259, section 6. */
static bool read_number(struct reader *r, struct item *v)
{
	v->text = r->at;
	v->kind = ITEM_NUMBER;
	(void)take(r, '-');
	if (!take(r, '0') && !skip_digits(r))
		return false;
	if (take(r, '.') && !skip_digits(r))
		return false;
	if (take(r, 'e') || take(r, 'E')) {
		if (!take(r, '+'))
			(void)take(r, '-');
		if (!skip_digits(r))
			return false;
	}
	v->text_len = (uint32_t)(r->at - v->text);
	return true;
}

static bool read_word(struct reader *r, struct item *v)
{
	static const struct {
		const char *word;
		enum item_kind kind;
	} rows[] = {
		{ "true", ITEM_BOOL },
		{ "false", ITEM_BOOL },
		{ "null", ITEM_NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_starts(r->at, rows[i].word)) {
			v->kind = rows[i].kind;
			v->text = r->at;
			v->text_len = (uint32_t)strlen(rows[i].word);
			r->at += v->text_len;
			return true;
		}
	return false;
}

static bool read_name(struct reader *r, struct item *v)
{
	if (!take(r, '"'))
		return false;
	v->name = r->at;
	r->at = skip_plain(r->at, r->end);
	v->name_len = (uint32_t)(r->at - v->name);
	if (*r->at != '"')
		return false;
	*r->at++ = '\0';
	skip_blanks(r);
	if (!take(r, ':'))
		return false;
	skip_blanks(r);
	return true;
}

static bool is_twice(const struct item *object, const struct item *v)
{
	for (const struct item *c = object->child; c != v; c = c->next)
		if (c->name_len == v->name_len && *c->name == *v->name &&
			memcmp(c->name, v->name, v->name_len) == 0)
			return true;
	return false;
}

static bool read_member_name(struct reader *r, const struct item *object, struct item *v)
{
	if (!read_name(r, v))
		return false;
	return is_twice(object, v) ? give_up(r, TREE_DUPLICATE) : true;
}

static struct item *new_item(struct reader *r)
{
	struct item *v;

	if (r->tree->count == TREE_VALUES) {
		(void)give_up(r, TREE_LARGE);
		return NULL;
	}
	v = &r->tree->values[r->tree->count++];
	*v = (struct item){ .kind = ITEM_NULL };
	return v;
}

static bool read_value(struct reader *r, struct item *v);

/* Elements or members, behind the opening bracket. */
static bool read_children(struct reader *r, struct item *v, char close)
{
	struct item **tail = &v->child;

	skip_blanks(r);
	if (take(r, close))
		return true;
	for (;; tail = &(*tail)->next) {
		struct item *c = *tail = new_item(r);

		if (!c)
			return false;
		skip_blanks(r);
		if (v->kind == ITEM_OBJECT && !read_member_name(r, v, c))
			return false;
		if (!read_value(r, c))
			return false;
		skip_blanks(r);
		if (take(r, close))
			return true;
		if (!take(r, ','))
			return false;
	}
}

static bool read_nested(struct reader *r, struct item *v, char close)
{
	bool good;

	if (r->depth == TREE_DEPTH)
		return give_up(r, TREE_LARGE);
	r->depth++;
	v->kind = close == '}' ? ITEM_OBJECT : ITEM_ARRAY;
	good = read_children(r, v, close);
	r->depth--;
	return good;
}

static bool read_value(struct reader *r, struct item *v)
{
	if (take(r, '"')) {
		v->kind = ITEM_TEXT;
		return read_text(r, &v->text, &v->text_len);
	}
	if (text_is_digit(*r->at) || *r->at == '-')
		return read_number(r, v);
	if (take(r, '{'))
		return read_nested(r, v, '}');
	if (take(r, '['))
		return read_nested(r, v, ']');
	return read_word(r, v);
}

enum tree_fault tree_read(
	struct tree *t, char *bytes, size_t len, const struct item **ret)
{
	struct reader r = { .tree = t, .at = bytes, .end = bytes + len };
	struct item *root = new_item(&r);
	bool good;

	skip_blanks(&r);
	good = root && take(&r, '{') && read_nested(&r, root, '}');
	skip_blanks(&r);
	if (good && r.at == r.end) {
		*ret = root;
		return TREE_OK;
	}
	return r.fault == TREE_OK ? TREE_SYNTAX : r.fault;
}

const struct item *item_member(const struct item *object, const char *name)
{
	size_t len = strlen(name);

	for (const struct item *c = object->child; c; c = c->next)
		if (c->name_len == len && *c->name == *name &&
			memcmp(c->name, name, len) == 0)
			return c;
	return NULL;
}

bool item_is_text(const struct item *v)
{
	return v && v->kind == ITEM_TEXT;
}

bool item_equals(const struct item *v, const char *text)
{
	return item_is_text(v) && strcmp(v->text, text) == 0;
}

bool item_to_number(const struct item *v, int64_t max, int64_t *ret)
{
	int64_t n = 0;

	/* 15 digits are as many as a double of JavaScript's keeps. */
	if (!v || v->kind != ITEM_NUMBER || v->text_len > 15)
		return false;
	for (uint32_t i = 0; i < v->text_len; i++) {
		if (!text_is_digit(v->text[i]))
			return false;
		n = n * 10 + (v->text[i] - '0');
	}
	*ret = n;
	return n <= max;
}

static void format_children(const struct item *v, struct text *ret)
{
	for (const struct item *c = v->child; c; c = c->next) {
		if (c != v->child)
			text_add(ret, ",");
		if (v->kind == ITEM_OBJECT) {
			text_add_json(ret, c->name);
			text_add(ret, ":");
		}
		item_format(c, ret);
	}
}

void item_format(const struct item *v, struct text *ret)
{
	switch (v->kind) {
	case ITEM_TEXT:
		text_add_json(ret, v->text);
		return;
	case ITEM_ARRAY:
	case ITEM_OBJECT:
		text_add(ret, v->kind == ITEM_ARRAY ? "[" : "{");
		format_children(v, ret);
		text_add(ret, v->kind == ITEM_ARRAY ? "]" : "}");
		return;
	default:
		text_add_bytes(ret, v->text, v->text_len);
	}
}
