/* base64 as vaults write it: with the safe alphabet for values, with the usual one for
 * certificates. SPDX-License-Identifier: MIT */
#include <string.h>

#include "openssl/answer-parts.h"

static const char safe[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The value of each digit, and of all else one that no digit has; marks: the last two digits
 * of the alphabet. */
#define NO_DIGIT 0xff
struct alphabet {
	unsigned char values[256];
};

static void alphabet_make(struct alphabet *ret, const char marks[3])
{
	memset(ret->values, NO_DIGIT, sizeof(ret->values));
	for (unsigned char i = 0; i < 62; i++)
		ret->values[(unsigned char)safe[i]] = i;
	ret->values[(unsigned char)marks[0]] = 62;
	ret->values[(unsigned char)marks[1]] = 63;
}

/* Four digits, or up to three at the end with nothing for the rest; false: not digits. */
static bool take_digits(
	const struct alphabet *a, const char *s, size_t count, unsigned *ret_bits)
{
	unsigned values[4] = { 0 };

	for (size_t i = 0; i < count; i++)
		values[i] = a->values[(unsigned char)s[i]];
	*ret_bits = values[0] << 18 | values[1] << 12 | values[2] << 6 | values[3];
	return (values[0] | values[1] | values[2] | values[3]) < 64;
}

/* Without padding, and the bits that are left over must be 0, so that there is one
 * spelling. *ret_len bytes, at most len / 4 * 3 + 2. */
static bool decode(
	const char *s, size_t len, const char marks[3], char *ret, size_t *ret_len)
{
	size_t rest = len % 4, n = 0;
	struct alphabet a;
	unsigned bits;

	if (rest == 1)
		return false;
	alphabet_make(&a, marks);
	for (const char *end = s + len - rest; s < end; s += 4) {
		if (!take_digits(&a, s, 4, &bits))
			return false;
		ret[n++] = (char)(bits >> 16 & 0xff);
		ret[n++] = (char)(bits >> 8 & 0xff);
		ret[n++] = (char)(bits & 0xff);
	}
	if (rest) {
		if (!take_digits(&a, s, rest, &bits))
			return false;
		ret[n++] = (char)(bits >> 16 & 0xff);
		if (rest == 3)
			ret[n++] = (char)(bits >> 8 & 0xff);
		if (bits & (rest == 3 ? 0xff : 0xffff))
			return false;
	}
	*ret_len = n;
	return true;
}

static enum mitok_code decode_secret(const char *text, size_t len, const char marks[3],
	struct secret *ret, struct mitok_err *e)
{
	AUTO_SECRET value = { 0 };
	size_t got = 0;
	char *room = secret_room(&value, len / 4 * 3 + 2);
	bool good = room && decode(text, len, marks, room, &got);

	if (!room)
		return err_memory(e);
	/* what came before a wrong digit is wiped with the rest */
	if (!good)
		return err_set(e, MITOK_E_REPLY, "a value that is no base64");
	secret_grow(&value, got);
	*ret = secret_move(&value);
	return MITOK_OK;
}

/* Whole groups of four may have up to two signs at the end that stand for nothing. */
static size_t length_without_padding(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len % 4)
		return len;
	len -= text[len - 1] == '=';
	len -= text[len - 1] == '=';
	return len;
}

enum mitok_code answer_decode(const char *text, struct secret *ret, struct mitok_err *e)
{
	return decode_secret(text, length_without_padding(text), "-_", ret, e);
}

enum mitok_code answer_decode_standard(
	const char *text, struct secret *ret, struct mitok_err *e)
{
	if (strlen(text) % 4)
		return err_set(e, MITOK_E_REPLY, "a value that is no base64");
	return decode_secret(text, length_without_padding(text), "+/", ret, e);
}

void answer_encode(const unsigned char *data, size_t len, struct text *ret)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned bits = (unsigned)data[i] << 16;
		char digits[4];

		if (n > 1)
			bits |= (unsigned)data[i + 1] << 8;
		if (n > 2)
			bits |= data[i + 2];
		for (size_t d = 0; d < sizeof(digits); d++)
			digits[d] = safe[bits >> (18 - 6 * d) & 63];
		text_add_bytes(ret, digits, n + 1);
	}
}
