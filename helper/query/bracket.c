/* What stands in brackets and braces: lists, objects, indexes, slices.
 * SPDX-License-Identifier: MIT
 *
 * JMESPath specification: multiselect list and hash, index expressions, slices. */
#include "make.h"
#include "parser.h"

struct node *parser_list(struct parser *p)
{
	struct node *n = parser_node(p, NODE_LIST);

	while (n) {
		struct node *item = parser_expression(p, 0);

		if (!item || !parser_adopt(p, n, item))
			return NULL;
		if (p->now.kind == TOKEN_UNBRACKET)
			break;
		if (!parser_take(p, TOKEN_COMMA, "a list without ',' or ']'"))
			return NULL;
	}
	parser_advance(p);
	return n;
}

static struct node *pair(struct parser *p)
{
	struct token t = p->now;
	struct node *n = parser_node(p, NODE_PAIR), *value;

	if (!n)
		return NULL;
	if (t.kind != TOKEN_NAME && t.kind != TOKEN_QUOTED)
		return parser_refuse(p, &t, "no name where a member has its name");
	n->name = parser_name(p, &t);
	if (!n->name)
		return NULL;
	parser_advance(p);
	if (!parser_take(p, TOKEN_COLON, "a member's name without ':'"))
		return NULL;
	value = parser_expression(p, 0);
	return value && parser_adopt(p, n, value) ? n : NULL;
}

/* Of members with the same name the last counts, at the place of the first. */
static struct node *place_pairs(struct parser *p, struct node *hash, size_t count)
{
	const char **names = arena_take(p->a, count * sizeof(*names));
	size_t *places = arena_take(p->a, 2 * count * sizeof(*places));
	size_t i = 0, unique;

	if (!names || !places)
		return parser_lack_memory(p);
	for (struct node *n = hash->child; n; n = n->next)
		names[i++] = n->name;
	make_places(names, count, places, places + count, &unique);
	i = 0;
	for (struct node *n = hash->child; n; n = n->next)
		n->number = (int64_t)places[i++];
	hash->number = (int64_t)unique;
	return hash;
}

struct node *parser_hash(struct parser *p)
{
	struct node *n = parser_node(p, NODE_HASH);
	size_t count = 0;

	while (n) {
		struct node *member = pair(p);

		if (!member || !parser_adopt(p, n, member))
			return NULL;
		count++;
		if (p->now.kind == TOKEN_UNBRACE)
			break;
		if (!parser_take(p, TOKEN_COMMA, "an object without ',' or '}'"))
			return NULL;
	}
	parser_advance(p);
	return n ? place_pairs(p, n, count) : NULL;
}

struct node *parser_index(struct parser *p)
{
	struct node *n = parser_node(p, NODE_INDEX);

	if (!n)
		return NULL;
	n->number = parser_number(&p->now);
	parser_advance(p);
	return parser_take(p, TOKEN_UNBRACKET, "an index without ']'") ? n : NULL;
}

/* One of [start:stop:step]; none of them must be there. */
static bool bound(struct parser *p, bool *ret_has, int64_t *ret)
{
	*ret_has = p->now.kind == TOKEN_NUMBER;
	if (*ret_has) {
		*ret = parser_number(&p->now);
		parser_advance(p);
	}
	return p->now.kind == TOKEN_COLON || p->now.kind == TOKEN_UNBRACKET;
}

struct node *parser_slice(struct parser *p)
{
	struct node *n = parser_node(p, NODE_SLICE);
	struct slice *s = arena_take(p->a, sizeof(*s));
	bool has_step = false, is_good;

	if (!n || !s)
		return parser_lack_memory(p);
	s->step = 1;
	is_good = bound(p, &s->has_start, &s->start) && p->now.kind == TOKEN_COLON;
	if (is_good) {
		parser_advance(p);
		is_good = bound(p, &s->has_stop, &s->stop);
	}
	if (is_good && p->now.kind == TOKEN_COLON) {
		parser_advance(p);
		is_good = bound(p, &has_step, &s->step);
	}
	if (!is_good || p->now.kind != TOKEN_UNBRACKET)
		return parser_refuse(p, &p->now, "a slice without ']'");
	parser_advance(p);
	n->slice = s;
	return n;
}
