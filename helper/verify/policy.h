/* What a token must say to be let in (RFC 7519, section 4.1; Microsoft Learn, "Access token claims
 * reference" and "Secure applications and APIs by validating claims").
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_POLICY_H
#define MI_TOKEN_HELPER_VERIFY_POLICY_H

#include "issuer.h"
#include "token.h"

/* Lists end with NULL; all is lent. */
struct policy {
	const struct trust *trust;    /* whose tokens */
	const char *const *audiences; /* one of these, byte for byte */
	const char *const *appids,
		*const *oids;     /* one of these each; an empty list: any */
	const char *const *roles; /* all of these */
	bool app_only;            /* no token that acts for a user */
	int64_t skew_s;           /* by which clocks may differ */
};
#define SKEW_DEFAULT_S 300
#define SKEW_MAX_S     900

/* What the token says; lent from it. */
struct claims {
	const char *issuer, *audience;
	enum version version;
	char tenant[GUID_SIZE];
	const char *client;       /* appid or azp */
	const char *object;       /* oid; NULL: it has none */
	const char *subject;      /* sub; NULL likewise */
	const char *scopes;       /* scp, which users' tokens have; NULL likewise */
	const struct item *roles; /* an array of texts; NULL likewise */
};

/* Who it is from and for, and when, before its signature is looked at: no key need be fetched for
 * what is refused anyway. The tenant is compared only where it is a GUID. */
enum reason policy_read(const struct policy *p, const struct token *t, int64_t now_s,
	struct claims *ret, struct mitok_err *e) MUST_CHECK;
/* Whether that application may come in, once the signature is known to be good. */
enum reason policy_admit(const struct policy *p, const struct token *t,
	const struct claims *c, struct mitok_err *e) MUST_CHECK;

#endif
