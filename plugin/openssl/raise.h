/* Errors where OpenSSL's programs look for them: on the error queue of the calling thread.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_RAISE_H
#define MI_TOKEN_OPENSSL_RAISE_H

#include "base/err.h"
#include "openssl/azkv.h"

/* Only append: programs may know the numbers. raise.c has the words. */
enum reason {
	REASON_FAILED = 1,     /* ours, or out of memory */
	REASON_URI,            /* not the name of a key or certificate in a vault */
	REASON_REFERENCE,      /* not a reference file, or a damaged one */
	REASON_KEY,            /* a key that this operation cannot be done with */
	REASON_NOT_EXPORTABLE, /* the private half of a vault's key was asked for */
	REASON_ALGORITHM, /* a digest, padding or parameter that the vault does not do */
	REASON_SIZE,      /* a buffer or an input of the wrong size */
	REASON_IDENTITY,  /* no token to be had */
	REASON_REFUSED,   /* the vault said no */
	REASON_UNREACHABLE,   /* no answer, or not now */
	REASON_ANSWER,        /* an answer that cannot be trusted */
	REASON_ROTATED,       /* the key's version is not the one that was loaded */
	REASON_CONFIGURATION, /* of mi-token: an administrator must mend it */
	REASON_TOKEN_REFUSED, /* no token, by Entra, by policy or by a pin */
	REASON_TOKEN_LATER,   /* no token for now */
	REASON_MISSING,       /* the vault has no such key or certificate */
};

/* Both return 0, so that raising and returning is one expression. */
int raise_reason(const struct provider *p, enum reason reason, const char *fmt, ...)
	ERR_PRINTF(3, 4);
/* e's message and hint; the reason follows from its code and status. */
int raise_error(const struct provider *p, const struct mitok_err *e);

/* The provider's table for OpenSSL, ended by { 0, NULL }. */
extern const OSSL_ITEM raise_reasons[];

#endif
