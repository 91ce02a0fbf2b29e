/* One authorised call: token, retries, and what became of it.
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_OPENSSL_VAULT_CALL_H
#define MI_TOKEN_OPENSSL_VAULT_CALL_H

#include "openssl/uri.h"
#include "openssl/vault-state.h"

/* What can be done there, in the words of sentences and of the service. */
struct vault_verb {
	const char *words;      /* "cannot <words> azkv://..." */
	const char *collection; /* of the path: "keys" */
	const char *permission; /* of access policies and of the path: "sign" */
};
extern const struct vault_verb vault_verb_key, vault_verb_keys, vault_verb_certificate,
	vault_verb_certificates, vault_verb_secret;
/* "sign", "decrypt"; NULL: nothing of that name can be done. */
const struct vault_verb *vault_verb_find(const char *operation);

struct vault_call {
	const struct vault_verb *verb;
	const struct uri *object;  /* its host is complete */
	const char *path;          /* and query, as they are sent */
	const struct secret *body; /* JSON to POST; NULL: GET */
	int64_t deadline_ms;       /* of CLOCK_BOOTTIME */
};

/* Of everything that is asked (Microsoft Learn, "Key Vault REST API": mandatory). */
#define VAULT_API_VERSION "api-version=7.4"

/* *ret gets the body of an answer with status 200. GET, sign and decrypt change nothing, so
 * they are tried up to three times. A failure is remembered for a second. */
enum mitok_code vault_call_send(struct vault *v, const struct vault_call *c,
	struct secret *ret, struct mitok_err *e) MUST_CHECK;

/* "cannot sign with azkv://HOST/keys/NAME" in front of what *e says. */
enum mitok_code vault_call_within(
	const struct vault_call *c, enum mitok_code code, struct mitok_err *e);

#endif
