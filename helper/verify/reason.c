/* Why a token is refused: each reason has a word of its own.
 * SPDX-License-Identifier: MIT */
#include "reason.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

// clang-format off
static const struct reason_row rows[REASON_COUNT] = {
	[REASON_EMPTY]     = { "empty",      "there is no token", false },
	[REASON_LARGE]     = { "too-large",  "the token is too large", false },
	[REASON_MALFORMED] = { "malformed",  "the token is no signed JSON Web Token", false },
	[REASON_ENCRYPTED] = { "encrypted",  "the token is encrypted", false },
	[REASON_NESTED]    = { "nested",     "the token has another one in it", false },
	[REASON_DUPLICATE] = { "duplicate",  "the token says the same thing twice", false },
	[REASON_CLAIM]     = { "bad-claim",  "a claim of the token cannot be read", false },

	[REASON_ALG_NONE]  = { "alg-none",   "the token has no signature", false },
	[REASON_ALG_HMAC]  = { "alg-hmac",   "the token is signed with a shared secret", false },
	[REASON_ALG]       = { "alg",        "the algorithm of the signature is not accepted", false },
	[REASON_TYPE]      = { "type",       "the token is no access token", false },
	[REASON_CRIT]      = { "crit",       "the token wants an extension that is not known", false },
	[REASON_B64]       = { "b64",        "the token's form is not accepted", false },
	[REASON_ZIP]       = { "zip",        "the token is compressed", false },
	[REASON_JWK]       = { "jwk",        "the token brings a key of its own", false },
	[REASON_JKU]       = { "jku",        "the token says where to fetch its key", false },
	[REASON_X5U]       = { "x5u",        "the token says where to fetch its certificate", false },
	[REASON_X5C]       = { "x5c",        "the token brings a certificate of its own", false },
	[REASON_NONCE]     = { "nonce",      "the token is for Microsoft Graph", false },
	[REASON_NO_KID]    = { "no-kid",     "the token does not name its key", false },

	[REASON_ISSUER]    = { "issuer",     "the issuer of the token is not trusted", false },
	[REASON_TENANT]    = { "tenant",     "the token is from another tenant", false },
	[REASON_VERSION]   = { "version",    "the version of the token is not accepted", false },
	[REASON_AUDIENCE]  = { "audience",   "the token is for another audience", false },
	[REASON_SLASH]     = { "audience-slash", "the audience of the token differs by a slash", false },
	[REASON_FOREIGN]   = { "audience-microsoft", "the token is for a service of Microsoft", false },
	[REASON_EXPIRED]   = { "expired",    "the token has expired", false },
	[REASON_EARLY]     = { "not-yet-valid", "the token is not valid yet", false },
	[REASON_FUTURE]    = { "from-the-future", "the token was issued in the future", false },
	[REASON_NO_CLIENT] = { "no-client",  "the token names no application", false },
	[REASON_BOUND]     = { "bound",      "the token is bound to a key", false },

	[REASON_KID]       = { "unknown-kid", "the key of the token is not known", false },
	[REASON_KEY_TYPE]  = { "key-type",   "the algorithm does not fit the key", false },
	[REASON_KEY_ALG]   = { "key-alg",    "the key is for another algorithm", false },
	[REASON_KEY_WEAK]  = { "key-weak",   "the key is too short", false },
	[REASON_KEY_ISSUER] = { "key-issuer", "the key is another issuer's", false },
	[REASON_SIGNATURE_LENGTH] = { "signature-length", "the signature has not the length it must have", false },
	[REASON_SIGNATURE] = { "signature",  "the signature is wrong", false },

	[REASON_APPID]     = { "appid",      "the application is not allowed", true },
	[REASON_OID]       = { "oid",        "the identity is not allowed", true },
	[REASON_ROLE]      = { "role",       "the token lacks a role", true },
	[REASON_USER]      = { "user",       "the token is not an application's own", true },
};
// clang-format on

const struct reason_row *reason_row(enum reason r)
{
	assert(r >= REASON_EMPTY && r < REASON_COUNT);
	return &rows[r];
}

enum reason reason_refuse(struct mitok_err *e, enum reason r, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)err_set(e, MITOK_E_DENIED, "the token is refused (%s): %s",
		reason_row(r)->word, text);
	return r;
}

enum reason reason_of(enum mitok_code code)
{
	return code ? REASON_KEYS : REASON_NONE;
}
