/* JMESPath: from an expression's words to its nodes.
 * SPDX-License-Identifier: MIT
 *
 * JMESPath specification, "Grammar". It is ambiguous; how tightly each word binds is what
 * all implementations agree on, and the order of their words in the table below. */
#include "jmespath.h"

#include <string.h>

#include "parser.h"

/* Words that bind less end a projection. */
#define POWER_PROJECTION_ENDS 10

static unsigned power_of(enum token_kind kind);

/* What may follow a dot. */
static struct node *after_dot(struct parser *p, unsigned power)
{
	switch (p->now.kind) {
	case TOKEN_NAME:
	case TOKEN_QUOTED:
	case TOKEN_STAR:
		return parser_expression(p, power);
	case TOKEN_BRACKET:
		parser_advance(p);
		return parser_list(p);
	case TOKEN_BRACE:
		parser_advance(p);
		return parser_hash(p);
	default:
		return parser_refuse(p, &p->now, "no name, '*', '[' or '{' after a '.'");
	}
}

/* What a projection makes of each item. */
static struct node *projected(struct parser *p, unsigned power)
{
	if (power_of(p->now.kind) < POWER_PROJECTION_ENDS)
		return parser_node(p, NODE_CURRENT);
	switch (p->now.kind) {
	case TOKEN_BRACKET:
	case TOKEN_FILTER:
		return parser_expression(p, power);
	case TOKEN_DOT:
		parser_advance(p);
		return after_dot(p, power);
	default:
		return parser_refuse(p, &p->now, "something that cannot follow there");
	}
}

static struct node *project(
	struct parser *p, enum node_kind kind, struct node *left, enum token_kind like)
{
	return left ? parser_adopted(p, kind, left, projected(p, power_of(like))) : NULL;
}

/* Of [1] and [1:2], after the '['. */
static bool is_index(const struct parser *p)
{
	return p->now.kind == TOKEN_NUMBER || p->now.kind == TOKEN_COLON;
}

static struct node *indexed(struct parser *p, struct node *left)
{
	if (p->now.kind == TOKEN_COLON || p->then.kind == TOKEN_COLON)
		return project(p, NODE_PROJECT, parser_sequence(p, left, parser_slice(p)),
			TOKEN_STAR);
	return parser_sequence(p, left, parser_index(p));
}

static struct node *current(struct parser *p, struct token t)
{
	(void)t;
	return parser_node(p, NODE_CURRENT);
}

/* A quoted name is no function's. */
static struct node *field(struct parser *p, struct token t)
{
	struct node *n = parser_node(p, NODE_FIELD);

	if (!n)
		return NULL;
	if (t.kind == TOKEN_QUOTED && p->now.kind == TOKEN_PAREN)
		return parser_refuse(
			p, &t, "a quoted name where a function has its name");
	n->name = parser_name(p, &t);
	return n->name ? n : NULL;
}

static struct node *raw(struct parser *p, struct token t)
{
	return parser_raw(p, &t);
}

static struct node *literal(struct parser *p, struct token t)
{
	return parser_literal(p, &t);
}

static struct node *values(struct parser *p, struct token t)
{
	(void)t;
	return project(p, NODE_VALUES, parser_node(p, NODE_CURRENT), TOKEN_STAR);
}

static struct node *flatten(struct parser *p, struct node *left, struct token t)
{
	struct node *n = parser_node(p, NODE_FLATTEN);

	(void)t;
	if (!n || !parser_adopt(p, n, left))
		return NULL;
	return project(p, NODE_PROJECT, n, TOKEN_FLATTEN);
}

static struct node *flatten_current(struct parser *p, struct token t)
{
	struct node *left = parser_node(p, NODE_CURRENT);

	return left ? flatten(p, left, t) : NULL;
}

static struct node *filter(struct parser *p, struct node *left, struct token t)
{
	struct node *condition = parser_expression(p, 0), *n;

