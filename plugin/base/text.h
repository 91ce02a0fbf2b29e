/* Texts that are no secrets: growing buffers, strict parsers, locale-free predicates.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_TEXT_H
#define MI_TOKEN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A growing text. Zero is empty. A failed allocation is remembered: the adders become
 * no-ops, and text_ok() tells at the end. At most TEXT_MAX bytes. */
struct text {
	char *p;
	size_t len, cap;
	bool failed;
};
#define TEXT_MAX ((size_t)1024 * 1024)

void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const char *s, size_t len);
void text_addf(struct text *t, const char *fmt, ...) ERR_PRINTF(2, 3);
/* Percent-encodes all but RFC 3986's unreserved characters. */
void text_add_url(struct text *t, const char *s);
/* A URL for people to see: without its user, query and fragment, where secrets are. */
void text_add_shown_url(struct text *t, const char *url);
/* Adds a JSON string with its quotes (RFC 8259); s must be UTF-8. */
void text_add_json(struct text *t, const char *s);
/* Adds s as one word of a shell's command line (POSIX, "Shell Command Language", 2.2.2), in
 * quotes where they are needed; control characters become '?'. */
void text_add_word(struct text *t, const char *s);
bool text_ok(const struct text *t) MUST_CHECK;
const char *text_peek(const struct text *t); /* lent until the next change; never NULL */
char *text_move(struct text *t);             /* gives the heap string, NULL when failed */
void text_free(struct text *t);

#define AUTO_TEXT __attribute__((cleanup(text_free))) struct text

/* free() for `AUTO_FREE char *p`. */
void text_cleanup_free(void *pointer_to_pointer);
#define AUTO_FREE __attribute__((cleanup(text_cleanup_free)))

/* In place: control characters and bytes that are no UTF-8 become '?', and what begins like
 * a JWT "***": sentences quote options and answers, where one may have strayed to. */
void text_clean(char *s);
bool text_is_utf8(const char *s, size_t len);
/* True when s has a control character (0-31, 127). */
bool text_has_control(const char *s);

bool text_is_digit(char c);
int text_hex_digit(char c); /* its value, -1 when it is none */
char text_lower(char c);
bool text_equal_nocase(const char *a, const char *b); /* ASCII only */
bool text_starts(const char *s, const char *prefix);
bool text_starts_nocase(const char *s, const char *prefix);
bool text_ends_nocase(const char *s, const char *suffix);
/* 8-4-4-4-12 hex digits, nothing else. */
bool text_is_guid(const char *s);

/* Copies at most size - 1 bytes. false: did not fit, and dst holds "". */
bool text_copy(char *dst, size_t size, const char *src) MUST_CHECK;
#define TEXT_COPY(dst, src) text_copy(dst, sizeof(dst), src)

/* All of s is a decimal number (one '-' allowed) within min..max. */
bool text_to_number(const char *s, int64_t min, int64_t max, int64_t *ret) MUST_CHECK;
/* A time span with its unit: "250ms", "5s", "2m", "1h"; 1 ms to 24 h. */
bool text_to_ms(const char *s, int64_t *ret) MUST_CHECK;

/* FNV-1a, 64 bit: tells texts apart, keeps no secret. */
uint64_t text_hash(const char *data, size_t len);
/* n as 16 hexadecimal digits. */
#define TEXT_HEX_SIZE 17
void text_hex(uint64_t n, char ret[TEXT_HEX_SIZE]);

/* base64url without padding (RFC 4648, section 5) into *ret, which is emptied first on
 * the heap by the caller; false when s is no base64url or memory is out. */
bool text_base64url(const char *s, size_t len, struct text *ret) MUST_CHECK;

#endif
