/* Secrets: tokens, assertions, headers and answers that hold them; wiped on every way
 * out. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_BASE_SECRET_H
#define MI_TOKEN_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The most that any one secret may hold, in bytes. */
#define SECRET_MAX ((size_t)1024 * 1024)

/* Zero is an empty secret. Only secret_peek() leads to the bytes. */
struct secret {
	char *p; /* NUL-terminated when not NULL */
	size_t len, cap;
};

/* Appends. false: too large or out of memory, and the secret is as before. */
bool secret_add(struct secret *s, const char *data, size_t len) MUST_CHECK;
bool secret_add_text(struct secret *s, const char *text) MUST_CHECK;

/* Makes room for len bytes more and returns where they go; secret_grow() then says how
 * many came. NULL as secret_add(). For reads that need a buffer. */
char *secret_room(struct secret *s, size_t len) MUST_CHECK;
void secret_grow(struct secret *s, size_t len);

/* Lends the bytes, NUL-terminated, until the next change; "" when empty. */
const char *secret_peek(const struct secret *s);

/* Gives the secret away and leaves s empty. */
struct secret secret_move(struct secret *s);

/* Cuts white space and line ends at the end, as editors and echo leave them. */
void secret_trim(struct secret *s);

/* Wipes all of the capacity and frees; s is empty afterwards. */
void secret_wipe(struct secret *s);

#define AUTO_SECRET __attribute__((cleanup(secret_wipe))) struct secret

#endif