	(void)t;
	if (!condition || !parser_take(p, TOKEN_UNBRACKET, "a filter without ']'"))
		return NULL;
	n = parser_adopted(p, NODE_FILTER, left, condition);
	left = p->now.kind == TOKEN_FLATTEN ? parser_node(p, NODE_CURRENT)
					    : projected(p, power_of(TOKEN_FILTER));
	return n && left && parser_adopt(p, n, left) ? n : NULL;
}

static struct node *filter_current(struct parser *p, struct token t)
{
	struct node *left = parser_node(p, NODE_CURRENT);

	return left ? filter(p, left, t) : NULL;
}

static struct node *bracket(struct parser *p, struct token t)
{
	(void)t;
	if (is_index(p))
		return indexed(p, parser_node(p, NODE_CURRENT));
	if (p->now.kind != TOKEN_STAR || p->then.kind != TOKEN_UNBRACKET)
		return parser_list(p);
	parser_advance(p);
	parser_advance(p);
	return project(p, NODE_PROJECT, parser_node(p, NODE_CURRENT), TOKEN_STAR);
}

static struct node *bracket_after(struct parser *p, struct node *left, struct token t)
{
	(void)t;
	if (is_index(p))
		return indexed(p, left);
	if (!parser_take(p, TOKEN_STAR, "no number, ':' or '*' after a '['") ||
		!parser_take(p, TOKEN_UNBRACKET, "a '[*' without ']'"))
		return NULL;
	return project(p, NODE_PROJECT, left, TOKEN_STAR);
}

static struct node *brace(struct parser *p, struct token t)
{
	(void)t;
	return parser_hash(p);
}

static struct node *paren(struct parser *p, struct token t)
{
	struct node *n = parser_expression(p, 0);

	(void)t;
	return n && parser_take(p, TOKEN_UNPAREN, "a '(' without ')'") ? n : NULL;
}

static struct node *negate(struct parser *p, struct token t)
{
	struct node *n = parser_node(p, NODE_NOT);
	struct node *operand = n ? parser_expression(p, power_of(t.kind)) : NULL;

	return operand && parser_adopt(p, n, operand) ? n : NULL;
}

static struct node *dot(struct parser *p, struct node *left, struct token t)
{
	if (p->now.kind != TOKEN_STAR)
		return parser_sequence(p, left, after_dot(p, power_of(t.kind)));
	parser_advance(p);
	return project(p, NODE_VALUES, left, TOKEN_DOT);
}

static struct node *pipe(struct parser *p, struct node *left, struct token t)
{
	return parser_sequence(p, left, parser_expression(p, power_of(t.kind)));
}

static struct node *either(struct parser *p, struct node *left, struct token t)
{
	enum node_kind kind = t.kind == TOKEN_OR ? NODE_OR : NODE_AND;

	return parser_chain(p, kind, left, parser_expression(p, power_of(t.kind)));
}

static struct node *compare(struct parser *p, struct node *left, struct token t)
{
	struct node *n = parser_adopted(
		p, NODE_COMPARE, left, parser_expression(p, power_of(t.kind)));

	if (n)
		n->comparator = (enum comparator)(t.kind - TOKEN_EQUAL);
	return n;
}

/* Only here can an expression be meant as such. */
static struct node *argument(struct parser *p)
{
	struct node *n, *referred;

	if (p->now.kind != TOKEN_REFERENCE)
		return parser_expression(p, 0);
	parser_advance(p);
	n = parser_node(p, NODE_REFERENCE);
	referred = n ? parser_expression(p, 0) : NULL;
	return referred && parser_adopt(p, n, referred) ? n : NULL;
}

static struct node *call(struct parser *p, struct node *left, struct token t)
{
	struct node *n = parser_node(p, NODE_CALL);

	if (!n)
		return NULL;
	if (left->kind != NODE_FIELD)
		return parser_refuse(p, &t, "a '(' after what is no function's name");
	n->name = left->name;
	n->lift = 1;
	while (p->now.kind != TOKEN_UNPAREN) {
		struct node *one = argument(p);

		if (!one || !parser_adopt(p, n, one))
			return NULL;
		if (p->now.kind != TOKEN_UNPAREN &&
			!parser_take(p, TOKEN_COMMA, "arguments without ',' or ')'"))
			return NULL;
	}
	parser_advance(p);
	return n;
}

