/* The names of keys and certificates in Key Vault and Managed HSM.
 * SPDX-License-Identifier: MIT
 *
 *   azkv://HOST/keys/NAME[/VERSION][?identity=SELECTOR]
 *   azkv://HOST/certificates/NAME[/VERSION][?identity=SELECTOR][&chain=yes]
 *   azkv://HOST[/]                      everything that can be listed there
 *   azkv:https://HOST/keys/...          an identifier as the portal shows it
 *   managedhsm:HSM:KEY[?version=...]    as Microsoft's provider has it
 *   keyvault:VAULT:KEY[?version=...]    likewise
 *
 * HOST without a dot is completed with the suffix of the machine's cloud. Names and their
 * limits: Microsoft Learn, "Azure Key Vault keys, secrets and certificates overview",
 * "Object identifiers". */
#ifndef MI_TOKEN_OPENSSL_URI_H
#define MI_TOKEN_OPENSSL_URI_H

#include "base/text.h"

enum uri_kind {
	URI_KEY,
	URI_CERTIFICATE,
	URI_LIST,
};

struct uri {
	enum uri_kind kind;
	bool is_hsm;     /* host without a dot: of the scheme managedhsm */
	bool with_chain; /* of a certificate: issuers too, from the secret */
	char host[256];  /* in lower case; no port, no dot at the end */
	char name[128];  /* in lower case; "" of a list */
	char version
		[33]; /* 32 hexadecimal digits in lower case, or "": the current one */
	char identity[600]; /* a selector, or "": by rules, or the default */
};

/* Reads all of text, at most URI_MAX bytes. MITOK_E_ARG: anything that two readers might
 * understand differently: a user, a port but 443, a backslash, a fragment, an option that
 * is unknown or stands twice, percent-encoding outside of a value, control characters. */
#define URI_MAX ((size_t)8 * 1024)
enum mitok_code uri_parse(
	const char *text, struct uri *ret, struct mitok_err *e) MUST_CHECK;

/* A key's identifier in an answer of `host` (kid, sid, id), which must lie on that very
 * host: https://HOST/{keys|certificates|secrets}/NAME[/VERSION]; a secret is that of a
 * URI_CERTIFICATE. identity stays "". Else MITOK_E_REPLY. */
enum mitok_code uri_parse_id(const char *id, const char *host, struct uri *ret,
	struct mitok_err *e) MUST_CHECK;

/* Adds the canonical spelling: azkv://..., and managedhsm:... where the host of one has not
 * been completed yet. Read again, it is the same. */
void uri_format(const struct uri *u, struct text *ret);

#endif
