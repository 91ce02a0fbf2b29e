/* JSON (RFC 8259) as a tree of our own: parsed by json-c in a module, walked without it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_JSON_H
#define MI_TOKEN_IO_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/text.h"
#include "io/module.h"

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_DOUBLE,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* One value. Texts are in struct secret because an answer may hold a token. */
struct json {
	enum json_kind kind;
	struct secret name; /* of an object's member, else empty */
	struct secret text; /* JSON_TEXT: the bytes, valid UTF-8, none of them NUL */
	int64_t number;     /* JSON_INT, and 0 or 1 of JSON_BOOL */
	double real;        /* JSON_DOUBLE, finite */
	struct json *child; /* first element or member */
	struct json *next;  /* sibling, in the order of the document */
};

/* Parses one document, all of len bytes but white space around it. Refused with
 * MITOK_E_REPLY: deeper than 16, more than 4096 values, invalid UTF-8, NUL in a text,
 * NaN and Infinity, trailing bytes, a member twice in one object. On MITOK_OK gives *ret
 * to the caller. */
enum mitok_code json_parse(
	const char *text, size_t len, struct json **ret, struct mitok_err *e) MUST_CHECK;
/* The same for what people hand us and services list: up to 16 MiB, 256 deep, 200,000
 * values, and of a member that stands twice the last counts. */
enum mitok_code json_parse_document(
	const char *text, size_t len, struct json **ret, struct mitok_err *e) MUST_CHECK;
/* Wipes and frees the tree; j may be NULL. */
void json_free(struct json *j);
void json_cleanup(struct json **j);
#define AUTO_JSON __attribute__((cleanup(json_cleanup))) struct json *

/* A member of an object; NULL when j is NULL, no object, or has none of that name. */
const struct json *json_member(const struct json *j, const char *name);
/* The text of a JSON_TEXT, lent; NULL for anything else. */
const char *json_text(const struct json *j);
/* A JSON_INT, or a JSON_TEXT that is all decimal digits, within min..max. */
bool json_to_number(
	const struct json *j, int64_t min, int64_t max, int64_t *ret) MUST_CHECK;
/* Adds j as compact JSON. */
void json_format(const struct json *j, struct text *ret);

/* The module json.so: struct module first, then the parsers behind json_parse() and
 * json_parse_document(). */
struct json_module {
	struct module module;
	enum mitok_code (*parse)(
		const char *text, size_t len, struct json **ret, struct mitok_err *e);
	enum mitok_code (*parse_document)(
		const char *text, size_t len, struct json **ret, struct mitok_err *e);
};

#endif
