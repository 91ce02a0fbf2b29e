/* The words of an expression, one at a time.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_QUERY_LEXER_H
#define MI_TOKEN_HELPER_QUERY_LEXER_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,      /* foo */
	TOKEN_QUOTED,    /* "foo" */
	TOKEN_RAW,       /* 'foo' */
	TOKEN_LITERAL,   /* `foo` */
	TOKEN_NUMBER,    /* -1 */
	TOKEN_DOT,       /* . */
	TOKEN_STAR,      /* * */
	TOKEN_FLATTEN,   /* [] */
	TOKEN_FILTER,    /* [? */
	TOKEN_BRACKET,   /* [ */
	TOKEN_UNBRACKET, /* ] */
	TOKEN_BRACE,     /* { */
	TOKEN_UNBRACE,   /* } */
	TOKEN_PAREN,     /* ( */
	TOKEN_UNPAREN,   /* ) */
	TOKEN_COMMA,
	TOKEN_COLON,
	TOKEN_CURRENT,   /* @ */
	TOKEN_REFERENCE, /* & */
	TOKEN_PIPE,      /* | */
	TOKEN_OR,        /* || */
	TOKEN_AND,       /* && */
	TOKEN_NOT,       /* ! */
	TOKEN_EQUAL,
	TOKEN_UNEQUAL,
	TOKEN_LESS,
	TOKEN_LESS_EQUAL,
	TOKEN_MORE,
	TOKEN_MORE_EQUAL,
	TOKEN_BAD, /* none of them: why says what it is */
};

struct token {
	enum token_kind kind;
	size_t at;        /* its first byte */
	const char *text; /* of QUOTED, RAW and LITERAL what stands between the quotes */
	size_t len;
	const char *why; /* BAD */
};

struct lexer {
	const char *text;
	size_t len, at;
};

/* The next one; at the end TOKEN_END, again and again. */
struct token lexer_next(struct lexer *l);

#endif
