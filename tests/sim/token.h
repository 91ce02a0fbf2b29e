/* Tokens: really signed, cached as the platform does.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_SIM_TOKEN_H
#define MI_TOKEN_TESTS_SIM_TOKEN_H

#include "world.h"

enum token_kind {
	TOKEN_MANAGED, /* a managed identity's, 24 hours */
	TOKEN_APP,     /* an application's, by a federated credential, one hour */
	TOKEN_USER,    /* a person's, in Cloud Shell */
};

struct token {
	struct token *next;
	char *key; /* kind, identity and resource */
	char *text;
	enum token_kind kind;
	int64_t not_before, expires_on;
};

/* Makes the signing key, or a new one in its place: false when the library refuses. */
bool token_start(struct world *w);
void token_forget(struct world *w);

/* The cached token, or a new one; lent until the next reset. NULL: no memory. */
const struct token *token_issue(struct world *w, enum token_kind kind,
	const struct identity *id, const char *resource);
/* Signs these claims; the caller frees. alg: RS256, PS256 or ES256, whose key is then among the
 * public ones. */
char *token_sign(const struct world *w, const char *claims);
char *token_sign_as(const struct world *w, const char *alg, const char *claims);
/* The claims of a token that our key signed and that is well formed; the caller puts it.
 * NULL otherwise. */
struct json_object *token_verify(const struct world *w, const char *jwt);
/* It was made before the last POST /revoke. */
bool token_is_revoked(const struct world *w, struct json_object *claims);
/* The claims, unverified; NULL when it is no JWT. */
struct json_object *token_claims(const char *jwt);
/* The public keys (RFC 7517); issuer NULL: without that member. */
void token_add_jwks(const struct world *w, const char *issuer, struct text *ret);

/* base64 in one line, and base64url without padding (RFC 4648, sections 4 and 5). */
void text_add_base64(struct text *t, const unsigned char *data, size_t len);
void text_add_base64url(struct text *t, const unsigned char *data, size_t len);

/* Whole seconds since the epoch, by the clock of Azure: the scenario's "clock" says how
 * far the machine's is behind it. */
int64_t now_s(void);
void clock_set(int64_t ahead_s);
/* A GUID that looks random and is the same in each run. */
#define GUID_SIZE 37
void make_guid(struct world *w, const char *what, char ret[GUID_SIZE]);

#endif
