/* What Entra says of a tenant: its issuer and its keys ("OpenID Connect Discovery 1.0", RFC 7517).
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_DISCOVERY_H
#define MI_TOKEN_HELPER_VERIFY_DISCOVERY_H

#include "keyset.h"

/* How documents are fetched: their text, whatever is in it. Tests have their own. */
struct fetcher {
	void *self;
	enum mitok_code (*get)(
		void *self, const char *url, struct secret *ret, struct mitok_err *e);
};

/* Over https, once, without following. MITOK_E_LATER: nobody is reached, or busy; MITOK_E_REPLY:
 * whoever answers is not to be trusted; MITOK_E_CONF: there is no such document. */
extern const struct fetcher fetcher_real;

/* Whose documents, and who fetches them; all is lent. */
struct discovery {
	const struct fetcher *fetcher;
	const struct crypto *crypto;
	const struct trust *trust;
	enum version version;
};
/* Fetches both. On MITOK_OK gives the keys to the caller, and adds what they were read from, an
 * array, to *ret_text. */
enum mitok_code discovery_fetch(const struct discovery *d, struct keyset **ret,
	struct text *ret_text, struct mitok_err *e) MUST_CHECK;

#endif
