/* A vault for tests: it signs and decrypts with keys made when the test starts, as strictly
 * as the service, and fails when told to. Around it the real provider in a library context
 * of a program. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_TESTS_UNIT_AZKV_FAKE_H
#define MI_TOKEN_TESTS_UNIT_AZKV_FAKE_H

#include <openssl/evp.h>
#include <openssl/types.h>

#include "openssl/raise.h"
#include "../test.h"

#define FAKE_VAULT   "myvault.vault.azure.net"
#define FAKE_HSM     "myhsm.managedhsm.azure.net"
#define FAKE_VERSION "0123456789abcdef0123456789abcdef"

enum fake_fault {
	FAKE_GOOD,
	FAKE_NOISY,       /* leaves an error on the queue, and succeeds */
	FAKE_SHORT,       /* the answer's last byte is missing */
	FAKE_LONG,        /* a zero byte in front */
	FAKE_EMPTY,       /* an answer without a byte */
	FAKE_HUGE,        /* as many bytes as the modulus has, and more */
	FAKE_FLIPPED,     /* one bit is wrong */
	FAKE_ZERO_R,      /* EC: r is zero */
	FAKE_ZERO_S,      /* EC: s is zero */
	FAKE_ORDER,       /* EC: s has the order added */
	FAKE_OTHER_KEY,   /* another key of this kind did it */
	FAKE_OTHER_SALT,  /* RSA: PSS with a salt of 20 bytes */
	FAKE_REFUSED,     /* 403 */
	FAKE_BAD,         /* 400 */
	FAKE_NO_TOKEN,    /* 400, by the token's source */
	FAKE_UNREACHABLE, /* no answer */
	FAKE_ROTATED,     /* another version answered, says the client */
};

/* What the vault saw. Each request counts, and the last is remembered. */
struct fake_seen {
	unsigned requests;
	char operation[16], algorithm[16];
	size_t value_len;
	unsigned char value[1024];
};

/* Call first and last. The program's context has OpenSSL's provider first, then azkv. */
void fake_start(void);
void fake_end(void);
extern OSSL_LIB_CTX *fake_program; /* where azkv is loaded */
extern OSSL_PROVIDER *fake_azkv;   /* there */
extern OSSL_LIB_CTX *fake_plain; /* where it is not: with this signatures are verified */

/* A program whose openssl.cnf has these lines in azkv's section; the caller's. */
OSSL_LIB_CTX *fake_configured(const char *lines);

/* What the next requests meet; forgets what was seen, and empties the error queue. */
void fake_reset(enum fake_fault fault);
struct fake_seen fake_seen(void);

/* Keys by name: rsa2048 rsa3072 p256 p256k p384 p521. */
extern const char *const fake_names[];
#define FAKE_NAMES 6
size_t fake_index(const char *name);
extern EVP_PKEY *fake_keys[FAKE_NAMES];   /* in fake_plain */
extern EVP_PKEY *fake_others[FAKE_NAMES]; /* of the same kinds; NULL for rsa3072 */
bool fake_is_rsa(const char *name);
/* Each is the caller's. Of a host: loaded through azkv. */
EVP_PKEY *fake_key(const char *host, const char *name);
EVP_PKEY *fake_key_in(OSSL_LIB_CTX *program, const char *host, const char *name);
EVP_PKEY *fake_foreign(const char *name); /* all of it, in the program, brought to azkv */
EVP_PKEY *fake_whole(const char *name);   /* all of it, in fake_plain */
EVP_PKEY *fake_public(const char *name);  /* in fake_plain */
/* The key of another context, or part of it, in `to`. */
EVP_PKEY *fake_copy(
	EVP_PKEY *from, int selection, OSSL_LIB_CTX *to, const char *properties);

/* Takes the reason that we raised last from the queue, and empties it; 0: none was raised. */
int fake_reason(void);
/* The queue holds nothing. */
bool fake_is_quiet(void);

#endif
