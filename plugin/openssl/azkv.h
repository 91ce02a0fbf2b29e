/* azkv, the OpenSSL provider: what all of one load of it share, and its tables.
 * SPDX-License-Identifier: MIT
 *
 * A program loads the provider once for each library context that wants it. Nothing here
 * opens a file or a connection before a key of a vault is loaded (provider(7)). */
#ifndef MI_TOKEN_OPENSSL_AZKV_H
#define MI_TOKEN_OPENSSL_AZKV_H

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/types.h>
#include <stdatomic.h>
#include <stdbool.h>

struct vault; /* vault.h */

/* Never changed once it is loaded, but for what is made when it is first needed. */
struct provider {
	const OSSL_CORE_HANDLE *handle;
	OSSL_LIB_CTX *app; /* the application's side: for its BIOs alone */
	OSSL_FUNC_core_new_error_fn *new_error;
	OSSL_FUNC_core_set_error_debug_fn *set_error_debug;
	OSSL_FUNC_core_vset_error_fn *vset_error;

	_Atomic(OSSL_LIB_CTX *) inner; /* inner.h */
	struct vault *vault;
	bool allows_tls_rsa; /* `tls-rsa = yes` in the provider's section of openssl.cnf */
};

/* The property string of every algorithm. */
#define AZKV_PROPERTIES "provider=azkv"

/* A parameter of every key in a vault, UTF-8: its canonical URI (uri.h). Others have none. */
#define AZKV_PARAM_URI  "azkv-uri"

/* One table per operation and kind of key, each in the file of its name. */
extern const OSSL_DISPATCH keymgmt_rsa[], keymgmt_ec[];
extern const OSSL_DISPATCH signature_rsa[], signature_ecdsa[];
extern const OSSL_DISPATCH cipher_rsa[];
extern const OSSL_DISPATCH store_loader[];
extern const OSSL_DISPATCH decoder_pem[], decoder_rsa[], decoder_ec[];
extern const OSSL_DISPATCH encoder_pem[], encoder_text[]; /* of either kind */
OSSL_FUNC_provider_get_capabilities_fn groups_tell;

#endif
