/* What all rules of the grammar do: take words, make nodes, refuse.
 * SPDX-License-Identifier: MIT */
#include "parser.h"

struct node *parser_refuse(struct parser *p, const struct token *t, const char *why)
{
	if (p->r)
		return NULL;
	if (t->kind == TOKEN_BAD)
		why = t->why;
	p->r = err_set(p->e, MITOK_E_ARG, "no JMESPath expression: %s, at byte %zu", why,
		t->at + 1);
	return NULL;
}

struct node *parser_lack_memory(struct parser *p)
{
	if (!p->r)
		p->r = err_memory(p->e);
	return NULL;
}

struct node *parser_node(struct parser *p, enum node_kind kind)
{
	struct node *n = arena_take(p->a, sizeof(*n));

	if (!n)
		return parser_lack_memory(p);
	n->kind = kind;
	n->height = 1;
	return n;
}

/* How much deeper than the current value a parent of these makes its own. */
static unsigned lift_of(const struct node *parent, const struct node *child)
{
	unsigned lift = child->lift;

	switch (parent->kind) {
	case NODE_SEQUENCE:
	case NODE_PROJECT:
	case NODE_VALUES:
	case NODE_FILTER:
		return parent->lift + lift;
	case NODE_LIST:
	case NODE_HASH:
	case NODE_CALL:
		lift++;
		break;
	default:
		break;
	}
	return lift > parent->lift ? lift : parent->lift;
}

bool parser_adopt(struct parser *p, struct node *parent, struct node *child)
{
	unsigned height = child->height + 1U, lift = lift_of(parent, child);

	if (height < parent->height)
		height = parent->height;
	if (height > JMESPATH_DEPTH || lift > NODE_LIFT_MAX) {
		(void)parser_refuse(p, &p->now, "too deep");
		return false;
	}
	parent->height = (uint16_t)height;
	parent->lift = (uint16_t)lift;
	if (parent->last)
		parent->last->next = child;
	else
		parent->child = child;
	parent->last = child;
	return true;
}

struct node *parser_adopted(
	struct parser *p, enum node_kind kind, struct node *first, struct node *second)
{
	struct node *n = first && second ? parser_node(p, kind) : NULL;

	return n && parser_adopt(p, n, first) && parser_adopt(p, n, second) ? n : NULL;
}

struct node *parser_chain(
	struct parser *p, enum node_kind kind, struct node *left, struct node *right)
{
	if (!left || !right || left->kind != kind)
		return parser_adopted(p, kind, left, right);
	return parser_adopt(p, left, right) ? left : NULL;
}

struct node *parser_sequence(struct parser *p, struct node *left, struct node *right)
{
	if (left && left->kind == NODE_CURRENT)
		return right;
	return parser_chain(p, NODE_SEQUENCE, left, right);
}

void parser_advance(struct parser *p)
{
	p->now = p->then;
	p->then = lexer_next(&p->lexer);
}

bool parser_take(struct parser *p, enum token_kind kind, const char *why)
{
	if (p->now.kind != kind) {
		(void)parser_refuse(p, &p->now, why);
		return false;
	}
	parser_advance(p);
	return true;
}
