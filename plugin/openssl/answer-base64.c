/* base64 as vaults write it: with the safe alphabet for values, with the usual one for
 * certificates. SPDX-License-Identifier: MIT */
#include <string.h>

#include "openssl/answer-parts.h"

static const char safe[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The value of a digit; marks: the last two digits of the alphabet. */
static int digit(char c, const char marks[3])
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == marks[0] ? 62 : c == marks[1] ? 63 : -1;
}

/* Without padding, and the bits that are left over must be 0, so that there is one
 * spelling. *ret_len bytes, at most len / 4 * 3 + 2. */
static bool decode(
	const char *s, size_t len, const char marks[3], char *ret, size_t *ret_len)
{
	unsigned bits = 0, count = 0;
	size_t n = 0;

	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		int value = digit(s[i], marks);

		if (value < 0)
			return false;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			ret[n++] = (char)(bits >> count & 0xff);
		}
	}
	*ret_len = n;
	return (bits & ((1u << count) - 1)) == 0;
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
