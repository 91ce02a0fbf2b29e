/* Client assertions: an application proves with a certificate's key who it is (RFC 7523;
 * Microsoft Learn, "Certificate credentials for application authentication").
 * SPDX-License-Identifier: MIT */
#ifndef MI_TOKEN_IO_ASSERTION_H
#define MI_TOKEN_IO_ASSERTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "io/module.h"

/* What is to be signed, and with what. Lent. */
struct assertion_ask {
	const struct secret
		*file;         /* PEM with an RSA key and its certificate, or PKCS#12 */
	const char *password;  /* of either; NULL: none */
	const char *client_id; /* issuer and subject */
	const char *audience;  /* the token endpoint's URL, as it will be asked */
	int64_t now_s;         /* epoch; it holds for ten minutes from then */
	bool has_chain; /* the certificates go with it (x5c), the application's first */
	unsigned flags; /* HTTP_OWN_PROCESS of io/http.h, or 0 */
};

/* A JWT, signed with PS256, that names the certificate by x5t#S256. MITOK_E_CONF when the
 * file cannot be used, with the reason, which goes behind its name: no key or no
 * certificate, another password, a key that is not RSA or not the certificate's. */
enum mitok_code assertion_make(const struct assertion_ask *a, struct secret *ret,
	struct mitok_err *e) MUST_CHECK;

#endif
