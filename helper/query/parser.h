/* An expression on its way from words to nodes.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_QUERY_PARSER_H
#define MI_TOKEN_HELPER_QUERY_PARSER_H

#include "lexer.h"
#include "node.h"

struct parser {
	struct arena *a;
	struct lexer lexer;
	struct token now, then; /* the word to be taken next, and the one after it */
	unsigned depth;         /* of expressions in each other */
	enum mitok_code r;      /* of the first failure */
	struct mitok_err *e;
};

/* All functions that make a node return NULL when they fail, and the parser knows why. */

/* The expression is wrong: why, and at which byte, counted from 1. */
struct node *parser_refuse(struct parser *p, const struct token *t, const char *why);
struct node *parser_lack_memory(struct parser *p);

struct node *parser_node(struct parser *p, enum node_kind kind) MUST_CHECK;
/* Makes child the last of parent's; false when it becomes too deep. */
bool parser_adopt(struct parser *p, struct node *parent, struct node *child) MUST_CHECK;

/* A node with these two; NULL also when one of them is. */
struct node *parser_adopted(struct parser *p, enum node_kind kind, struct node *first,
	struct node *second) MUST_CHECK;
/* The same, but `a || b || c` is one node with three children: no deeper than two. */
struct node *parser_chain(struct parser *p, enum node_kind kind, struct node *left,
	struct node *right) MUST_CHECK;
struct node *parser_sequence(
	struct parser *p, struct node *left, struct node *right) MUST_CHECK;

void parser_advance(struct parser *p);
/* The next word has to be this one. */
bool parser_take(struct parser *p, enum token_kind kind, const char *why) MUST_CHECK;

/* An expression up to a word that binds no tighter than power. */
struct node *parser_expression(struct parser *p, unsigned power) MUST_CHECK;

/* After the '[' or '{'. */
struct node *parser_list(struct parser *p) MUST_CHECK;
struct node *parser_hash(struct parser *p) MUST_CHECK;
struct node *parser_index(struct parser *p) MUST_CHECK;
struct node *parser_slice(struct parser *p) MUST_CHECK;

/* What quotes hold. */
struct node *parser_raw(struct parser *p, const struct token *t) MUST_CHECK;
struct node *parser_literal(struct parser *p, const struct token *t) MUST_CHECK;
/* A name, quoted or not; NULL as above. */
const char *parser_name(struct parser *p, const struct token *t) MUST_CHECK;
int64_t parser_number(const struct token *t);

#endif
