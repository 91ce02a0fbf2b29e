/* What an expression consists of: each node makes a value from the current one.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_QUERY_NODE_H
#define MI_TOKEN_HELPER_QUERY_NODE_H

#include "jmespath.h"

enum node_kind {
	NODE_CURRENT, /* the value itself: `@`, and what is left out */
	NODE_FIELD,   /* name */
	NODE_LITERAL, /* literal */
	NODE_INDEX,   /* number */
	NODE_SLICE,   /* slice */
	NODE_SEQUENCE, /* each child works on what the one before found: `.`, `|`, `x[0]` */
	NODE_PROJECT, /* an array, what is made of each item */
	NODE_VALUES,  /* an object, what is made of each member's value */
	NODE_FILTER,  /* an array, the condition, what is made of each item */
	NODE_FLATTEN, /* an array */
	NODE_LIST,    /* the items */
	NODE_HASH,    /* pairs; number is how many different names there are */
	NODE_PAIR,    /* name and value of a member; number is its place */
	NODE_OR,      /* the first that is true, or the last */
	NODE_AND,     /* the first that is false, or the last */
	NODE_NOT,
	NODE_COMPARE,   /* comparator and two sides */
	NODE_CALL,      /* name and arguments */
	NODE_REFERENCE, /* `&`: an argument that the function evaluates */
};

enum comparator {
	COMPARE_EQUAL,
	COMPARE_UNEQUAL,
	COMPARE_LESS,
	COMPARE_LESS_EQUAL,
	COMPARE_MORE,
	COMPARE_MORE_EQUAL,
};

struct slice {
	bool has_start, has_stop;
	int64_t start, stop, step;
};

struct node {
	enum node_kind kind;
	uint16_t height; /* of the tree below: evaluation recurses so deep */
	uint16_t lift;   /* by so much values can become deeper than the current one */
	struct node *child, *last, *next;
	union {
		const char *name; /* FIELD, PAIR, CALL: ended by NUL */
		const struct value *literal;
		const struct slice *slice;
		enum comparator comparator;
	};
	int64_t number;
};
/* More than any sensible query has; bounds the recursion over what a query makes, together
 * with the depth of documents. */
#define NODE_LIFT_MAX 700

struct jmespath {
	const struct node *root;
};

#endif
