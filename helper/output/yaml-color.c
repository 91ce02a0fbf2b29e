/* yamlc on terminals: the tokens that pygments' lexer for YAML sees in what we print, errors
 * of its own included.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "format.h"

enum state {
	ROOT,   /* between lines */
	INDENT, /* blanks and - ? : at the start of a line */
	LINE,
	PLAIN,
	PLAIN_LINE, /* a plain text goes on, or not */
	SINGLE,
	DOUBLE,
};

struct lexer {
	struct writer *w;
	const char *start, *p, *end;
	enum state state;
	size_t indent, next; /* the block's, and the one that may begin */
	bool has_indent;
	size_t outer[2 * FORMAT_DEPTH + 4]; /* indents around it, plus 1; 0: none */
	size_t depth;
};

static void token(struct lexer *l, enum format_color color, const char *to)
{
	if (to > l->p)
		format_token(l->w, color, l->p, (size_t)(to - l->p));
	l->p = to;
}

static const char *blanks(const struct lexer *l)
{
	const char *p = l->p;

	while (p < l->end && *p == ' ')
		p++;
	return p;
}

static bool at_end(const struct lexer *l, const char *p)
{
	return p >= l->end || *p == '\n';
}

/* A blank or the line's end is there. */
static bool is_gap(const struct lexer *l, const char *p)
{
	return at_end(l, p) || *p == ' ';
}

static bool is_space(const struct lexer *l, const char *p)
{
	uint32_t c;

	if (p >= l->end || ((unsigned char)*p & 0xc0) == 0x80)
		return false; /* inside of a character */
	(void)format_char(p, l->end, &c);
	return format_is_space(c);
}

static bool at_start(const struct lexer *l)
{
	return l->p == l->start || l->p[-1] == '\n';
}

/* What no rule knows; an end of line leads out of everything. */
static void error(struct lexer *l)
{
	uint32_t c;

	if (*l->p == '\n') {
		l->state = ROOT;
		token(l, COLOR_SPACE, l->p + 1);
		return;
	}
	token(l, COLOR_ERROR, l->p + format_char(l->p, l->end, &c));
}

static void line_ends(struct lexer *l)
{
	const char *p = l->p;

	while (p < l->end && *p == '\n')
		p++;
	token(l, COLOR_SPACE, p);
}

/* A block begins here when it is further in than the last one. */
static void open_block(struct lexer *l)
{
	if (l->has_indent && l->indent >= l->next)
		return;
	if (l->depth < sizeof(l->outer) / sizeof(*l->outer))
		l->outer[l->depth++] = l->has_indent ? l->indent + 1 : 0;
	l->indent = l->next;
	l->has_indent = true;
}

/* Blanks at the start of a line end the blocks that are further in; what is then too much
 * is a token of its own. */
static void close_blocks(struct lexer *l, const char *to)
{
	size_t outer;

	l->next = (size_t)(to - l->p);
	if (!l->has_indent || l->next >= l->indent)
		return;
	while (l->has_indent && l->next < l->indent && l->depth) {
		outer = l->outer[--l->depth];
		l->has_indent = outer;
		l->indent = outer ? outer - 1 : 0;
	}
	if (l->has_indent && l->next > l->indent)
		token(l, COLOR_SPACE, l->p + l->indent);
}

static void lex_root(struct lexer *l)
{
	const char *to = blanks(l);

	if (*l->p == '\n') {
		line_ends(l);
	} else if (at_start(l) && l->end - l->p >= 3 &&
		(!strncmp(l->p, "---", 3) || !strncmp(l->p, "...", 3)) &&
		is_gap(l, l->p + 3)) {
		l->depth = l->next = 0;
		l->has_indent = false;
		token(l, COLOR_NAMESPACE, l->p + 3);
		l->state = LINE;
	} else if (at_end(l, to)) {
		token(l, COLOR_SPACE, to);
	} else if (is_space(l, to)) {
		error(l);
	} else {
		close_blocks(l, to);
		token(l, COLOR_SPACE, to);
		l->state = INDENT;
	}
}

static bool is_mark(const struct lexer *l, const char *p)
{
	return p < l->end && strchr("?:-", *p) && is_gap(l, p + 1);
}

static void lex_indent(struct lexer *l)
{
	const char *to = blanks(l);

	if (at_end(l, to)) {
		token(l, COLOR_SPACE, to);
		l->state = ROOT;
	} else if (to == l->p && is_mark(l, to)) {
		open_block(l);
		l->next++;
		token(l, COLOR_NONE, to + 1);
	} else {
		if (!is_mark(l, to))
			l->state = LINE;
		l->next += (size_t)(to - l->p);
		token(l, COLOR_SPACE, to);
	}
}

/* The last : of a name that has no other indicators; NULL: this is no name. */
static const char *name_end(const struct lexer *l)
{
	const char *p, *found = NULL;

	for (p = l->p; p < l->end && !strchr("#,?[]{}\"'\n", *p); p++) {
		if (*p == ':' && p > l->p && is_gap(l, p + 1))
			found = p;
	}
	return found;
}

