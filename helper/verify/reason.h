/* Why a token is refused: each reason has a word of its own.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_REASON_H
#define MI_TOKEN_HELPER_VERIFY_REASON_H

#include <stdbool.h>

#include "base/err.h"

enum reason {
	REASON_NONE, /* it is good */

	/* Nothing is said about the token: its keys cannot be had or trusted, or memory is
	 * out. The error's code tells which. */
	REASON_KEYS,

	/* What it is made of. */
	REASON_EMPTY,
	REASON_LARGE,
	REASON_MALFORMED,
	REASON_ENCRYPTED,
	REASON_NESTED,
	REASON_DUPLICATE,
	REASON_CLAIM,

	/* Its header. */
	REASON_ALG_NONE,
	REASON_ALG_HMAC,
	REASON_ALG,
	REASON_TYPE,
	REASON_CRIT,
	REASON_B64,
	REASON_ZIP,
	REASON_JWK,
	REASON_JKU,
	REASON_X5U,
	REASON_X5C,
	REASON_NONCE,
	REASON_NO_KID,

	/* Who it is from and for, and when. */
	REASON_ISSUER,
	REASON_TENANT,
	REASON_VERSION,
	REASON_AUDIENCE,
	REASON_SLASH,
	REASON_FOREIGN,
	REASON_EXPIRED,
	REASON_EARLY,
	REASON_FUTURE,
	REASON_NO_CLIENT,
	REASON_BOUND,

	/* Its key and signature. */
	REASON_KID,
	REASON_KEY_TYPE,
	REASON_KEY_ALG,
	REASON_KEY_WEAK,
	REASON_KEY_ISSUER,
	REASON_SIGNATURE_LENGTH,
	REASON_SIGNATURE,

	/* It is genuine, but not allowed in. */
	REASON_APPID,
	REASON_OID,
	REASON_ROLE,
	REASON_USER,

	REASON_COUNT
};

struct reason_row {
	const char *word;  /* stands in messages, and in the manual */
	const char *about; /* for whoever sent the token: no value of his, none of ours */
	bool is_policy;    /* genuine, but not allowed in: 403 instead of 401 */
};

/* The row of any reason from REASON_EMPTY on. */
const struct reason_row *reason_row(enum reason r);

/* Fills the error with code MITOK_E_DENIED and the reason's word, and returns the reason. */
enum reason reason_refuse(struct mitok_err *e, enum reason r, const char *fmt, ...)
	ERR_PRINTF(3, 4);
/* What an error of another kind is, such as memory or keys: it stands in *e already. */
enum reason reason_of(enum mitok_code code);

#endif