// clang-format off
/* How tightly a word binds to what stands before it, what it means at an expression's
 * beginning, and after another. */
static const struct rule {
	unsigned power;
	struct node *(*begins)(struct parser *p, struct token t);
	struct node *(*follows)(struct parser *p, struct node *left, struct token t);
} rules[] = {
	[TOKEN_NAME]       = { 0,  field,           NULL },
	[TOKEN_QUOTED]     = { 0,  field,           NULL },
	[TOKEN_RAW]        = { 0,  raw,             NULL },
	[TOKEN_LITERAL]    = { 0,  literal,         NULL },
	[TOKEN_CURRENT]    = { 0,  current,         NULL },
	[TOKEN_PIPE]       = { 1,  NULL,            pipe },
	[TOKEN_OR]         = { 2,  NULL,            either },
	[TOKEN_AND]        = { 3,  NULL,            either },
	[TOKEN_EQUAL]      = { 5,  NULL,            compare },
	[TOKEN_UNEQUAL]    = { 5,  NULL,            compare },
	[TOKEN_LESS]       = { 5,  NULL,            compare },
	[TOKEN_LESS_EQUAL] = { 5,  NULL,            compare },
	[TOKEN_MORE]       = { 5,  NULL,            compare },
	[TOKEN_MORE_EQUAL] = { 5,  NULL,            compare },
	[TOKEN_FLATTEN]    = { 9,  flatten_current, flatten },
	[TOKEN_STAR]       = { 20, values,          NULL },
	[TOKEN_FILTER]     = { 21, filter_current,  filter },
	[TOKEN_DOT]        = { 40, NULL,            dot },
	[TOKEN_NOT]        = { 45, negate,          NULL },
	[TOKEN_BRACE]      = { 50, brace,           NULL },
	[TOKEN_BRACKET]    = { 55, bracket,         bracket_after },
	[TOKEN_PAREN]      = { 60, paren,           call },
	[TOKEN_BAD]        = { 0,  NULL,            NULL },
};
// clang-format on

static unsigned power_of(enum token_kind kind)
{
	return rules[kind].power;
}

struct node *parser_expression(struct parser *p, unsigned power)
{
	struct token t = p->now;
	struct node *left;

	if (!rules[t.kind].begins)
		return parser_refuse(p, &t,
			t.kind == TOKEN_END
				? "it ends too early"
				: "something that cannot begin an expression");
	if (++p->depth > JMESPATH_DEPTH)
		return parser_refuse(p, &t, "too deep");
	parser_advance(p);
	left = rules[t.kind].begins(p, t);
	while (left && power < power_of(p->now.kind)) {
		t = p->now;
		if (!rules[t.kind].follows)
			return parser_refuse(p, &t, "something that cannot follow there");
		parser_advance(p);
		left = rules[t.kind].follows(p, left, t);
	}
	p->depth--;
	return left;
}

enum mitok_code jmespath_parse(struct arena *a, const char *text, size_t len,
	const struct jmespath **ret, struct mitok_err *e)
{
	struct parser p = { .a = a, .lexer = { text, len, 0 }, .e = e };
	struct jmespath *j;
	const struct node *root;

	if (len > JMESPATH_MAX)
		return err_set(e, MITOK_E_ARG,
			"no JMESPath expression: longer than %zu bytes", JMESPATH_MAX);
	if (memchr(text, '\0', len) || !text_is_utf8(text, len))
		return err_set(e, MITOK_E_ARG, "no JMESPath expression: no UTF-8 text");
	parser_advance(&p);
	parser_advance(&p);
	root = parser_expression(&p, 0);
	if (root && p.now.kind != TOKEN_END)
		root = parser_refuse(&p, &p.now, "something that cannot follow there");
	if (!root)
		return p.r;
	j = arena_take(a, sizeof(*j));
	if (!j)
		return err_memory(e);
	j->root = root;
	*ret = j;
	return MITOK_OK;
}