static const char *word_end(const struct lexer *l)
{
	const char *p = l->p + 1;
	uint32_t c = 0;
	size_t n;

	for (; p < l->end; p += n) {
		n = format_char(p, l->end, &c);
		if (c < 0x80 && !text_is_digit((char)c) && (c | 32) - 'a' > 25 &&
			c != '_' && c != '-')
			break;
	}
	return p;
}

static void lex_line(struct lexer *l)
{
	const char *to = blanks(l), *colon = name_end(l);
	const char c = *l->p;

	if (at_end(l, to)) {
		token(l, COLOR_SPACE, to);
		l->state = ROOT;
	} else if (to > l->p) {
		token(l, COLOR_SPACE, to);
	} else if (colon || (c == ':' && is_gap(l, to + 1))) {
		if (colon)
			token(l, COLOR_TAG, colon);
		open_block(l);
		token(l, COLOR_NONE, l->p + 1);
	} else if (c == '&' || c == '*') {
		token(l, c == '&' ? COLOR_NONE : COLOR_VARIABLE, word_end(l));
	} else if (strchr("[]{}", c)) {
		token(l, COLOR_NONE, to + 1);
	} else if (c == '\'' || c == '"') {
		token(l, COLOR_TEXT, to + 1);
		l->state = c == '"' ? DOUBLE : SINGLE;
	} else if (is_space(l, to) || strchr(",#!|>%@`", c) ||
		(strchr("?:-", c) && (to + 1 >= l->end || is_space(l, to + 1)))) {
		error(l);
	} else {
		l->state = PLAIN;
	}
}

static void lex_plain(struct lexer *l)
{
	const char *to = blanks(l);

	if (to < l->end && *to == ':' && is_gap(l, to + 1)) {
		token(l, COLOR_SPACE, to);
		l->state = LINE;
	} else if (*l->p == '\n') {
		line_ends(l);
		l->state = PLAIN_LINE;
	} else if (to > l->p) {
		token(l, at_end(l, to) ? COLOR_SPACE : COLOR_NONE, to);
	} else {
		while (to < l->end && !is_space(l, to) &&
			(*to != ':' || !is_space(l, to + 1)))
			to++;
		if (to == l->p)
			error(l);
		else
			token(l, COLOR_NONE, to);
	}
}

static void lex_plain_line(struct lexer *l)
{
	const char *to = blanks(l);

	if (*l->p == '\n') {
		line_ends(l);
	} else if ((l->end - l->p >= 3 &&
			   (!strncmp(l->p, "---", 3) || !strncmp(l->p, "...", 3))) ||
		(l->has_indent && (size_t)(to - l->p) <= l->indent)) {
		l->state = ROOT;
	} else {
		token(l, COLOR_SPACE, to);
		l->state = PLAIN;
	}
}

/* How long the escape at p is; 0: none. */
static size_t escape(const struct lexer *l)
{
	const char *letter;
	static const char letters[] = "xuU";
	static const size_t lengths[] = { 4, 6, 10 };

	if (l->end - l->p < 2)
		return 0;
	letter = strchr(letters, l->p[1]);
	return letter ? lengths[letter - letters] : 2;
}

static void lex_quoted(struct lexer *l)
{
	const char quote = l->state == DOUBLE ? '"' : '\'';
	const char *to = blanks(l);

	if (*l->p == '\n') {
		line_ends(l);
	} else if (to > l->p) {
		token(l, at_start(l) || at_end(l, to) ? COLOR_SPACE : COLOR_VARIABLE, to);
	} else if (*l->p == '\\' && quote == '"' && escape(l)) {
		token(l, COLOR_TEXT, l->p + escape(l));
	} else if (*l->p == quote) {
		if (quote == '\'' && to + 1 < l->end && to[1] == '\'')
			to++;
		else
			l->state = LINE;
		token(l, COLOR_TEXT, to + 1);
	} else {
		while (to < l->end && !is_space(l, to) && *to != quote &&
			(*to != '\\' || quote != '"'))
			to++;
		if (to == l->p)
			error(l);
		else
			token(l, COLOR_TEXT, to);
	}
}

void format_yaml_color(struct writer *w, const char *s, size_t len)
{
	static void (*const lex[])(struct lexer *) = {
		[ROOT] = lex_root,
		[INDENT] = lex_indent,
		[LINE] = lex_line,
		[PLAIN] = lex_plain,
		[PLAIN_LINE] = lex_plain_line,
		[SINGLE] = lex_quoted,
		[DOUBLE] = lex_quoted,
	};
	struct lexer l = { .w = w, .start = s, .p = s, .end = s + len, .state = ROOT };

	w->color = true;
	while (l.p < l.end && !w->failed)
		lex[l.state](&l);
}
