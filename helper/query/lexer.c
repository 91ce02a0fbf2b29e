/* The words of an expression, one at a time.
 * SPDX-License-Identifier: MIT */
#include "lexer.h"

#include <string.h>

#include "base/text.h"

// clang-format off
/* The longer before what they begin with. */
static const struct {
	char text[3];
	enum token_kind kind;
} signs[] = {
	{ "[?", TOKEN_FILTER },
	{ "[]", TOKEN_FLATTEN },
	{ "||", TOKEN_OR },
	{ "&&", TOKEN_AND },
	{ "==", TOKEN_EQUAL },
	{ "!=", TOKEN_UNEQUAL },
	{ "<=", TOKEN_LESS_EQUAL },
	{ ">=", TOKEN_MORE_EQUAL },
	{ ".",  TOKEN_DOT },
	{ "*",  TOKEN_STAR },
	{ "[",  TOKEN_BRACKET },
	{ "]",  TOKEN_UNBRACKET },
	{ "{",  TOKEN_BRACE },
	{ "}",  TOKEN_UNBRACE },
	{ "(",  TOKEN_PAREN },
	{ ")",  TOKEN_UNPAREN },
	{ ",",  TOKEN_COMMA },
	{ ":",  TOKEN_COLON },
	{ "@",  TOKEN_CURRENT },
	{ "&",  TOKEN_REFERENCE },
	{ "|",  TOKEN_PIPE },
	{ "!",  TOKEN_NOT },
	{ "<",  TOKEN_LESS },
	{ ">",  TOKEN_MORE },
};
// clang-format on

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct token bad(const struct lexer *l, const char *why)
{
	return (struct token){ .kind = TOKEN_BAD, .at = l->at, .why = why };
}

static struct token take(struct lexer *l, enum token_kind kind, size_t len)
{
	struct token t = {
		.kind = kind, .at = l->at, .text = l->text + l->at, .len = len
	};

	l->at += len;
	return t;
}

/* Up to the same quote again; a backslash takes along what follows it. */
static struct token quoted(struct lexer *l, enum token_kind kind)
{
	const char *start = l->text + l->at;
	size_t left = l->len - l->at, i = 1;
	struct token t;

	while (i < left && start[i] != start[0])
		i += start[i] == '\\' ? 2 : 1;
	if (i >= left)
		return bad(l, "a quote without its end");
	t = take(l, kind, i + 1);
	t.text++;
	t.len -= 2;
	return t;
}

static struct token sign(struct lexer *l)
{
	const char *start = l->text + l->at;
	size_t left = l->len - l->at;

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		size_t len = strlen(signs[i].text);

		if (len <= left && memcmp(start, signs[i].text, len) == 0)
			return take(l, signs[i].kind, len);
	}
	return bad(l, "a character that has no meaning there");
}

static struct token word(struct lexer *l)
{
	const char *start = l->text + l->at;
	size_t left = l->len - l->at, len = 1;

	while (len < left && (is_name_start(start[len]) || text_is_digit(start[len])))
		len++;
	return take(l, TOKEN_NAME, len);
}

static struct token number(struct lexer *l)
{
	const char *start = l->text + l->at;
	size_t left = l->len - l->at, len = 1;

	while (len < left && text_is_digit(start[len]))
		len++;
	if (len == 1 && *start == '-')
		return bad(l, "a '-' without a number");
	return take(l, TOKEN_NUMBER, len);
}

struct token lexer_next(struct lexer *l)
{
	char c;

	while (l->at < l->len && l->text[l->at] && strchr(" \t\r\n", l->text[l->at]))
		l->at++;
	if (l->at == l->len)
		return (struct token){ .kind = TOKEN_END, .at = l->at };
	c = l->text[l->at];
	if (is_name_start(c))
		return word(l);
	if (c == '-' || text_is_digit(c))
		return number(l);
	if (c == '"')
		return quoted(l, TOKEN_QUOTED);
	if (c == '\'')
		return quoted(l, TOKEN_RAW);
	if (c == '`')
		return quoted(l, TOKEN_LITERAL);
	return sign(l);
}
