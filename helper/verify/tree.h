/* The JSON of a token (RFC 8259), read in place: strict, bounded, and no faster way round it.
 *
 * io/json.h gives every text memory of its own that is wiped; what a token says of itself is
 * no secret, and to read it so would take longer than to verify the signature.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_TREE_H
#define MI_TOKEN_HELPER_VERIFY_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The most values in one token, header and claims together, and how deep they may lie. */
#define TREE_VALUES 1024
#define TREE_DEPTH  8

enum item_kind {
	ITEM_NULL,
	ITEM_BOOL,
	ITEM_NUMBER,
	ITEM_TEXT,
	ITEM_ARRAY,
	ITEM_OBJECT,
};

/* One value. Texts are valid UTF-8 without NUL inside, and NUL-terminated; all are lent from
 * the bytes that were read. */
struct item {
	enum item_kind kind;
	uint32_t name_len, text_len;
	const char *name; /* of an object's member, else NULL */
	const char *
		text; /* ITEM_TEXT decoded; of a number, true, false and null as they stand
			   * there, not terminated; else NULL */
	struct item *child, *next; /* first element or member; sibling */
};

struct tree {
	struct item values[TREE_VALUES]; /* the first `count` of them */
	size_t count;                    /* 0 at first */
};

enum tree_fault {
	TREE_OK,
	TREE_SYNTAX,    /* no JSON, or no UTF-8, or NUL in a text */
	TREE_DUPLICATE, /* a member twice in one object, at any depth */
	TREE_LARGE,     /* too many values, or too deep */
};

/* Reads one object, all of the len bytes but white space around it; bytes[len] is NUL. The
 * bytes change: texts are decoded in place. A name with an escape or a byte beyond ASCII is
 * TREE_SYNTAX, so that
 * no two spellings are the same name. */
enum tree_fault tree_read(
	struct tree *t, char *bytes, size_t len, const struct item **ret) MUST_CHECK;

/* A member of an object; NULL when there is none. */
const struct item *item_member(const struct item *object, const char *name);
bool item_is_text(const struct item *v); /* NULL is none */
/* Whether it is this very text. */
bool item_equals(const struct item *v, const char *text);
/* A number without point, exponent and sign, up to max. */
bool item_to_number(const struct item *v, int64_t max, int64_t *ret) MUST_CHECK;
/* Adds it as compact JSON. */
void item_format(const struct item *v, struct text *ret);

#endif
