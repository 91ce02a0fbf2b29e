/* Whose tokens are believed: the issuers and authorities of Entra, by cloud.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_VERIFY_ISSUER_H
#define MI_TOKEN_HELPER_VERIFY_ISSUER_H

#include <stdbool.h>

#include "base/text.h"

#define GUID_SIZE 37

/* A token's version is that of the application it is for, whoever asked for it. */
enum version {
	VERSION_1,
	VERSION_2,
	VERSION_COUNT
};

struct cloud {
	const char *name;
	const char *authority;    /* where its documents are */
	const char *v1, *v2;      /* what issuers begin with */
	const char *const *hosts; /* where keys may lie, ended by NULL */
};
extern const struct cloud clouds[];                /* ended by name NULL */
const struct cloud *cloud_named(const char *name); /* NULL: there is none */

/* One tenant of one cloud. */
struct trust {
	const struct cloud *cloud;
	char tenant[256]; /* in small letters */
	bool is_guid; /* the tenant is a GUID; else a domain, whose GUID Entra tells */
	bool versions[VERSION_COUNT]; /* which are believed */
};

/* The options --tenant, --issuer and --cloud, NULL where there is none. MITOK_E_ARG says what is
 * wrong with them. */
enum mitok_code trust_set(const char *tenant, const char *issuer, const char *cloud,
	struct trust *ret, struct mitok_err *e) MUST_CHECK;

/* An issuer as it stands in tokens, and the version and tenant (in small letters) that it stands
 * for; false when it is none of this cloud's, byte for byte. */
#define ISSUER_SIZE 128
void issuer_format(const struct cloud *c, enum version v, const char guid[GUID_SIZE],
	char ret[ISSUER_SIZE]);
bool issuer_parse(const struct cloud *c, const char *issuer, enum version *ret,
	char ret_guid[GUID_SIZE]) MUST_CHECK;

/* Where the OpenID configuration lies ("OpenID Connect Discovery 1.0", section 4). */
void trust_add_url(const struct trust *t, enum version v, struct text *ret);
/* https, at one of the cloud's authorities, on its own port, and nothing odd in it. */
bool cloud_has_url(const struct cloud *c, const char *url);

#endif
