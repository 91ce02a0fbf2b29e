/* Texts that are no secrets: growing buffers, strict parsers, locale-free predicates.
 * SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/eight.h"

static bool reserve(struct text *t, size_t len)
{
	size_t cap = t->cap ? t->cap : 128;
	char *p;

	if (t->failed || len > TEXT_MAX - t->len) {
		t->failed = true;
		return false;
	}
	while (cap < t->len + len + 1)
		cap *= 2;
	if (cap == t->cap)
		return true;
	p = realloc(t->p, cap);
	if (!p) {
		t->failed = true;
		return false;
	}
	t->p = p;
	t->cap = cap;
	return true;
}

void text_add_bytes(struct text *t, const char *s, size_t len)
{
	if (!reserve(t, len))
		return;
	if (len)
		memcpy(t->p + t->len, s, len);
	t->len += len;
	t->p[t->len] = '\0';
}

void text_add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

void text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		t->failed = true;
	else if (reserve(t, (size_t)n)) {
		(void)vsnprintf(t->p + t->len, (size_t)n + 1, fmt, again);
		t->len += (size_t)n;
	}
	va_end(again);
}

void text_add_url(struct text *t, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		char code[3] = { '%', hex[c >> 4], hex[c & 15] };

		if (text_is_digit(*s) ||
			(text_lower(*s) >= 'a' && text_lower(*s) <= 'z') ||
			strchr("-._~", *s))
			text_add_bytes(t, s, 1);
		else
			text_add_bytes(t, code, sizeof(code));
	}
}

void text_add_shown_url(struct text *t, const char *url)
{
	const char *host = strstr(url, "://"), *user;
	size_t len;

	host = host ? host + strlen("://") : url;
	text_add_bytes(t, url, (size_t)(host - url));
	len = strcspn(host, "/?#");
	while ((user = memchr(host, '@', len))) {
		len -= (size_t)(user + 1 - host);
		host = user + 1;
	}
	text_add_bytes(t, host, strcspn(host, "?#"));
}

static bool is_plain(char c)
{
	return text_is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'z') ||
		(c && strchr("/._-:=,@%+", c));
}

void text_add_word(struct text *t, const char *s)
{
	bool needs_quotes = !*s;

	for (const char *p = s; *p; p++)
		needs_quotes |= !is_plain(*p);
	text_add(t, needs_quotes ? "'" : "");
	for (; *s; s++) {
		if (*s == '\'')
			text_add(t, "'\\''");
		else
			text_add_bytes(
				t, (unsigned char)*s < 0x20 || *s == 0x7f ? "?" : s, 1);
	}
	text_add(t, needs_quotes ? "'" : "");
}

void text_add_json(struct text *t, const char *s)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

	text_add(t, "\"");
	for (; *s; s++) {
		const char *at = strchr(from, *s);

		if (at)
			text_addf(t, "\\%c", to[at - from]);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			text_addf(t, "\\u%04x", (unsigned char)*s);
		else
			text_add_bytes(t, s, 1);
	}
	text_add(t, "\"");
}

bool text_ok(const struct text *t)
{
	return !t->failed;
}

const char *text_peek(const struct text *t)
{
	return t->p ? t->p : "";
}

char *text_move(struct text *t)
{
	char *p;

	text_add(t, "");
	p = t->failed ? NULL : t->p;
	if (t->failed)
		free(t->p);
	*t = (struct text){ 0 };
	return p;
}

void text_free(struct text *t)
{
	free(t->p);
	*t = (struct text){ 0 };
}

void text_cleanup_free(void *pointer_to_pointer)
{
	void *p;

	memcpy(&p, pointer_to_pointer, sizeof(p));
	free(p);
}

/* The length of the UTF-8 character at s (RFC 3629, section 4), or 0 when it is none. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80                ? 1
		: s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		: (s[0] & 0xf0) == 0xe0       ? 3
		: s[0] >= 0xf0 && s[0] < 0xf5 ? 4
					      : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

bool text_is_utf8(const char *s, size_t len)
{
	size_t n;

	for (; len; s += n, len -= n) {
		n = utf8_length((const unsigned char *)s, len);
		if (n == 0)
			return false;
	}
	return true;
}

/* RFC 7519's alphabet, from what every JSON header begins with in base64url. Behind the
 * end nothing is left of it either. */
