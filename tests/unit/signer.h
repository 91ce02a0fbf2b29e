/* An issuer of tokens with keys made at run time: good ones, and whatever else one might send.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_SIGNER_H
#define MI_TOKEN_TESTS_UNIT_SIGNER_H

#include "base/text.h"

enum signer_key {
	SIGNER_RSA,   /* 2048 bits */
	SIGNER_OTHER, /* likewise */
	SIGNER_WEAK,  /* 1024 bits */
	SIGNER_EC,    /* P-256 */
	SIGNER_COUNT
};

/* How bytes are signed. */
enum signer_way {
	SIGNER_RS256,
	SIGNER_PS256,
	SIGNER_PS256_SALTY, /* with a salt that is longer than the digest */
	SIGNER_RS512,
	SIGNER_ES256,
	SIGNER_ES256_DER,  /* as OpenSSL has it, and JWTs have not */
	SIGNER_HS256,      /* with the public key's PEM as the secret */
	SIGNER_HS256_JWKS, /* with its modulus, as in the set of keys */
};

void signer_start(void); /* before anything else */
void signer_end(void);

/* Adds {"kty": ..., "kid": ..., more}; more is "" or begins with a comma. */
void signer_add_jwk(
	enum signer_key key, const char *kid, const char *more, struct text *ret);
/* Adds the signature's bytes. */
void signer_add_signature(enum signer_key key, enum signer_way way, const char *bytes,
	size_t len, struct text *ret);
void signer_add_base64url(const char *bytes, size_t len, struct text *ret);
/* Adds a token of these two JSON texts. */
void signer_add_token(enum signer_key key, enum signer_way way, const char *header,
	const char *claims, struct text *ret);

#endif
