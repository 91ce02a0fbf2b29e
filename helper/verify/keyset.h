/* The keys of an issuer (RFC 7517, section 5), shared by threads.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_KEYSET_H
#define MI_TOKEN_HELPER_VERIFY_KEYSET_H

#include <stdatomic.h>

#include "issuer.h"
#include "jwk.h"

struct keyset {
	atomic_uint users;
	char tenant[GUID_SIZE]; /* whose it is */
	struct jwk *keys;
};

/* The most keys that are looked at; Entra has about ten. */
#define KEYSET_MAX 128

/* Reads {"keys": [...]}. MITOK_E_REPLY when it is none, a key in it is nonsense or private, two
 * different ones have the same id, or none is there to verify tokens with. On MITOK_OK gives
 * *ret to the caller. */
enum mitok_code keyset_read(const struct crypto *c, const struct json *document,
	struct keyset **ret, struct mitok_err *e) MUST_CHECK;
struct keyset *keyset_share(struct keyset *s); /* one more user */
void keyset_free(struct keyset *s);            /* one less; s may be NULL */

bool keyset_has(const struct keyset *s, const char *kid);
/* The key of that id, and of that issuer when it says whose it is: Entra writes "{tenantid}" for
 * every tenant. NULL, and why. */
struct jwk *keyset_find(const struct keyset *s, const char *kid, const char *issuer,
	enum reason *why, struct mitok_err *e) MUST_CHECK;

#endif