static void hide_tokens(char *s)
{
	while ((s = strstr(s, "eyJ"))) {
		const char *rest = s +
			strspn(s,
				"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789-_.=");
		size_t kept = strlen(rest);

		memcpy(s, "***", 3);
		s += 3;
		memmove(s, rest, kept);
		memset(s + kept, '\0', (size_t)(rest - s));
	}
}

void text_clean(char *s)
{
	size_t left, n;

	hide_tokens(s);
	left = strlen(s);

	for (; left; s += n, left -= n) {
		n = utf8_length((const unsigned char *)s, left);
		if (n == 0 || (unsigned char)*s < 0x20 || *s == 0x7f) {
			n = 1;
			*s = '?';
		} else if (n == 2 && (unsigned char)s[0] == 0xc2 &&
			(unsigned char)s[1] < 0xa0) {
			s[0] = s[1] = '?'; /* C1 controls drive terminals too */
		}
	}
}

/* Tokens are long and asked about for each request. */
bool text_has_control(const char *s)
{
	size_t len = strlen(s);

	for (; len >= 8; s += 8, len -= 8) {
		uint64_t x = eight_read(s);

		if (eight_has_below(x, 0x20) || eight_has(x, 0x7f))
			return true;
	}
	for (; len; s++, len--)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

bool text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int text_hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, text_lower(c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

char text_lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool text_equal_nocase(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && text_starts_nocase(a, b);
}

bool text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_starts_nocase(const char *s, const char *prefix)
{
	for (; *prefix; s++, prefix++)
		if (text_lower(*s) != text_lower(*prefix))
			return false;
	return true;
}

bool text_ends_nocase(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && text_starts_nocase(s + n - m, suffix);
}

bool text_is_guid(const char *s)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; shape[i]; i++) {
		bool hex = text_is_digit(s[i]) ||
			(text_lower(s[i]) >= 'a' && text_lower(s[i]) <= 'f');

		if (shape[i] == 'x' ? !hex : s[i] != '-')
			return false;
	}
	return s[i] == '\0';
}

bool text_copy(char *dst, size_t size, const char *src)
{
	size_t len = strlen(src);

	if (len >= size) {
		dst[0] = '\0';
		return false;
	}
	memcpy(dst, src, len + 1);
	return true;
}

bool text_to_number(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = *s == '-';
	int64_t n = 0;

	s += negative;
	if (!*s)
		return false;
	for (; *s; s++) {
		if (!text_is_digit(*s) || __builtin_mul_overflow(n, 10, &n) ||
			__builtin_sub_overflow(n, *s - '0', &n))
			return false;
	}
	if (!negative && n == INT64_MIN)
		return false;
	n = negative ? n : -n;
	if (n < min || n > max)
		return false;
	*ret = n;
	return true;
}

bool text_to_ms(const char *s, int64_t *ret)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	char digits[16];
	size_t n = strspn(s, "0123456789");
	int64_t value;

	if (n >= sizeof(digits))
		return false;
	memcpy(digits, s, n);
	digits[n] = '\0';
	if (!text_to_number(digits, 1, 86400000, &value))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(s + n, units[i].name) == 0 &&
			value <= 86400000 / units[i].ms) {
			*ret = value * units[i].ms;
			return true;
		}
	return false;
}

uint64_t text_hash(const char *data, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)data[i]) * UINT64_C(1099511628211);
	return h;
}

void text_hex(uint64_t n, char ret[TEXT_HEX_SIZE])
{
	for (int i = TEXT_HEX_SIZE - 2; i >= 0; i--, n >>= 4)
		ret[i] = "0123456789abcdef"[n & 15];
	ret[TEXT_HEX_SIZE - 1] = '\0';
}

static int base64url_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool text_base64url(const char *s, size_t len, struct text *ret)
{
	unsigned bits = 0, count = 0;

	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		int digit = base64url_digit(s[i]);

		if (digit < 0)
			return false;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		count += 6;
		if (count >= 8) {
			char byte = (char)(bits >> (count - 8));

			count -= 8;
			text_add_bytes(ret, &byte, 1);
		}
	}
	return (bits & ((1u << count) - 1)) == 0 && text_ok(ret);
}
