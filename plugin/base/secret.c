/* Secrets: tokens, assertions, headers and answers that hold them; wiped on every way
 * out. SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Never realloc(): it may give the old block back with the bytes still in it. */
static bool reserve(struct secret *s, size_t len)
{
	size_t cap = s->cap ? s->cap : 256;
	char *p;

	if (len > SECRET_MAX - s->len)
		return false;
	while (cap < s->len + len + 1)
		cap *= 2;
	if (cap == s->cap)
		return true;
	p = malloc(cap);
	if (!p)
		return false;
	if (s->len)
		memcpy(p, s->p, s->len);
	p[s->len] = '\0';
	if (s->p) {
		explicit_bzero(s->p, s->cap);
		free(s->p);
	}
	s->p = p;
	s->cap = cap;
	return true;
}

char *secret_room(struct secret *s, size_t len)
{
	return reserve(s, len) ? s->p + s->len : NULL;
}

void secret_grow(struct secret *s, size_t len)
{
	assert(len < s->cap - s->len);
	s->len += len;
	s->p[s->len] = '\0';
}

bool secret_add(struct secret *s, const char *data, size_t len)
{
	if (!reserve(s, len))
		return false;
	if (len)
		memcpy(s->p + s->len, data, len);
	secret_grow(s, len);
	return true;
}

bool secret_add_text(struct secret *s, const char *text)
{
	return secret_add(s, text, strlen(text));
}

const char *secret_peek(const struct secret *s)
{
	return s->p ? s->p : "";
}

struct secret secret_move(struct secret *s)
{
	struct secret given = *s;

	*s = (struct secret){ 0 };
	return given;
}

void secret_trim(struct secret *s)
{
	while (s->len && s->p[s->len - 1] && strchr(" \t\r\n", s->p[s->len - 1]))
		s->p[--s->len] = '\0';
}

void secret_wipe(struct secret *s)
{
	if (s->p) {
		explicit_bzero(s->p, s->cap);
		free(s->p);
	}
	*s = (struct secret){ 0 };
}
