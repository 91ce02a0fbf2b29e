/* OpenSSL with our provider, as every program that is configured for it has it, but in a
 * context that no configuration has touched. SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_HELPER_AZKV_LIBRARY_H
#define MI_TOKEN_HELPER_AZKV_LIBRARY_H

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/types.h>

#include "../report/report.h"
#include "azkv.h"

struct library {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *theirs, *ours; /* "default" before azkv */
	/* Of the configuration: token-identity, or ""; and whose digests and keys come first
	 * for programs that do not say whose they want, "" when nobody's. */
	char identity[600], digests[64], keys[64];
};

/* The path of azkv.so when it is beside this program in a build tree; "" when OpenSSL finds it
 * by its name. An error where there is none: a program that is told to load a provider that
 * is not there does not start. */
enum mitok_code library_find(char ret[PATH_MAX], struct mitok_err *e) MUST_CHECK;

/* azkv.so is that of this build or prefix, or else where OpenSSL looks. Free it in every
 * case. */
enum mitok_code library_load(struct library *ret, struct mitok_err *e) MUST_CHECK;
/* The same with OpenSSL's configuration alone, as programs have it; ctx is there after a
 * failure, too. MITOK_OK without azkv when nothing is wrong but that it is not named. */
enum mitok_code library_configure(struct library *ret, struct mitok_err *e) MUST_CHECK;
void library_free(struct library *l); /* and it is as before it was loaded */
/* Tells in which order programs ask the providers, azkv among them; an error is still to be
 * told. */
enum mitok_code library_report(
	const struct library *l, struct report *rep, struct mitok_err *e) MUST_CHECK;
const char *library_version(const struct library *l); /* of azkv */
#define AUTO_LIBRARY __attribute__((cleanup(library_free))) struct library

/* What a person typed as a URI for OpenSSL: an https identifier gets its scheme, an identity
 * its option. A name of a file stays what it is. */
enum mitok_code library_name(const struct options *o, const char *typed, struct text *ret,
	struct mitok_err *e) MUST_CHECK;

/* Opens what the URI or file has of one kind (OSSL_STORE_INFO_PKEY, ..._CERT), and calls
 * each() for every one. None at all is an error. */
struct library_ask {
	const char *name;
	int kind;
	bool (*each)(void *arg, OSSL_STORE_INFO *info);
	void *arg;
};
enum mitok_code library_read(
	struct library *l, const struct library_ask *ask, struct mitok_err *e) MUST_CHECK;
/* The one private key; *ret is the caller's. */
enum mitok_code library_read_key(struct library *l, const char *name, EVP_PKEY **ret,
	struct mitok_err *e) MUST_CHECK;

/* What is written to memory first. */
void library_free_bio(BIO **bio);
#define AUTO_BIO __attribute__((cleanup(library_free_bio))) BIO *

/* Empties OpenSSL's error queue into *e: what azkv said, else its first words. */
enum mitok_code library_error(struct mitok_err *e, const char *what) MUST_CHECK;

/* "azkv://...", from a key of ours; false when it is none. */
bool library_key_uri(EVP_PKEY *key, char *ret, size_t size) MUST_CHECK;

#endif
