/* base64url as JSON Web Tokens have it: one spelling for the same bytes.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_ENCODING_H
#define MI_TOKEN_HELPER_VERIFY_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The bytes that len characters stand for, at most. */
#define BASE64URL_BYTES(len) ((len) / 4 * 3 + 2)

/* RFC 4648, section 5, without padding as RFC 7515, section 2, wants it. ret has room for
 * BASE64URL_BYTES(len), and NUL is not added. false: another character stands there, also
 * '=', a blank or a line end, or the last one has bits that count for nothing. */
bool base64url_decode(
	const char *s, size_t len, unsigned char *ret, size_t *ret_len) MUST_CHECK;

#endif
