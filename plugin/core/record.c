/* The text format of a cache file: a key, typed fields, a checksum.
 * SPDX-License-Identifier: MIT */
#include "core/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FIRST_LINE "mi-token cache 1\n"
#define SUM_LINE   (sizeof("sum 0123456789abcdef\n") - 1)

/* The last line, for all bytes before it. */
static void sum_line(const char *data, size_t len, char ret[SUM_LINE + 1])
{
	memcpy(ret, "sum ", 4);
	text_hex(text_hash(data, len), ret + 4);
	memcpy(ret + SUM_LINE - 1, "\n", 2);
}

static bool add_line(struct secret *s, const char *name, const char *value, size_t len)
{
	return secret_add_text(s, name) && secret_add(s, " ", 1) &&
		secret_add(s, value, len) && secret_add(s, "\n", 1);
}

static bool add_number(struct secret *s, const char *name, int64_t n)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, n);
	return add_line(s, name, digits, strlen(digits));
}

static bool add_field(struct secret *s, const struct record_field *f, const void *base)
{
	const void *at = (const char *)base + f->offset;
	const struct secret *secret = at;
	const struct text *bytes = at;
	const char *text = at;

	switch (f->kind) {
	case RECORD_TEXT:
		return add_line(s, f->name, text, strlen(text));
	case RECORD_NUMBER:
		return add_number(s, f->name, *(const int64_t *)at);
	case RECORD_CODE:
		return add_number(s, f->name, *(const int *)at);
	case RECORD_SECRET:
		return add_line(s, f->name, secret_peek(secret), secret->len);
	case RECORD_BYTES:
		return add_number(s, f->name, (int64_t)bytes->len) &&
			secret_add(s, text_peek(bytes), bytes->len) &&
			secret_add(s, "\n", 1);
	}
	return false;
}

bool record_format(const struct record_field *fields, const char *key, const void *base,
	struct secret *ret)
{
	AUTO_SECRET file = { 0 };
	char sum[SUM_LINE + 1];

	if (!secret_add_text(&file, FIRST_LINE) ||
		!add_line(&file, "key", key, strlen(key)))
		return false;
	for (; fields->name; fields++)
		if (!add_field(&file, fields, base))
			return false;
	sum_line(secret_peek(&file), file.len, sum);
	if (!secret_add_text(&file, sum))
		return false;
	*ret = secret_move(&file);
	return true;
}

/* What is left of the file, without its checksum. */
struct rest {
	const char *at, *end;
};

/* Takes "<name> <value>\n"; the value is lent. */
static bool take_line(struct rest *r, const char *name, const char **ret, size_t *ret_len)
{
	size_t n = strlen(name), left = (size_t)(r->end - r->at);
	const char *eol;

	if (left <= n + 1 || memcmp(r->at, name, n) != 0 || r->at[n] != ' ')
		return false;
	eol = memchr(r->at, '\n', left);
	if (!eol)
		return false;
	*ret = r->at + n + 1;
	*ret_len = (size_t)(eol - *ret);
	r->at = eol + 1;
	return true;
}

static bool take_number(
	const char *value, size_t len, int64_t min, int64_t max, int64_t *ret)
{
	char digits[24];

	if (len >= sizeof(digits))
		return false;
	memcpy(digits, value, len);
	digits[len] = '\0';
	return text_to_number(digits, min, max, ret);
}

static bool take_text(const char *value, size_t len, char *dst, size_t size)
{
	if (len >= size || memchr(value, '\0', len))
		return false;
	memcpy(dst, value, len);
	dst[len] = '\0';
	return text_is_utf8(dst, len) && !text_has_control(dst);
}

/* The bytes, of which there are that many and more. */
static bool take_bytes(struct rest *r, size_t len, struct text *ret)
{
	text_add_bytes(ret, r->at, len);
	r->at += len;
	return *r->at++ == '\n' && text_ok(ret);
}

static bool take_field(struct rest *r, const struct record_field *f, void *base)
{
	void *at = (char *)base + f->offset;
	const char *value;
	int64_t n = 0;
	size_t len;

	if (!take_line(r, f->name, &value, &len))
		return false;
	switch (f->kind) {
	case RECORD_TEXT:
		return take_text(value, len, at, f->size);
	case RECORD_NUMBER:
		return take_number(value, len, INT64_MIN, INT64_MAX, at);
	case RECORD_CODE:
		if (!take_number(value, len, INT32_MIN, INT32_MAX, &n))
			return false;
		*(int *)at = (int)n;
		return true;
	case RECORD_SECRET:
		return !memchr(value, '\0', len) && secret_add(at, value, len);
	case RECORD_BYTES:
		return take_number(value, len, 0, r->end - r->at - 1, &n) &&
			take_bytes(r, (size_t)n, at);
	}
	return false;
}

bool record_parse(const struct record_field *fields, const char *key,
	const struct secret *file, void *base)
{
	size_t first = strlen(FIRST_LINE), found_len;
	const char *bytes = secret_peek(file), *found;
	char sum[SUM_LINE + 1];
	struct rest r;

	if (file->len < first + SUM_LINE || memcmp(bytes, FIRST_LINE, first) != 0)
		return false;
	r = (struct rest){ bytes + first, bytes + file->len - SUM_LINE };
	sum_line(bytes, file->len - SUM_LINE, sum);
	if (memcmp(r.end, sum, SUM_LINE) != 0 ||
		!take_line(&r, "key", &found, &found_len))
		return false;
	if (key && (found_len != strlen(key) || memcmp(found, key, found_len) != 0))
		return false;
	for (; fields->name; fields++)
		if (!take_field(&r, fields, base))
			return false;
	return r.at == r.end;
}
