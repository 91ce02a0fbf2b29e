/* What stands between an expression's quotes.
 * SPDX-License-Identifier: MIT
 *
 * JMESPath specification: identifiers, literal expressions, raw string literals. */
#include <string.h>

#include "make.h"
#include "parser.h"

/* Takes the backslash from before each of these quotes. */
static const char *without_escapes(
	struct parser *p, const struct token *t, char quote, size_t *ret_len)
{
	char *copy = arena_take(p->a, t->len + 1);

	*ret_len = 0;
	if (!copy)
		return NULL;
	for (size_t i = 0; i < t->len; i++) {
		if (t->text[i] == '\\' && i + 1 < t->len && t->text[i + 1] != quote)
			copy[(*ret_len)++] = t->text[i++];
		else if (t->text[i] == '\\')
			i++;
		copy[(*ret_len)++] = t->text[i];
	}
	return copy;
}

static struct node *literal_node(struct parser *p, const struct value *v)
{
	struct node *n = v ? parser_node(p, NODE_LITERAL) : parser_lack_memory(p);

	if (n) {
		n->literal = v;
		n->lift = (uint16_t)value_depth(v);
	}
	return n;
}

struct node *parser_raw(struct parser *p, const struct token *t)
{
	size_t len;
	const char *text = without_escapes(p, t, '\'', &len);

	return text ? literal_node(p, make_text(p->a, text, len)) : parser_lack_memory(p);
}

/* MITOK_E_REPLY when it is no JSON. */
static enum mitok_code parse_json(
	struct parser *p, const char *text, size_t len, const struct value **ret)
{
	struct mitok_err e = { .code = MITOK_OK };
	AUTO_JSON j = NULL;
	enum mitok_code r = json_parse_document(text, len, &j, &e);

	if (!r)
		*ret = make_from_json(p->a, j, true);
	if (r && r != MITOK_E_REPLY && p->e)
		*p->e = e;
	return r;
}

/* Between quotes of JSON; MITOK_E_REPLY when there is no such string. */
static enum mitok_code parse_quoted(
	struct parser *p, const char *text, size_t len, const struct value **ret)
{
	char *quoted = arena_take(p->a, len + 3);

	if (!quoted)
		return MITOK_OK;
	quoted[0] = quoted[len + 1] = '"';
	memcpy(quoted + 1, text, len);
	return parse_json(p, quoted, len + 2, ret);
}

/* The words and numbers that need no parser. */
static bool find_word(
	struct parser *p, const char *text, size_t len, const struct value **ret)
{
	int64_t number;

	if (len == 4 && memcmp(text, "null", 4) == 0)
		*ret = make_null();
	else if (len == 4 && memcmp(text, "true", 4) == 0)
		*ret = make_bool(true);
	else if (len == 5 && memcmp(text, "false", 5) == 0)
		*ret = make_bool(false);
	else if (len < 18 && (len == 1 || *text != '0') && text_is_digit(*text) &&
		text_to_number(text, 0, INT64_MAX, &number))
		*ret = make_int(p->a, number);
	else
		return false;
	return true;
}

/* What is no JSON is a text, as az takes it too: the language had it so once, and scripts
 * compare with `Succeeded`. */
struct node *parser_literal(struct parser *p, const struct token *t)
{
	const struct value *v = NULL;
	size_t len;
	const char *text = without_escapes(p, t, '`', &len);
	enum mitok_code r = MITOK_OK;

	if (!text)
		return parser_lack_memory(p);
	if (find_word(p, text, len, &v))
		return literal_node(p, v);
	r = parse_json(p, text, len, &v);
	if (r == MITOK_E_REPLY) {
		size_t blank = strspn(text, " \t\r\n\f\v");

		r = parse_quoted(p, text + blank, len - blank, &v);
	}
	if (r == MITOK_E_REPLY)
		return parser_refuse(p, t, "a literal that is no JSON");
	if (r)
		p->r = r;
	return r ? NULL : literal_node(p, v);
}

static bool is_plain(const struct token *t)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->text[i] == '\\' || (unsigned char)t->text[i] < ' ')
			return false;
	return true;
}

static const char *copy_name(struct parser *p, const char *text, size_t len)
{
	const char *name = make_copy(p->a, text, len);

	if (!name)
		(void)parser_lack_memory(p);
	return name;
}

const char *parser_name(struct parser *p, const struct token *t)
{
	const struct value *v = NULL;
	enum mitok_code r;

	if (t->kind == TOKEN_NAME || is_plain(t))
		return copy_name(p, t->text, t->len);
	r = parse_quoted(p, t->text, t->len, &v);
	if (r == MITOK_E_REPLY)
		(void)parser_refuse(p, t, "a quoted name that is no JSON string");
	else if (r)
		p->r = r;
	else if (!v)
		(void)parser_lack_memory(p);
	return v ? v->text : NULL;
}

/* The lexer has seen to the digits; what is too large reaches beyond any array. */
int64_t parser_number(const struct token *t)
{
	bool is_negative = *t->text == '-';
	int64_t n = 0;

	for (size_t i = is_negative; i < t->len; i++) {
		if (n > (INT64_MAX - 9) / 10)
			return is_negative ? INT64_MIN : INT64_MAX;
		n = n * 10 + (t->text[i] - '0');
	}
	return is_negative ? -n : n;
}
